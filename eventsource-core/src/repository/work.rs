//! Commands and decisions, as the engine takes them. What is here is compiled once for each aggregate, and most of it
//! not for each command: so it is short.

use std::{
    future::{Future, ready},
    marker::PhantomData,
};

use crate::{
    aggregate::Aggregate,
    command::Decision,
    events::Events,
    repository::{
        ExecuteError, LoadError,
        engine::{Decided, Running, Work},
        error::Undecided,
        load::{At, Replay},
    },
    stream::StreamId,
};

/// A decision that waited for nothing.
pub(super) fn at_once(decided: Result<(), Undecided>) -> Running<'static, Result<(), Undecided>> {
    Box::pin(ready(decided))
}

/// Handles a command, which is in the closure, on a state.
pub(super) type OnLiving<A> = dyn Fn(&A) -> Decision<A> + Send + Sync;

/// Handles a command, which is in the closure, where there is no aggregate yet.
pub(super) type OnNothing<A> = dyn Fn() -> Decision<A> + Send + Sync;

/// How a command is handled.
pub(super) enum Handler<'a, A: Aggregate> {
    Living(&'a (dyn Fn(&A) -> Decision<A> + Send + Sync)),
    New(&'a (dyn Fn() -> Decision<A> + Send + Sync)),
}

impl<A: Aggregate> Handler<'_, A> {
    pub(super) fn decide(
        &self,
        stream: &StreamId,
        at: At,
        state: Option<&A>,
    ) -> Result<Events<A>, ExecuteError<A::Error>> {
        let decision = match (self, state, at.existing()) {
            (Self::Living(handle), Some(state), _) => handle(state),
            (Self::Living(_), None, _) => return Err(LoadError::not_found(stream).into()),
            (Self::New(handle), _, None) => handle(),
            (Self::New(_), _, Some(version)) => {
                return Err(ExecuteError::already_exists(stream, version));
            }
        };
        decision.map_err(ExecuteError::Refused)
    }
}

/// What came of a decision: events, or the reason why there are none.
pub(super) struct Outcome<A: Aggregate, E> {
    pub(super) events: Events<A>,
    error: Option<ExecuteError<E>>,
}

impl<A: Aggregate, E> Outcome<A, E> {
    pub(super) fn none() -> Self {
        Self {
            events: Events::none(),
            error: None,
        }
    }

    pub(super) fn set(
        &mut self,
        decided: Result<Events<A>, ExecuteError<E>>,
    ) -> Result<(), Undecided> {
        match decided {
            Ok(events) => self.events = events,
            Err(error) => {
                self.error = Some(error);
                return Err(Undecided);
            }
        }
        Ok(())
    }

    /// What the engine says, with the reason that it has not seen.
    pub(super) fn end<T>(
        self,
        done: Result<T, ExecuteError<Undecided>>,
    ) -> Result<T, ExecuteError<E>> {
        match done {
            Ok(done) => Ok(done),
            Err(error) => Err(error.with(self.error)),
        }
    }
}

/// One command.
pub(super) struct Command<'a, A: Aggregate> {
    handler: Handler<'a, A>,
    state: Option<A>,
    pub(super) outcome: Outcome<A, A::Error>,
}

impl<'a, A: Aggregate> Command<'a, A> {
    pub(super) fn new(handler: Handler<'a, A>) -> Self {
        Self {
            handler,
            state: None,
            outcome: Outcome::none(),
        }
    }
}

impl<A: Aggregate> Work for Command<'_, A> {
    fn state(&mut self) -> &mut dyn Replay {
        &mut self.state
    }

    fn decide<'a>(
        &'a mut self,
        stream: &'a StreamId,
        at: At,
    ) -> Running<'a, Result<(), Undecided>> {
        let decided = self.handler.decide(stream, at, self.state.as_ref());
        at_once(self.outcome.set(decided))
    }

    fn events(&self) -> &dyn Decided {
        &self.outcome.events
    }
}

/// A decision that asks something outside.
pub(super) struct Ask<A: Aggregate, F, D, E> {
    question: F,
    decision: PhantomData<fn() -> D>,
    state: Option<A>,
    pub(super) outcome: Outcome<A, E>,
}

impl<A, F, D, E> Ask<A, F, D, E>
where
    A: Aggregate,
    F: Fn(&StreamId, At, Option<A>) -> Result<D, ExecuteError<E>>,
{
    pub(super) fn new(ask: F) -> Self {
        Self {
            question: ask,
            decision: PhantomData,
            state: None,
            outcome: Outcome::none(),
        }
    }
}

impl<A, F, D, E> Work for Ask<A, F, D, E>
where
    A: Aggregate,
    F: Fn(&StreamId, At, Option<A>) -> Result<D, ExecuteError<E>> + Send,
    D: Future<Output = Result<Events<A>, E>> + Send,
    E: Send,
{
    fn state(&mut self) -> &mut dyn Replay {
        &mut self.state
    }

    fn decide<'a>(
        &'a mut self,
        stream: &'a StreamId,
        at: At,
    ) -> Running<'a, Result<(), Undecided>> {
        let asked = (self.question)(stream, at, self.state.take());
        Box::pin(async move {
            let decided = match asked {
                Ok(asked) => asked.await.map_err(ExecuteError::Refused),
                Err(error) => Err(error),
            };
            self.outcome.set(decided)
        })
    }

    fn events(&self) -> &dyn Decided {
        &self.outcome.events
    }
}
