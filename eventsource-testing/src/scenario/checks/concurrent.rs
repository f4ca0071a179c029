//! Concurrent: another writer is faster than the command.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use eventsource_core::{
    Aggregate, Append, AppendError, AppendKey, Capabilities, CountingIds, EventStore,
    EventStoreExt, EventStream, ExecuteError, Expected, LeaseStore, Limits, MemoryStore, NewEvent,
    Position, ProjectionStore, Read, ReadError, Receipt, SnapshotStore, StreamId, TrimStore,
    Version, async_trait,
};

use super::{pure_decision::same_refusal, same_stored};
use crate::scenario::{
    check::{Check, Checks},
    command::Command,
    journal::{Journal, Stored, envelope, stored},
    production,
    ready::block_on_ready,
    report::text::{chain, count},
    run::Came,
    setup::World,
};

pub(in crate::scenario) const STALE: &str = "let the handler decide on the state that it is given alone, and keep nothing of an earlier decision";
const NO_RACE: &str = "on the history before `.meanwhile(..)` the command has to make an event happen, or nothing conflicts: \
                       if the others were there before it was decided, write `.given(..)`";

/// Plays the race; see [`race`].
pub(in crate::scenario) type Play<A> =
    fn(&Journal, usize, &World, &Command<A>) -> Result<Race<A>, String>;

/// What came of the command that met another writer.
pub(in crate::scenario) enum Race<A: Aggregate> {
    /// The other writer has no events.
    NoOthers,
    /// It made nothing happen before the other writer came, so that there was none.
    None,
    Events(Vec<Stored>),
    Refusal(A::Error),
}

/// Lets a repository execute the command on the history as it was before the other writer came, whose events come between
/// its load and its append.
pub(in crate::scenario) fn race<A: Aggregate>(
    journal: &Journal,
    before: usize,
    world: &World,
    command: &Command<A>,
) -> Result<Race<A>, String> {
    if journal.len() == before {
        return Ok(Race::NoOthers);
    }
    let (store, clock) = journal.copy(&world.stream, before, world.now)?;
    let ids = CountingIds::from(1 << 62);
    let others = journal.read()?.split_off(before);
    let others: Result<Vec<NewEvent>, _> = others
        .iter()
        .map(|event| envelope(&ids, event, world.now))
        .collect();
    let other = Arc::new(Other {
        append: Append::to(
            world.stream.clone(),
            Expected::seen(Version::new(before as u64)),
            others.map_err(|e| chain(&e))?,
        ),
        came: AtomicBool::new(false),
    });
    let contested = Contested {
        store: store.clone(),
        other: Arc::clone(&other),
    };
    let own = Arc::new(CountingIds::from(1 << 61));
    let (stream, context) = (&world.stream, world.context.clone());
    let executed = production::execute(contested, clock, own, context, stream, command);
    if !other.came.load(SeqCst) {
        return Ok(Race::None);
    }
    match executed {
        Ok(_) => {
            let mut all = block_on_ready(store.read_stream(stream)).map_err(|e| chain(&e))?;
            let own = all.split_off(journal.len().min(all.len()));
            Ok(Race::Events(own.iter().map(stored).collect()))
        }
        Err(ExecuteError::Refused(refusal)) => Ok(Race::Refusal(refusal)),
        Err(error) => Err(chain(&error)),
    }
}

/// Holds the outcome of the race against what came of the command where the others were there from the beginning.
pub(in crate::scenario) fn settle<A: Aggregate>(
    race: Result<Race<A>, String>,
    came: &Came<A>,
    checks: &mut Checks,
) {
    checks.looked(Check::Concurrent);
    let same = match (&race, came) {
        (Err(why), _) => {
            let text = format!("the command was not executed to its end: {why}");
            return checks.find(Check::Concurrent, text, STALE);
        }
        (Ok(Race::NoOthers), _) => {
            let text = "the other writer has no events".to_owned();
            let hint = "give `.meanwhile(..)` an event, or leave it out";
            return checks.find(Check::Concurrent, text, hint);
        }
        (Ok(Race::None), _) => {
            let text = "the other writer's events met no append of the command".to_owned();
            return checks.find(Check::Concurrent, text, NO_RACE);
        }
        (Ok(Race::Events(raced)), Came::Events(made)) => {
            let pairs = raced.iter().zip(&made.stored);
            raced.len() == made.stored.len() && { pairs }
                .all(|(one, other)| same_stored::<A>(one, other))
        }
        (Ok(Race::Refusal(raced)), Came::Refusal(refusal)) => {
            same_refusal::<A>(raced, refusal, Check::Concurrent, checks)
        }
        // What is broken has been said.
        (_, Came::Broken) => true,
        _ => false,
    };
    if !same {
        let raced = match race {
            Ok(Race::Refusal(refusal)) => format!("refused: {}", chain(&refusal)),
            Ok(Race::Events(events)) => count(events.len(), "event"),
            Ok(Race::NoOthers | Race::None) | Err(_) => String::new(),
        };
        let text = format!(
            "after the conflict the command was decided otherwise than on the same history without one: {raced}"
        );
        checks.find(Check::Concurrent, text, STALE);
    }
}

/// The other writer.
struct Other {
    append: Append,
    came: AtomicBool,
}

/// A store in which another writer is faster than the first append.
struct Contested {
    store: MemoryStore,
    other: Arc<Other>,
}

impl fmt::Debug for Contested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contested").finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl EventStore for Contested {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        if !self.other.came.swap(true, SeqCst) {
            self.store.append(self.other.append.clone()).await?;
        }
        self.store.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.store.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.store.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store.wait_beyond(position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.store.snapshots()
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.store.trims()
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.store.projections()
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.store.leases()
    }
}
