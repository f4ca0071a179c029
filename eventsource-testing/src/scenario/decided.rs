//! A command that was decided, and what the scenario says is to come of it.

use std::{any::type_name, fmt, panic::Location};

use eventsource_core::{Aggregate, AggregateEvent, Event, Events, Lists};

use super::{
    bomb::Bomb,
    compare::Ignored,
    failure::{self, settle},
    matching::Matching,
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
    ignored: Ignored,
    bomb: Bomb,
}

impl<A: Aggregate> Decided<A> {
    pub(super) fn new(run: Run<A>, at: &'static Location<'static>) -> Self {
        let came = match &run.came {
            Came::Refusal(refusal) => format!("a refusal: {refusal}"),
            Came::Broken => "events that cannot be stored".to_owned(),
            Came::Events(made) if made.decided.is_empty() => "no events".to_owned(),
            Came::Events(made) => {
                let names = made.decided.iter().map(|event| event.schema().name);
                names.collect::<Vec<_>>().join(", ")
            }
        };
        let bomb = Bomb::without_then(A::CATEGORY, at, run.command.name, came);
        let ignored = Ignored::default();
        Self { run, ignored, bomb }
    }

    /// Leaves the events of this type out of the comparison, wherever and however often they come. Where none comes, the
    /// test fails.
    pub fn ignoring<E: Event>(mut self) -> Self
    where
        A: Lists<E>,
    {
        self.ignored.event(E::SCHEMA.name);
        self
    }

    /// Leaves a field of the events of this type out of the comparison, by the name that it is stored under; `by.name` is
    /// a field of a field, also where `by` is a list. What is left of these events is compared as it is stored.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "ticket.sold")]
    /// # struct Sold { seat: u32, code: String }
    /// # #[derive(Debug, Default, PartialEq, Aggregate)]
    /// # #[aggregate(name = "ticket", id = u64, error = std::convert::Infallible, events(Sold))]
    /// # struct Ticket;
    /// # impl Apply<Sold> for Ticket { fn apply(&mut self, _: &Sold) {} }
    /// # struct Sell { seat: u32 }
    /// # impl Handle<Sell> for Ticket {
    /// #     fn handle(&self, command: &Sell) -> Decision<Self> {
    /// #         Ok(Sold { seat: command.seat, code: "x7-9".into() }.into())
    /// #     }
    /// # }
    /// Scenario::<Ticket>::new()
    ///     .when(Sell { seat: 7 })
    ///     .ignoring_field::<Sold>("code")
    ///     .then(Sold { seat: 7, code: String::new() });
    /// ```
    pub fn ignoring_field<E: Event>(mut self, path: &'static str) -> Self
    where
        A: Lists<E>,
    {
        self.ignored.field(E::SCHEMA.name, path);
        self
    }

    /// These events follow: these, in this order, and no others.
    ///
    /// They are compared as they are read back from the store: by `PartialEq` where the events have it, by their stored
    /// JSON where not, in which what is hashed has no order.
    ///
    /// # Panics
    ///
    /// When other events came, or the command was refused, or one of the [checks](super::Check) found something.
    #[track_caller]
    pub fn then(self, events: impl Into<Events<A>>) -> Outcome<A> {
        self.then_these(&events.into().into_vec(), false)
    }

    /// These events follow, in whatever order, and no others.
    ///
    /// # Panics
    ///
    /// As [`Decided::then`].
    #[track_caller]
    pub fn then_in_any_order(self, events: impl Into<Events<A>>) -> Outcome<A> {
        self.then_these(&events.into().into_vec(), true)
    }

    /// The command is accepted, and nothing happens.
    ///
    /// # Panics
    ///
    /// When an event came, or the command was refused, or one of the [checks](super::Check) found something.
    #[track_caller]
    pub fn then_nothing(self) -> Outcome<A> {
        self.then_these(&[], false)
    }

    #[track_caller]
    fn then_these(self, expected: &[A::Event], any_order: bool) -> Outcome<A> {
        let (run, ignored) = self.defused();
        let wrong = failure::events(&run, expected, &ignored, any_order);
        settle(run, wrong)
    }

    /// Events follow that are like the pattern, which is one of the whole list; see [`matching!`](crate::matching).
    ///
    /// # Panics
    ///
    /// When others came, or the command was refused, or one of the [checks](super::Check) found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`then_events(matching!(..))` reads better than with `&`"
    )]
    pub fn then_events<F: Fn(&[A::Event]) -> bool>(
        self,
        events: Matching<[A::Event], F>,
    ) -> Outcome<A> {
        let (run, ignored) = self.defused();
        let wrong = failure::pattern(&run, &ignored, events.pattern(), &|made| {
            events.accepts(made)
        });
        settle(run, wrong)
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
        self.then_refusal(&format!("{error:?}"), &|actual| *actual == error)
    }

    /// The command is refused with an error like the pattern; see [`matching!`](crate::matching).
    ///
    /// # Panics
    ///
    /// When it was accepted, with or without events, or refused with another error, or one of the
    /// [checks](super::Check) found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`then_refused(matching!(..))` reads better than with `&`"
    )]
    pub fn then_refused<F: Fn(&A::Error) -> bool>(
        self,
        error: Matching<A::Error, F>,
    ) -> Outcome<A> {
        self.then_refusal(error.pattern(), &|actual| error.accepts(actual))
    }

    #[track_caller]
    fn then_refusal(self, expected: &str, accepts: &dyn Fn(&A::Error) -> bool) -> Outcome<A> {
        let (run, ignored) = self.defused();
        let wrong = failure::refusal(&run, &ignored, expected, accepts);
        settle(run, wrong)
    }

    fn defused(self) -> (Run<A>, Ignored) {
        self.bomb.defuse();
        (self.run, self.ignored)
    }
}

impl<A: Aggregate> fmt::Debug for Decided<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decided")
            .field("aggregate", &type_name::<A>())
            .field("command", &self.run.command.name)
            .finish_non_exhaustive()
    }
}
