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
//!   when      Withdraw   at 2026-01-01T00:00:00Z
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
//!
//! The way through this folder: `setup` is what a scenario begins with, `run` plays it, `history` and `journal` take the
//! events into the store and out again, `checks` look at it, `decided` compares it with what is expected, `failure` and
//! `report` say what is wrong.

mod bomb;
mod check;
pub(crate) mod checks;
mod command;
mod compare;
mod content;
#[cfg(feature = "proptest")]
mod course;
mod decided;
mod failure;
mod given;
mod history;
pub(crate) mod journal;
mod matching;
mod outcome;
mod production;
mod ready;
pub(crate) mod report;
pub(crate) mod run;
mod setup;
mod unplayable;

use std::{any::type_name, fmt, panic::Location, sync::Arc};

use eventsource_core::{
    Aggregate, Context, Events, Handle, HandleNew, IdSource, StreamId, Timestamp,
};

pub(crate) use self::{bomb::Bomb, command::Command};
pub use self::{
    check::{Check, Verdict},
    decided::Decided,
    matching::Matching,
    outcome::Outcome,
};
use self::{
    checks::concurrent::race,
    report::text::chain,
    run::play,
    setup::{Given, Meanwhile, Setup, World},
};
#[cfg(feature = "proptest")]
pub(crate) use self::{
    course::{Course, Invariant, Step},
    report::name::short,
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
    world: World,
    meanwhile: Option<Meanwhile<A>>,
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
            world: World::of::<A>(),
            meanwhile: None,
            bomb: Bomb::without_when(A::CATEGORY, Location::caller()),
        }
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
            Ok(stream) => self.world.stream = stream,
            Err(error) => panic!("{}: {}", A::CATEGORY, chain(&error)),
        }
        self
    }

    /// Sets the clock, which stands still until it is set again: what is given after it occurred then, and the command
    /// comes then. Without it, it is 2026-01-01T00:00:00Z. Handlers have no clock; it is the envelopes that tell the time
    /// (see [`Outcome::and_recorded`]).
    ///
    /// # Panics
    ///
    /// When a text is not a time of RFC 3339.
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn clock_at<T: TryInto<Timestamp, Error: fmt::Display>>(mut self, time: T) -> Self {
        match time.try_into() {
            Ok(time) => self.world.now = time,
            Err(error) => panic!("{}: {error}", A::CATEGORY),
        }
        self
    }

    /// Takes the ids of the command and of its events from here, in this order. Without it they count from 1; given events
    /// have ids of their own.
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn ids_from(mut self, ids: impl IdSource) -> Self {
        self.world.ids = Arc::new(ids);
        self
    }

    /// The command comes in this context: who asks, in which conversation, why. Where it names no command and no
    /// conversation, they are made up.
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn within(mut self, context: Context) -> Self {
        self.world.context = context;
        self
    }

    /// Leaves one of the checks out; a failure says so.
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn without(mut self, check: Check) -> Self {
        self.world.settings.switch_off(check);
        self
    }

    /// Fails when this check cannot look at everything, as where a state has no `PartialEq`, or when it is off. One of
    /// [`Check::ON_DEMAND`] has to be asked for by one of the commands of the scenario.
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn requires(mut self, check: Check) -> Self {
        self.world.settings.require(check);
        self
    }

    /// Another writer appends these events while the command is being decided, so that the command meets a conflict and is
    /// decided anew: what follows is what came of that ([`Check::Concurrent`]).
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "seat.sold")]
    /// # struct Sold { to: String }
    /// # #[derive(Debug, PartialEq, thiserror::Error)]
    /// # #[error("it was sold to {to}")]
    /// # struct IsSold { to: String }
    /// # #[derive(Debug, Default, PartialEq, Aggregate)]
    /// # #[aggregate(name = "seat", id = u64, error = IsSold, events(Sold))]
    /// # struct Seat { sold_to: Option<String> }
    /// # impl Apply<Sold> for Seat { fn apply(&mut self, e: &Sold) { self.sold_to = Some(e.to.clone()); } }
    /// # struct Sell { to: &'static str }
    /// # impl Handle<Sell> for Seat {
    /// #     fn handle(&self, command: &Sell) -> Decision<Self> {
    /// #         match &self.sold_to {
    /// #             Some(to) => Err(IsSold { to: to.clone() }),
    /// #             None => Ok(Sold { to: command.to.into() }.into()),
    /// #         }
    /// #     }
    /// # }
    /// Scenario::<Seat>::new()
    ///     .meanwhile(Sold { to: "ann".into() })
    ///     .when(Sell { to: "bob" })
    ///     .then_error(IsSold { to: "ann".into() });
    /// ```
    #[track_caller]
    #[must_use = "a scenario without `when` and `then` tests nothing"]
    pub fn meanwhile(mut self, events: impl Into<Events<A>>) -> Self {
        self.world.settings.ask(Check::Concurrent);
        let at = Location::caller();
        let meanwhile = self.meanwhile.get_or_insert_with(|| Meanwhile {
            events: Vec::new(),
            play: race::<A>,
            at,
        });
        meanwhile.events.extend(events.into());
        self
    }

    /// This command comes. It is decided several times, so that a handler that depends on more than state and command is
    /// found.
    ///
    /// # Panics
    ///
    /// When the history cannot be stored, read and folded, or does not create the aggregate.
    #[track_caller]
    pub fn when<C: Send + Sync + 'static>(self, command: C) -> Decided<A>
    where
        A: Handle<C>,
    {
        self.decide(Command::on_state(command))
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
    pub fn when_new<C: Send + Sync + 'static>(self, command: C) -> Decided<A>
    where
        A: HandleNew<C>,
    {
        self.decide(Command::on_nothing(command))
    }

    #[track_caller]
    fn decide(self, command: Command<A>) -> Decided<A> {
        self.bomb.defuse();
        let setup = Setup {
            given: self.given,
            world: self.world,
            meanwhile: self.meanwhile,
        };
        let name = command.name;
        match play(setup, command) {
            Ok(run) => Decided::new(run, Location::caller()),
            Err(why) => panic!("{}", why.report::<A>(name).text()),
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
