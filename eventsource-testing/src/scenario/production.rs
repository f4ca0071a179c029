//! The way of production: a repository that loads, decides and appends.

use std::{borrow::Cow, future::ready, pin::Pin, sync::Arc, time::Duration};

use eventsource_core::{
    __private::{Abilities, Replayed, wrapped},
    Aggregate, AggregateId, AggregateIdError, Clock, Context, EventSchema, EventStore, Events,
    ExecuteError, FoldError, IdSource, Receipt, Repository, StreamId, Timer,
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
    let decide = |state: Option<&A>| {
        let decision = command.decide(state);
        ready(decision.map_or_else(|| Ok(Events::none()), |decision| decision.map(played)))
    };
    let id = Key(stream.id().to_owned());
    if command.creates {
        block_on_ready(repository.decide_new(&id, || decide(None)))
    } else {
        block_on_ready(repository.decide(&id, |loaded| decide(Some(&loaded.state().0))))
    }
}

/// An aggregate in all but its id, which a scenario need not have.
struct Played<A>(A);

fn played<A: Aggregate>(events: Events<A>) -> Events<Played<A>> {
    let mut all = Events::none();
    for event in events {
        all.extend(wrapped::<Played<A>>(event));
    }
    all
}

impl<A: Aggregate> Played<A> {
    /// Lends the state to the aggregate itself.
    fn with<R>(state: &mut Option<Self>, change: impl FnOnce(&mut Option<A>) -> R) -> R {
        let mut own = state.take().map(|played| played.0);
        let result = change(&mut own);
        *state = own.map(Played);
        result
    }
}

impl<A: Aggregate> Aggregate for Played<A> {
    const CATEGORY: &'static str = A::CATEGORY;
    type Id = Key;
    type Error = A::Error;
    type Event = A::Event;

    fn initial() -> Option<Self> {
        A::initial().map(Played)
    }

    fn created_by() -> Option<EventSchema> {
        A::created_by()
    }

    fn fold(state: &mut Option<Self>, event: &A::Event) -> Result<(), FoldError> {
        Self::with(state, |state| A::fold(state, event))
    }

    fn replay(state: &mut Option<Self>, name: &str, version: u32, payload: &[u8]) -> Replayed {
        Self::with(state, |state| A::replay(state, name, version, payload))
    }

    fn abilities() -> Abilities<Self> {
        Abilities {
            clone_state: None,
            eq_state: None,
            debug_state: None,
            json_state: None,
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
