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
        encode::{Decided, Decisions},
        engine::{Own, Running, Work},
        error::Undecided,
        fold::{At, Held, Replay},
    },
    stream::{StreamId, Version},
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
        existing: Option<Version>,
        state: Option<&A>,
    ) -> Result<Events<A>, ExecuteError<A::Error>> {
        let decision = match (self, state, existing) {
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
    decided: Decisions<A>,
    error: Option<ExecuteError<E>>,
}

impl<A: Aggregate, E> Outcome<A, E> {
    pub(super) fn none() -> Self {
        Self {
            decided: Decisions::of(Events::none()),
            error: None,
        }
    }

    pub(super) fn set(
        &mut self,
        decided: Result<Events<A>, ExecuteError<E>>,
    ) -> Result<(), Undecided> {
        match decided {
            Ok(events) => self.decided = Decisions::of(events),
            Err(error) => {
                let undecided = Undecided::for_reason(&error);
                self.error = Some(error);
                return Err(undecided);
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
    state: Held<A>,
    pub(super) outcome: Outcome<A, A::Error>,
}

impl<'a, A: Aggregate> Command<'a, A> {
    pub(super) fn new(handler: Handler<'a, A>) -> Self {
        Self {
            handler,
            state: Held::Gone,
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
        let decided = self.handler.decide(stream, at.existing(), self.state.get());
        at_once(self.outcome.set(decided))
    }

    fn decided(&mut self) -> &mut dyn Decided {
        &mut self.outcome.decided
    }

    fn advance(&mut self, own: &mut Own<'_>) -> Option<&mut dyn Replay> {
        self.state.advance(&self.outcome.decided, own)
    }
}

/// A decision that asks something outside.
pub(super) struct Ask<A: Aggregate, F, D, E> {
    question: F,
    decision: PhantomData<fn() -> D>,
    state: Held<A>,
    pub(super) outcome: Outcome<A, E>,
}

impl<A, F, D, E> Ask<A, F, D, E>
where
    A: Aggregate,
    F: Fn(&StreamId, At, &mut Held<A>) -> Result<D, ExecuteError<E>>,
{
    pub(super) fn new(ask: F) -> Self {
        Self {
            question: ask,
            decision: PhantomData,
            state: Held::Gone,
            outcome: Outcome::none(),
        }
    }
}

impl<A, F, D, E> Work for Ask<A, F, D, E>
where
    A: Aggregate,
    F: Fn(&StreamId, At, &mut Held<A>) -> Result<D, ExecuteError<E>> + Send,
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
        let asked = (self.question)(stream, at, &mut self.state);
        Box::pin(async move {
            let decided = match asked {
                Ok(asked) => asked.await.map_err(ExecuteError::Refused),
                Err(error) => Err(error),
            };
            self.outcome.set(decided)
        })
    }

    fn decided(&mut self) -> &mut dyn Decided {
        &mut self.outcome.decided
    }

    fn advance(&mut self, own: &mut Own<'_>) -> Option<&mut dyn Replay> {
        self.state.advance(&self.outcome.decided, own)
    }
}
