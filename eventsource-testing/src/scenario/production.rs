//! The way of production: a repository that loads, decides and appends.

use std::{borrow::Cow, future::ready, pin::Pin, sync::Arc, time::Duration};

use eventsource_core::{
    __private::{Abilities, Replayed, wrapped},
    Aggregate, AggregateId, AggregateIdError, Clock, Context, EventStore, Events, ExecuteError,
    FoldError, IdSource, Loaded, Receipt, Repository, StreamId, Timer,
};

use super::{command::Command, ready::block_on_ready};

/// Lets a repository execute the command on the stream.
pub(super) fn execute<A: Aggregate>(
    store: impl EventStore,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    context: Context,
    stream: &StreamId,
    command: &Command<A>,
) -> Result<Receipt, ExecuteError<A::Error>> {
    let repository = Repository::<Played<A>>::new(store)
        .with_clock(clock)
        .with_ids(ids)
        .with_timer(Arc::new(AtOnce))
        .within(context);
    let id = Key(stream.id().to_owned());
    let decide = |loaded: Loaded<Played<A>>| {
        let decision = command.decide(loaded.state().0.as_ref());
        ready(decision.map_or_else(|| Ok(Events::none()), |decision| decision.map(played)))
    };
    block_on_ready(repository.decide(&id, decide))
}

/// An aggregate in all but its id, which a scenario need not have. Where there is none yet, that is a state, too, so that
/// one way of deciding serves every command.
struct Played<A>(Option<A>);

fn played<A: Aggregate>(events: Events<A>) -> Events<Played<A>> {
    let mut all = Events::none();
    for event in events {
        all.extend(wrapped::<Played<A>>(event));
    }
    all
}

impl<A: Aggregate> Played<A> {
    fn of(state: &mut Option<Self>) -> &mut Option<A> {
        &mut state.get_or_insert_with(|| Self(A::initial())).0
    }
}

impl<A: Aggregate> Aggregate for Played<A> {
    const CATEGORY: &'static str = A::CATEGORY;
    type Id = Key;
    type Error = A::Error;
    type Event = A::Event;

    fn initial() -> Option<Self> {
        Some(Self(A::initial()))
    }

    fn fold(state: &mut Option<Self>, event: &A::Event) -> Result<(), FoldError> {
        A::fold(Self::of(state), event)
    }

    fn replay(state: &mut Option<Self>, name: &str, version: u32, payload: &[u8]) -> Replayed {
        A::replay(Self::of(state), name, version, payload)
    }

    fn abilities() -> Abilities<Self> {
        Abilities {
            clone_state: None,
            eq_state: None,
            debug_state: None,
            json_state: None,
            snapshot: None,
            eq_event: A::abilities().eq_event,
            eq_error: A::abilities().eq_error,
        }
    }
}

/// The part of a stream's name that an id becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key(String);

impl AggregateId for Key {
    fn to_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    fn from_text(text: &str) -> Result<Self, AggregateIdError> {
        Ok(Self(text.to_owned()))
    }
}

/// Waits for nothing: a scenario has no competitors but its own.
#[derive(Debug)]
struct AtOnce;

impl Timer for AtOnce {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}
