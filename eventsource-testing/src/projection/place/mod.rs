//! Where the events of a scenario go, and what is read there.

mod memory;
mod outside;
mod store;

use std::{
    fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};

use eventsource_core::{
    AdvanceError, EventStore, MemoryStore, Position, ProjectionStoreError, Recorded,
    StoredGeneration, projection::Wanted, runner::ByHand,
};

pub(super) use self::{memory::InMemoryStage, outside::OutsideStage, store::StoreStage};
pub use self::{
    memory::Memory,
    outside::{Outside, Reacting},
    store::InStore,
};
use super::{block::block_on, story::Story};
use crate::scenario::{checks::fold::text_of, report::text::chain};

/// What a look at a read model gives.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// What is expected, as it is shown where it can be.
    Expected(Option<String>),
    Other(String),
}

impl Seen {
    /// What a value is, where another one is expected.
    pub(super) fn of<V: PartialEq + fmt::Debug>(value: &V, expected: &V) -> Self {
        let text = shown(value);
        if value == expected {
            Self::Expected(Some(text))
        } else {
            Self::Other(text)
        }
    }

    pub(super) fn shown(&self) -> Option<&str> {
        match self {
            Self::Expected(text) => text.as_deref(),
            Self::Other(text) => Some(text),
        }
    }
}

/// A value on one line, or on several where it is long.
pub(super) fn shown(value: &dyn fmt::Debug) -> String {
    const ONE_LINE: usize = 100;
    let line = format!("{value:?}");
    if line.len() <= ONE_LINE {
        line
    } else {
        format!("{value:#?}")
    }
}

/// Where what is built lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Memory,
    Transaction,
    Outside,
    Reaction,
}

/// Where a scenario is played, over and over.
pub(super) trait Stage {
    fn kind(&self) -> Kind;

    /// What is seen where nothing was ever done, where that can be told.
    fn untouched(&self) -> Option<Seen> {
        None
    }

    /// A world of its own: the first events of the story are stored, the projection is started for the first time, and the
    /// others are stored behind it.
    fn world(&self, story: &Story, before: usize) -> Result<World<'_>, String>;
}

/// The projection of a world, and the process that it is in.
pub(super) trait Player {
    fn hand(&self) -> &ByHand;

    /// The process is gone, and another one begins.
    fn restart(&mut self) -> Result<(), String>;

    /// What is read.
    fn see(&self) -> Seen;

    /// Has the transaction undone in which this event is, after it; or no more.
    fn undo_at(&self, _: Option<Position>) {}
}

/// A world in which a scenario is played.
pub(super) struct World<'a> {
    pub(super) player: Box<dyn Player + 'a>,
    /// What is built in it.
    pub(super) build: StoredGeneration,
    /// What is to be delivered.
    pub(super) events: Vec<Recorded>,
}

/// An event could not be delivered, or a step not be made.
pub(super) struct Trouble {
    /// Which of those that are to be delivered.
    pub(super) event: Option<usize>,
    pub(super) why: String,
}

impl From<String> for Trouble {
    fn from(why: String) -> Self {
        Self { event: None, why }
    }
}

impl Trouble {
    pub(super) fn of(error: &AdvanceError, batch: &Range<usize>) -> Self {
        match error {
            AdvanceError::Delivery(failure) => Self {
                event: Some(batch.start + failure.index),
                why: chain(&failure.error),
            },
            error => chain(error).into(),
        }
    }
}

/// What came of a step that was made already.
pub(super) enum SameStep {
    Refused,
    Made,
}

impl<'a> World<'a> {
    /// A world in a store of which nothing is kept yet.
    fn begin(
        player: Box<dyn Player + 'a>,
        log: &impl EventStore,
        story: &Story,
        before: usize,
    ) -> Result<Self, String> {
        story.append(log, 0..before)?;
        let build = block_on(player.hand().open())?;
        story.append(log, before..story.events.len())?;
        Self::followed(player, build)
    }

    fn followed(player: Box<dyn Player + 'a>, build: StoredGeneration) -> Result<Self, String> {
        let events = block_on(player.hand().waiting(&build))?;
        Ok(Self {
            player,
            build,
            events,
        })
    }

    /// Delivers a batch and moves the checkpoint behind it.
    pub(super) fn deliver(&mut self, batch: Range<usize>) -> Result<(), Trouble> {
        let events = &self.events[batch.clone()];
        let delivered = self.player.hand().deliver(&mut self.build, events);
        block_on(delivered).map_err(|error| Trouble::of(&error, &batch))
    }

    /// The same to another build.
    pub(super) fn deliver_to(
        &self,
        build: &mut StoredGeneration,
        batch: Range<usize>,
    ) -> Result<(), Trouble> {
        let events = &self.events[batch.clone()];
        let delivered = self.player.hand().deliver(build, events);
        block_on(delivered).map_err(|error| Trouble::of(&error, &batch))
    }

    /// Delivers a batch, and crashes before the checkpoint moves.
    pub(super) fn deliver_and_crash(&mut self, batch: Range<usize>) -> Result<(), Trouble> {
        let events = &self.events[batch.clone()];
        let delivered = self.player.hand().deliver_only(&self.build, events);
        block_on(delivered).map_err(|error| Trouble::of(&error, &batch))?;
        self.player.restart().map_err(Trouble::from)
    }

    /// Delivers a batch in a transaction that is undone after its last event.
    pub(super) fn deliver_and_undo(&mut self, batch: Range<usize>) -> Result<(), Trouble> {
        let events = &self.events[batch.clone()];
        let definition = self.player.hand().definition();
        let is_handled = |event: &&Recorded| match definition.decode(event) {
            Ok(Wanted::Parts(parts)) => parts.parts() > 0,
            _ => false,
        };
        let Some(last) = events.iter().rfind(is_handled) else {
            return Ok(());
        };
        self.player.undo_at(Some(last.position));
        let mut build = self.build.clone();
        let delivered = block_on(self.player.hand().deliver(&mut build, events));
        self.player.undo_at(None);
        match delivered {
            Err(AdvanceError::Delivery(failure))
                if events[failure.index].position == last.position =>
            {
                Ok(())
            }
            Err(error) => Err(Trouble::of(&error, &batch)),
            Ok(()) => {
                let why = "the transaction was made, although a handler failed";
                Err(why.to_owned().into())
            }
        }
    }

    /// Delivers a batch, and makes the same step once more.
    pub(super) fn deliver_and_repeat(&mut self, batch: Range<usize>) -> Result<SameStep, Trouble> {
        let mut stale = self.build.clone();
        self.deliver(batch.clone())?;
        let events = &self.events[batch.clone()];
        match block_on(self.player.hand().deliver(&mut stale, events)) {
            Err(AdvanceError::Store(ProjectionStoreError::Moved { .. })) => Ok(SameStep::Refused),
            Err(error) => Err(Trouble::of(&error, &batch)),
            Ok(()) => Ok(SameStep::Made),
        }
    }

    /// The process is gone, and another one goes on where what is kept says.
    pub(super) fn resume(&mut self) -> Result<(), Trouble> {
        self.player.restart()?;
        self.build = block_on(self.player.hand().open())?;
        Ok(())
    }

    /// How many events are behind the checkpoint.
    pub(super) fn done(&self) -> usize {
        let checkpoint = self.build.checkpoint;
        let done = |event: &&Recorded| Some(event.position) <= checkpoint;
        self.events.iter().take_while(done).count()
    }
}

/// What a closure of a test sees. Where it panics, that is what came.
pub(super) fn caught(look: impl FnOnce() -> Seen) -> Seen {
    // What it looks at is not changed by it.
    catch_unwind(AssertUnwindSafe(look)).unwrap_or_else(|panic| Seen::Other(text_of(&*panic)))
}

/// A store in memory with a clock that stands still.
fn memory_store(story: &Story) -> MemoryStore {
    let clock = eventsource_core::ManualClock::at(story.now);
    MemoryStore::with_clock(std::sync::Arc::new(clock))
}
