//! A command that was decided, and what the scenario says is to come of it.

use std::{any::type_name, fmt, panic::Location};

use eventsource_core::{Aggregate, AggregateEvent, Events};

use super::{
    bomb::Bomb,
    failure::{self, same, settle},
    outcome::Outcome,
    run::{Came, Run},
};

/// A command that was decided on the given history; say what is to come of it, or the test fails.
///
/// Dropping it panics: a scenario that compares nothing must not pass. There is an example at
/// [`Scenario`](super::Scenario).
#[must_use = "a scenario without `then` tests nothing: add `.then(events)`, `.then_error(error)` or `.then_nothing()`"]
pub struct Decided<A: Aggregate> {
    run: Run<A>,
    bomb: Bomb,
}

impl<A: Aggregate> Decided<A> {
    pub(super) fn new(run: Run<A>, at: &'static Location<'static>) -> Self {
        let came = match &run.came {
            Came::Refusal(refusal) => format!("a refusal: {refusal}"),
            Came::Broken => "events that cannot be stored".to_owned(),
            Came::Events(made) if made.is_empty() => "no events".to_owned(),
            Came::Events(made) => {
                let names = made.iter().map(|made| made.decided.schema().name);
                names.collect::<Vec<_>>().join(", ")
            }
        };
        let bomb = Bomb::without_then(A::CATEGORY, at, run.command, came);
        Self { run, bomb }
    }

    /// These events follow: these, in this order, and no others.
    ///
    /// They are compared as they are read back from the store: by `PartialEq` where the events have it, by their stored
    /// JSON where not.
    ///
    /// # Panics
    ///
    /// When other events came, or the command was refused, or one of the [checks](super::Check) found something.
    #[track_caller]
    pub fn then(self, events: impl Into<Events<A>>) -> Outcome<A> {
        let (run, expected) = (self.defused(), events.into().into_vec());
        let wrong = match &run.came {
            Came::Broken => None,
            Came::Refusal(refusal) => Some(failure::refused(&run, &expected, refusal)),
            Came::Events(made) if same(made, &expected) => None,
            Came::Events(made) => Some(failure::events_differ(&run, &expected, made)),
        };
        settle(run, wrong)
    }

    /// The command is accepted, and nothing happens.
    ///
    /// # Panics
    ///
    /// When an event came, or the command was refused, or one of the [checks](super::Check) found something.
    #[track_caller]
    pub fn then_nothing(self) -> Outcome<A> {
        self.then(Events::none())
    }

    /// The command is refused with this error.
    ///
    /// # Panics
    ///
    /// When it was accepted, with or without events, or refused with another error, or one of the
    /// [checks](super::Check) found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`then_error(Closed)` reads better than `then_error(&Closed)`"
    )]
    pub fn then_error(self, error: A::Error) -> Outcome<A>
    where
        A::Error: PartialEq,
    {
        self.then_refused(&format!("{error:?}"), &|actual| *actual == error)
    }

    /// The command is refused with an error that `accepts` accepts; `pattern` says in a failure what that is.
    ///
    /// [`then_error!`](crate::then_error) writes both from one pattern.
    ///
    /// # Panics
    ///
    /// When it was accepted, with or without events, or refused with another error, or one of the
    /// [checks](super::Check) found something.
    #[track_caller]
    pub fn then_error_matching(
        self,
        pattern: &str,
        accepts: impl Fn(&A::Error) -> bool,
    ) -> Outcome<A> {
        self.then_refused(pattern, &accepts)
    }

    #[track_caller]
    fn then_refused(self, expected: &str, accepts: &dyn Fn(&A::Error) -> bool) -> Outcome<A> {
        let run = self.defused();
        let wrong = match &run.came {
            Came::Broken => None,
            Came::Refusal(refusal) if accepts(refusal) => None,
            Came::Refusal(refusal) => Some(failure::other_error(&run, expected, refusal)),
            Came::Events(made) => Some(failure::accepted(&run, expected, made)),
        };
        settle(run, wrong)
    }

    fn defused(self) -> Run<A> {
        self.bomb.defuse();
        self.run
    }
}

impl<A: Aggregate> fmt::Debug for Decided<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decided")
            .field("aggregate", &type_name::<A>())
            .field("command", &self.run.command)
            .finish_non_exhaustive()
    }
}
