//! Given these events, when this command comes, then these events follow.
//!
//! [`Scenario`] takes the history and the command, [`Decided`] what is to come of it, [`Outcome`] more questions. What
//! differs is shown field by field, at the line of the test:
//!
//! ```text
//! account: events differ (1 expected, 2 actual)
//!
//!   given  1  account.opened v1     { owner: "ann" }
//!          2  account.deposited v1  { cents: 500 }
//!   when      Withdraw
//!
//!    #   expected              actual
//!    1 ~ account.withdrawn v1  account.withdrawn v1
//!          cents: 220            cents: 200  <--
//!    2 +                       account.fee_charged v1 { cents: 20 }
//!
//!   state at the decision: Account { open: true, cents: 500 }
//!
//!   hint: ..
//! ```
//!
//! Beside what a scenario expects, it makes every [`Check`] by itself.

mod audit;
mod bomb;
mod check;
mod content;
mod decided;
mod failure;
mod journal;
mod outcome;
mod ready;
mod report;
mod run;
mod setup;

use std::{any::type_name, fmt, panic::Location};

use eventsource_core::{Aggregate, Events, Handle, HandleNew, StoredPayload, StreamId};

use self::{
    bomb::Bomb,
    check::Checks,
    journal::{Name, Stored},
    report::text::chain,
    run::{Decide, decoded, play},
    setup::{Given, Setup, Source},
};
pub use self::{
    check::{Check, Verdict},
    decided::Decided,
    outcome::Outcome,
};

/// A test of one decision: given a history, when a command comes, then these events follow, or this error.
///
/// It goes the way of production: the given events are encoded, appended to a store in memory, read back, decoded and
/// folded, and what the command makes happen is appended at exactly that version and read back before it is compared.
/// It needs no runtime, and no `Clone`, `PartialEq` or `Debug` on states or events; where one is missing, a
/// [`Check`] says what it could not look at.
///
/// A scenario that ends without a `then` fails.
///
/// ```
/// use eventsource_core::prelude::*;
/// use eventsource_testing::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[event(name = "account.deposited")]
/// struct Deposited { cents: i64 }
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[event(name = "account.withdrawn")]
/// struct Withdrawn { cents: i64 }
///
/// #[derive(Debug, PartialEq, thiserror::Error)]
/// #[error("{missing} cents are missing")]
/// struct InsufficientFunds { missing: i64 }
///
/// #[derive(Debug, Default, PartialEq, Aggregate)]
/// #[aggregate(name = "account", id = u64, error = InsufficientFunds, events(Deposited, Withdrawn))]
/// struct Account { cents: i64 }
///
/// impl Apply<Deposited> for Account { fn apply(&mut self, event: &Deposited) { self.cents += event.cents; } }
/// impl Apply<Withdrawn> for Account { fn apply(&mut self, event: &Withdrawn) { self.cents -= event.cents; } }
///
/// struct Withdraw { cents: i64 }
///
/// impl Handle<Withdraw> for Account {
///     fn handle(&self, command: &Withdraw) -> Decision<Self> {
///         match command.cents - self.cents {
///             missing @ 1.. => Err(InsufficientFunds { missing }),
///             _ if command.cents == 0 => Ok(Events::none()),
///             _ => Ok(Withdrawn { cents: command.cents }.into()),
///         }
///     }
/// }
///
/// // These are tests; each stands in a function of its own under `#[test]`.
/// Scenario::<Account>::new()
///     .given([Deposited { cents: 300 }, Deposited { cents: 200 }])
///     .when(Withdraw { cents: 150 })
///     .then(Withdrawn { cents: 150 })
///     .and_state(|account| assert_eq!(account.cents, 350));
///
/// Scenario::<Account>::new()
///     .given((Deposited { cents: 300 }, Withdrawn { cents: 100 }))
///     .given_stored("account.deposited", 1, json!({ "cents": 50 })) // as it lies in production
///     .when(Withdraw { cents: 300 })
///     .then_error(InsufficientFunds { missing: 50 });
///
/// Scenario::<Account>::new().when(Withdraw { cents: 0 }).then_nothing();
/// ```
pub struct Scenario<A: Aggregate> {
    given: Vec<Given<A>>,
    stream: Option<StreamId>,
    checks: Checks,
    bomb: Bomb,
}

impl<A: Aggregate> Scenario<A> {
    /// A scenario without a history, on a stream of its own.
    #[track_caller]
    #[expect(
        clippy::new_without_default,
        reason = "a scenario remembers the line that began it, and fails when nothing follows"
    )]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn new() -> Self {
        Self {
            given: Vec::new(),
            stream: None,
            checks: Checks::default(),
            bomb: Bomb::without_when(A::CATEGORY, Location::caller()),
        }
    }

    /// These events have happened, after those given before.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn given(mut self, events: impl Into<Events<A>>) -> Self {
        let at = Location::caller();
        let one = |event| Given {
            source: Source::Typed(event),
            at,
        };
        self.given.extend(events.into().into_iter().map(one));
        self
    }

    /// This event has happened, and was stored under this name and schema version with this payload, as it may lie in
    /// production since long ago: in an older shape, under an older name, or retired since.
    ///
    /// # Panics
    ///
    /// When the aggregate cannot read it.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
    pub fn given_stored(
        mut self,
        name: impl Into<String>,
        schema_version: u32,
        payload: serde_json::Value,
    ) -> Self {
        let stored = Stored {
            name: Name::Text(name.into()),
            schema_version,
            payload: StoredPayload::json(payload.to_string().as_bytes()),
        };
        let readable = decoded::<A>(&stored);
        self.given.push(Given {
            source: Source::Stored(stored),
            at: Location::caller(),
        });
        if let Err(error) = readable {
            panic!("{}", failure::unread(&self.given, &error));
        }
        self
    }

    /// The id of the aggregate, where it matters. Without it, the stream has a name that no other needs to know.
    ///
    /// # Panics
    ///
    /// When the id cannot name a stream.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    #[expect(clippy::needless_pass_by_value, reason = "ids are written at the call")]
    pub fn id(mut self, id: A::Id) -> Self {
        match StreamId::of::<A>(&id) {
            Ok(stream) => self.stream = Some(stream),
            Err(error) => panic!("{}: {}", A::CATEGORY, chain(&error)),
        }
        self
    }

    /// Leaves one of the checks out; a failure says so.
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn without(mut self, check: Check) -> Self {
        self.checks.switch_off(check);
        self
    }

    /// This command comes. It is decided twice, so that a handler that depends on more than state and command is found.
    ///
    /// # Panics
    ///
    /// When the history cannot be stored, read and folded, or does not create the aggregate.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "commands are written at the call"
    )]
    pub fn when<C>(self, command: C) -> Decided<A>
    where
        A: Handle<C>,
    {
        self.decide(type_name::<C>(), &|state| {
            state.map(|state| state.handle(&command))
        })
    }

    /// This command comes where there is no aggregate yet.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "door.built")]
    /// # struct Built { width_cm: u32 }
    /// #[derive(Debug, PartialEq, Aggregate)]
    /// #[aggregate(name = "door", id = u64, error = std::convert::Infallible, created_by = Built, events(Built))]
    /// struct Door { width_cm: u32 }
    /// # impl Create<Built> for Door {
    /// #     fn create(event: &Built) -> Self { Door { width_cm: event.width_cm } }
    /// # }
    ///
    /// struct Build { width_cm: u32 }
    ///
    /// impl HandleNew<Build> for Door {
    ///     fn handle(command: &Build) -> Decision<Self> {
    ///         Ok(Built { width_cm: command.width_cm }.into())
    ///     }
    /// }
    ///
    /// Scenario::<Door>::new()
    ///     .when_new(Build { width_cm: 90 })
    ///     .then(Built { width_cm: 90 })
    ///     .and_state(|door| assert_eq!(door.width_cm, 90));
    /// ```
    ///
    /// # Panics
    ///
    /// When there is a history.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "commands are written at the call"
    )]
    pub fn when_new<C>(self, command: C) -> Decided<A>
    where
        A: HandleNew<C>,
    {
        let is_new = self.given.iter().all(Given::is_dropped);
        self.decide(type_name::<C>(), &|_| {
            is_new.then(|| <A as HandleNew<C>>::handle(&command))
        })
    }

    #[track_caller]
    fn decide(self, command: &'static str, decide: Decide<'_, A>) -> Decided<A> {
        self.bomb.defuse();
        let stream = self.stream.unwrap_or_else(|| {
            StreamId::new(A::CATEGORY, "scenario").expect("the derive has checked the category")
        });
        let setup = Setup {
            given: self.given,
            stream,
            checks: self.checks,
        };
        match play(setup, command, decide) {
            Ok(run) => Decided::new(run, Location::caller()),
            Err(why) => panic!("{}", failure::unplayable::<A>(command, why)),
        }
    }
}

impl<A: Aggregate> fmt::Debug for Scenario<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("aggregate", &type_name::<A>())
            .field("given", &self.given.len())
            .finish_non_exhaustive()
    }
}

/// The command is refused with an error of this pattern, as in `matches!`: for [`Decided::then_error`] where the error has no
/// `PartialEq`, or not all of it matters.
///
/// ```
/// # use eventsource_core::prelude::*;
/// # use eventsource_testing::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// # #[event(name = "account.withdrawn")]
/// # struct Withdrawn { cents: i64 }
/// # #[derive(Debug, thiserror::Error)]
/// # enum AccountError { #[error("{missing} cents are missing")] InsufficientFunds { missing: i64 } }
/// # #[derive(Debug, Default, PartialEq, Aggregate)]
/// # #[aggregate(name = "account", id = u64, error = AccountError, events(Withdrawn))]
/// # struct Account;
/// # impl Apply<Withdrawn> for Account { fn apply(&mut self, _: &Withdrawn) {} }
/// # struct Withdraw { cents: i64 }
/// # impl Handle<Withdraw> for Account {
/// #     fn handle(&self, command: &Withdraw) -> Decision<Self> {
/// #         Err(AccountError::InsufficientFunds { missing: command.cents })
/// #     }
/// # }
/// then_error!(
///     Scenario::<Account>::new().when(Withdraw { cents: 5 }),
///     AccountError::InsufficientFunds { missing } if *missing > 0
/// );
/// ```
#[macro_export]
macro_rules! then_error {
    ($decided:expr, $pattern:pat $(if $guard:expr)? $(,)?) => {
        $decided.then_error_matching(
            ::core::stringify!($pattern $(if $guard)?),
            |error| ::core::matches!(error, $pattern $(if $guard)?),
        )
    };
}
