//! A scenario that passed, and more that can be asked of it.

use std::{fmt, panic::Location};

use eventsource_core::{Aggregate, Handle, HandleNew, Recorded};

use super::{
    Scenario,
    bomb::Bomb,
    check::{Check, Verdict},
    checks::retry::{Again, retry},
    decided::Decided,
    failure::settle,
    matching::Matching,
    report::{name::short, state::shown},
    run::{Came, Run},
};

/// A scenario that passed; more can be asked of it, and another command can follow.
pub struct Outcome<A: Aggregate> {
    run: Run<A>,
    /// Where a check is required that nothing has asked for yet.
    bomb: Option<Bomb>,
}

impl<A: Aggregate> Outcome<A> {
    #[track_caller]
    pub(super) fn new(run: Run<A>) -> Self {
        let at = Location::caller();
        let missing = run.checks.required_unasked();
        let bomb = missing.map(|check| Bomb::without_asking(A::CATEGORY, at, check));
        Self { run, bomb }
    }

    /// Something follows that may still ask.
    fn defused(self) -> Run<A> {
        if let Some(bomb) = self.bomb {
            bomb.defuse();
        }
        self.run
    }

    /// Looks at the state after the command; after a refusal it is the state before it.
    ///
    /// # Panics
    ///
    /// When `look` does, or when there is no state: the command that was to create the aggregate was refused, or made
    /// nothing happen.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the look is what it is for"
    )]
    pub fn and_state(self, look: impl FnOnce(&A)) -> Self {
        match &self.run.after {
            Some(state) => look(state),
            None => panic!(
                "{}: there is no state after `{}`: no event has created the aggregate\n\n  hint: leave out `.and_state(..)`",
                A::CATEGORY,
                short(self.run.command.name)
            ),
        }
        self
    }

    /// The next event of the stream would have this version; the first event of a stream has version 1.
    ///
    /// # Panics
    ///
    /// When it would have another one.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "it is an assertion")]
    pub fn and_next_version(self, version: u64) -> Self {
        let made = match &self.run.came {
            Came::Events(made) => made.stored.len(),
            Came::Refusal(_) | Came::Broken => 0,
        };
        let given = self.run.given.len();
        let next = (given + made + 1) as u64;
        assert!(
            next == version,
            "{}: the next version is {next}, not {version}\n\n  {given} given, {made} of `{}`\n\n  hint: versions count \
             the stored events from 1, also those that are read as none or as several",
            A::CATEGORY,
            short(self.run.command.name)
        );
        self
    }

    /// Looks at the new events with their envelopes, as a repository recorded them when it executed the command: with the
    /// ids and times of this scenario, in its context. There are none after a refusal.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "light.lit")]
    /// # struct Lit;
    /// # #[derive(Debug, Default, PartialEq, Aggregate)]
    /// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Lit))]
    /// # struct Light;
    /// # impl Apply<Lit> for Light { fn apply(&mut self, _: &Lit) {} }
    /// # struct SwitchOn;
    /// # impl Handle<SwitchOn> for Light { fn handle(&self, _: &SwitchOn) -> Decision<Self> { Ok(Lit.into()) } }
    /// use eventsource_core::{Actor, CountingIds};
    ///
    /// Scenario::<Light>::new()
    ///     .clock_at("2026-03-01T12:00:00Z")
    ///     .ids_from(CountingIds::from(100)) // the command gets the first, the events the next ones
    ///     .within(Context::new().by(Actor::new("ann")?))
    ///     .when(SwitchOn)
    ///     .then(Lit)
    ///     .and_recorded(|events| {
    ///         assert_eq!(events[0].id.as_uuid().as_u128(), 101);
    ///         assert_eq!(events[0].occurred_at.to_string(), "2026-03-01T12:00:00.000000Z");
    ///         assert_eq!(events[0].actor.as_ref().map(Actor::as_str), Some("ann"));
    ///     });
    /// # Ok::<(), eventsource_core::TextError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// When `look` does, or when [`Check::Metadata`] or [`Check::Append`] is off, since they are what executes the command
    /// by a repository.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the look is what it is for"
    )]
    pub fn and_recorded(self, look: impl FnOnce(&[Recorded])) -> Self {
        let checks = &self.run.checks;
        assert!(
            checks.is_on(Check::Metadata) && checks.is_on(Check::Append),
            "{}: nothing was recorded\n\n  hint: leave out `.without(Check::Metadata)` and `.without(Check::Append)`: they \
             are what executes the command by a repository",
            A::CATEGORY
        );
        look(&self.run.recorded);
        self
    }

    /// The same command once more makes nothing happen, on the state that it has led to.
    ///
    /// # Panics
    ///
    /// When an event comes, or the command is refused: [`Check::Retry`].
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "it is an assertion")]
    pub fn and_retry_nothing(self) -> Self {
        self.again(&Again::Nothing)
    }

    /// The same command once more is refused with this error, on the state that it has led to.
    ///
    /// # Panics
    ///
    /// When it is accepted, or refused with another error: [`Check::Retry`].
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "it is an assertion")]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`and_retry_error(Closed)` reads better than with `&`"
    )]
    pub fn and_retry_error(self, error: A::Error) -> Self
    where
        A::Error: PartialEq,
    {
        self.again(&Again::Refusal {
            expected: format!("{error:?}"),
            accepts: &|actual| *actual == error,
        })
    }

    /// The same command once more is refused with an error like the pattern, on the state that it has led to; see
    /// [`matching!`](crate::matching).
    ///
    /// # Panics
    ///
    /// When it is accepted, or refused with another error: [`Check::Retry`].
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "it is an assertion")]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`and_retry_refused(matching!(..))` reads better than with `&`"
    )]
    pub fn and_retry_refused<F: Fn(&A::Error) -> bool>(self, error: Matching<A::Error, F>) -> Self {
        self.again(&Again::Refusal {
            expected: error.pattern().to_owned(),
            accepts: &|actual| error.accepts(actual),
        })
    }

    #[track_caller]
    fn again(self, expected: &Again<'_, A>) -> Self {
        let mut run = self.defused();
        // What creates an aggregate does not come to its handler where there is one.
        let reaches = !(run.command.creates && run.exists());
        let state = run.after.as_ref();
        retry(&run.command, state, reaches, expected, &mut run.checks);
        settle(run, None)
    }

    /// Another command comes, on the history as it is now.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "jar.filled")]
    /// # struct Filled { coins: u32 }
    /// # #[derive(Debug, Default, PartialEq, Aggregate)]
    /// # #[aggregate(name = "jar", id = u64, error = Full, events(Filled))]
    /// # struct Jar { coins: u32 }
    /// # #[derive(Debug, PartialEq, thiserror::Error)]
    /// # #[error("it is full")]
    /// # struct Full;
    /// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
    /// # struct Fill(u32);
    /// # impl Handle<Fill> for Jar {
    /// #     fn handle(&self, command: &Fill) -> Decision<Self> {
    /// #         if self.coins + command.0 > 5 { return Err(Full); }
    /// #         Ok(Filled { coins: command.0 }.into())
    /// #     }
    /// # }
    /// Scenario::<Jar>::new()
    ///     .when(Fill(3))
    ///     .then(Filled { coins: 3 })
    ///     .when(Fill(3))
    ///     .then_error(Full)
    ///     .when(Fill(2))
    ///     .then(Filled { coins: 2 })
    ///     .and_next_version(3);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Scenario::when`].
    #[track_caller]
    pub fn when<C: Send + Sync + 'static>(self, command: C) -> Decided<A>
    where
        A: Handle<C>,
    {
        self.going_on().when(command)
    }

    /// A command comes that creates the aggregate, where there is none yet.
    ///
    /// # Panics
    ///
    /// As [`Scenario::when_new`].
    #[track_caller]
    pub fn when_new<C: Send + Sync + 'static>(self, command: C) -> Decided<A>
    where
        A: HandleNew<C>,
    {
        self.going_on().when_new(command)
    }

    /// The scenario goes on with the history as it is now: for what comes between two commands, such as
    /// [`Scenario::given`], [`Scenario::clock_at`] or [`Scenario::meanwhile`].
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn going_on(self) -> Scenario<A> {
        let at = Location::caller();
        let (given, world) = self.defused().into_history(at);
        Scenario {
            given,
            world,
            meanwhile: None,
            bomb: Bomb::without_when(A::CATEGORY, at),
        }
    }

    /// What became of one of the checks.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "light.lit")]
    /// # struct Lit;
    /// #[derive(Default, Aggregate)] // without `PartialEq`
    /// #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Lit))]
    /// struct Light(bool);
    /// # impl Apply<Lit> for Light { fn apply(&mut self, _: &Lit) { self.0 = true; } }
    /// # struct SwitchOn;
    /// # impl Handle<SwitchOn> for Light { fn handle(&self, _: &SwitchOn) -> Decision<Self> { Ok(Lit.into()) } }
    ///
    /// let outcome = Scenario::<Light>::new().when(SwitchOn).then(Lit);
    /// assert_eq!(outcome.verdict(Check::RoundTrip), Verdict::Passed);
    /// assert_eq!(
    ///     outcome.verdict(Check::Replay),
    ///     Verdict::Limited("`Light` has no `PartialEq`: states cannot be compared".to_owned()),
    /// );
    /// assert_eq!(
    ///     outcome.verdict(Check::Snapshot),
    ///     Verdict::NoSubject("`Light` is not `Serialize` and `Deserialize`".to_owned()),
    /// );
    /// ```
    pub fn verdict(&self, check: Check) -> Verdict {
        self.run.checks.verdict(check)
    }
}

impl<A: Aggregate> fmt::Debug for Outcome<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("command", &self.run.command.name)
            .field("state", &shown(self.run.after.as_ref()))
            .finish_non_exhaustive()
    }
}
