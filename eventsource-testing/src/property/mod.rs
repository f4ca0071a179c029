//! Histories that come about by chance, from commands.
//!
//! A scenario tests the history that somebody thought of; [`histories`] makes up hundreds. Commands are drawn at random and
//! decided one after the other, so that only such histories come about as the handlers allow, and every [`Check`] of a
//! scenario looks at every step. A history in which a check finds something is shrunk: commands are left out, and those that
//! remain are made smaller, until nothing more can go.
//!
//! ```text
//! account: the check `replay` failed, in a random history
//!
//!   commands  1  Open
//!             2  Deposit { cents: 1 }
//!
//!   given  1  account.opened v1  null
//!   when      Deposit   at 2026-01-01T00:00:00Z
//!   ..
//!   hint: to meet it again, run this test with PROPTEST_RNG_SEED=7 ..
//! ```
//!
//! The way through this folder: `drawn` is what the strategies give, `tally` what was played, `failure` what is said when
//! it went wrong. A step itself is played by `scenario/course.rs`.

mod drawn;
mod failure;
mod tally;

use std::{
    any::type_name,
    cell::{Cell, RefCell},
    env, fmt,
    hash::{BuildHasher, RandomState},
    panic::Location,
};

use eventsource_core::{Aggregate, Handle, HandleNew};
use proptest::{
    collection,
    strategy::{BoxedStrategy, Strategy, Union},
    test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner},
};

pub use self::tally::Tally;
use self::{
    drawn::Drawn,
    failure::{Failure, Found},
};
use crate::scenario::{Bomb, Check, Course, Invariant};

/// Random histories of an aggregate; say of which commands, then [`check`](Histories::check) them.
///
/// ```
/// use eventsource_core::prelude::*;
/// use eventsource_testing::{prelude::*, proptest::prelude::*};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[event(name = "jar.filled")]
/// struct Filled { coins: u32 }
///
/// #[derive(Debug, PartialEq, thiserror::Error)]
/// #[error("it is full")]
/// struct Full;
///
/// #[derive(Debug, Clone, Default, PartialEq, Aggregate)]
/// #[aggregate(name = "jar", id = u64, error = Full, events(Filled))]
/// struct Jar { coins: u32 }
///
/// impl Apply<Filled> for Jar { fn apply(&mut self, event: &Filled) { self.coins += event.coins; } }
///
/// #[derive(Debug)]
/// struct Fill(u32);
///
/// impl Handle<Fill> for Jar {
///     fn handle(&self, command: &Fill) -> Decision<Self> {
///         if self.coins + command.0 > 50 { return Err(Full); }
///         Ok(Filled { coins: command.0 }.into())
///     }
/// }
///
/// fn any_fill() -> impl Strategy<Value = Fill> {
///     (1..20_u32).prop_map(Fill)
/// }
///
/// // This stands in a function of its own under `#[test]`.
/// histories::<Jar>()
///     .command(any_fill())
///     .invariant("never more than 50 coins", |jar| jar.coins <= 50)
///     .check();
/// ```
#[track_caller]
pub fn histories<A: Aggregate>() -> Histories<A> {
    Histories::new(Location::caller())
}

/// Random histories that are still to be checked; see [`histories`].
///
/// Dropping it panics: a test that checks nothing must not pass.
#[must_use = "random histories without `.check()` test nothing"]
pub struct Histories<A: Aggregate> {
    commands: Vec<BoxedStrategy<Drawn<A>>>,
    invariants: Vec<Invariant<A>>,
    off: Vec<Check>,
    length: usize,
    config: Config,
    bomb: Bomb,
}

/// The most commands of a history, where nothing else is said.
const LENGTH: usize = 20;

/// How many of the accepted commands are too few: fewer than one of so many that came.
const ONE_OF: u64 = 20;

/// So often a history is made shorter or smaller, where nothing else is said. proptest's own number depends on that of the
/// cases, so that a run of few cases would show a history that is not the shortest.
const SHRINKS: u32 = 10_000;

impl<A: Aggregate> Histories<A> {
    fn new(at: &'static Location<'static>) -> Self {
        let mut config = Config {
            // A test writes no files unless it is asked to.
            failure_persistence: None,
            ..Config::default()
        };
        if config.max_shrink_iters == u32::MAX {
            config.max_shrink_iters = SHRINKS;
        }
        Self {
            commands: Vec::new(),
            invariants: Vec::new(),
            off: Vec::new(),
            length: LENGTH,
            config,
            bomb: Bomb::without_check(A::CATEGORY, at),
        }
    }

    /// Commands of this kind come, as often as those of every other kind. One that its handler refuses is decided and
    /// checked, too, but is in no history. They need `Debug`, which proptest asks for; a failure shows them by it.
    ///
    /// Shrinking replaces a command by one of a kind that was named before it, where that shows the same.
    pub fn command<S>(mut self, commands: S) -> Self
    where
        S: Strategy<Value: Send + Sync> + 'static,
        A: Handle<S::Value>,
    {
        self.commands.push(Drawn::on_state(commands));
        self
    }

    /// Commands of this kind come, which create the aggregate. Where there is one already, they come to nothing.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::{prelude::*, proptest::prelude::*};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "door.built")]
    /// # struct Built { width_cm: u32 }
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "door.widened")]
    /// # struct Widened { by_cm: u32 }
    /// #[derive(Debug, Clone, PartialEq, Aggregate)]
    /// #[aggregate(name = "door", id = u64, error = std::convert::Infallible, created_by = Built, events(Built, Widened))]
    /// struct Door { width_cm: u32 }
    /// # impl Create<Built> for Door {
    /// #     fn create(event: &Built) -> Self { Door { width_cm: event.width_cm } }
    /// # }
    /// # impl Apply<Widened> for Door {
    /// #     fn apply(&mut self, event: &Widened) { self.width_cm += event.by_cm; }
    /// # }
    /// # #[derive(Debug)]
    /// # struct Build { width_cm: u32 }
    /// # impl HandleNew<Build> for Door {
    /// #     fn handle(command: &Build) -> Decision<Self> {
    /// #         Ok(Built { width_cm: command.width_cm }.into())
    /// #     }
    /// # }
    /// # #[derive(Debug)]
    /// # struct Widen { by_cm: u32 }
    /// # impl Handle<Widen> for Door {
    /// #     fn handle(&self, command: &Widen) -> Decision<Self> {
    /// #         Ok(Widened { by_cm: command.by_cm }.into())
    /// #     }
    /// # }
    ///
    /// histories::<Door>()
    ///     .command_new((60..200_u32).prop_map(|width_cm| Build { width_cm }))
    ///     .command((1..20_u32).prop_map(|by_cm| Widen { by_cm }))
    ///     .check();
    /// ```
    pub fn command_new<S>(mut self, commands: S) -> Self
    where
        S: Strategy<Value: Send + Sync> + 'static,
        A: HandleNew<S::Value>,
    {
        self.commands.push(Drawn::on_nothing(commands));
        self
    }

    /// This holds for every state that a command has led to by an event.
    pub fn invariant(mut self, name: &'static str, holds: impl Fn(&A) -> bool + 'static) -> Self {
        self.invariants.push(Invariant {
            name,
            holds: Box::new(holds),
        });
        self
    }

    /// Leaves one of the checks out; a failure says so.
    pub fn without(mut self, check: Check) -> Self {
        self.off.push(check);
        self
    }

    /// So many histories are played; 256 where nothing else is said. The environment variable `PROPTEST_CASES` goes before
    /// it, so that a nightly run may play more.
    pub fn cases(mut self, cases: u32) -> Self {
        if env::var_os("PROPTEST_CASES").is_none() {
            self.config.cases = cases;
        }
        self
    }

    /// A history has at most so many commands, those that are refused among them; 20 where nothing else is said.
    pub fn length(mut self, commands: usize) -> Self {
        self.length = commands;
        self
    }

    /// Everything else that proptest lets a test configure. Nothing is written to a file unless it is said here:
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::{prelude::*, proptest::prelude::*};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "light.lit")]
    /// # struct Lit;
    /// # #[derive(Debug, Default, PartialEq, Aggregate)]
    /// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Lit))]
    /// # struct Light;
    /// # impl Apply<Lit> for Light { fn apply(&mut self, _: &Lit) {} }
    /// # #[derive(Debug, Clone)]
    /// # struct SwitchOn;
    /// # impl Handle<SwitchOn> for Light { fn handle(&self, _: &SwitchOn) -> Decision<Self> { Ok(Lit.into()) } }
    /// use eventsource_testing::proptest::test_runner::FileFailurePersistence;
    ///
    /// histories::<Light>()
    ///     .command(Just(SwitchOn))
    ///     .config(|config| {
    ///         // What failed once is tried first, from this file.
    ///         config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct("tests/light.txt")));
    ///     })
    ///     .check();
    /// ```
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Plays the histories.
    ///
    /// # Panics
    ///
    /// When a check finds something in one of them, or an invariant does not hold, or a handler panics; and when they test
    /// nothing: there are no commands, fewer than one of 20 was accepted, or no event happened.
    #[track_caller]
    pub fn check(self) -> Tally {
        match self.play(Location::caller()) {
            Ok(tally) => tally,
            Err(failure) => panic!("{}", failure.text(A::CATEGORY)),
        }
    }

    fn play(self, at: &'static Location<'static>) -> Result<Tally, Failure> {
        let Self {
            commands,
            invariants,
            off,
            length,
            mut config,
            bomb,
        } = self;
        bomb.defuse();
        if commands.is_empty() {
            return Err(Failure::Empty("no command was named: add `.command(..)`"));
        }
        if length == 0 {
            return Err(Failure::Empty("they have no length"));
        }
        if config.cases == 0 {
            return Err(Failure::Empty("no cases are to be played"));
        }
        let seed = seed(&mut config);
        let tally = RefCell::new(Tally::default());
        // While a failure is shrunk, histories are played that are not counted.
        let histories = Cell::new(None);
        let what = RefCell::new(String::new());
        let test = |commands: Vec<Drawn<A>>| {
            if histories.get().is_none() {
                tally.borrow_mut().begin();
            }
            let mut course = Course::new(&off, at);
            for Drawn { command, .. } in &commands {
                match course.step(command, &invariants) {
                    Ok(step) => tally.borrow_mut().add(command.name, step),
                    Err((line, text)) => {
                        histories.set(Some(tally.borrow().histories()));
                        *what.borrow_mut() = line;
                        return Err(TestCaseError::fail(text));
                    }
                }
            }
            Ok(())
        };
        let drawn = collection::vec(Union::new(commands), 1..=length);
        match TestRunner::new(config).run(&drawn, test) {
            Ok(()) => sufficient(tally.into_inner()),
            Err(TestError::Abort(why)) => Err(Failure::Abandoned(why.message().to_owned())),
            Err(TestError::Fail(why, commands)) => Err(Failure::Found(Found {
                what: what.into_inner(),
                text: why.message().to_owned(),
                commands: commands.iter().map(|drawn| format!("{drawn:?}")).collect(),
                histories: histories.get().unwrap_or_default(),
                seed,
            })),
        }
    }
}

/// The seed of this run, which was chosen by chance unless it was given.
fn seed(config: &mut Config) -> u64 {
    match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => {
            let seed = RandomState::new().hash_one(());
            config.rng_seed = RngSeed::Fixed(seed);
            seed
        }
    }
}

/// Whether so much was accepted and happened that something was tested.
fn sufficient(tally: Tally) -> Result<Tally, Failure> {
    if tally.accepted() == 0 || tally.accepted() * ONE_OF < tally.commands() {
        return Err(Failure::Refused(tally));
    }
    if tally.events() == 0 {
        return Err(Failure::Idle(tally));
    }
    Ok(tally)
}

impl<A: Aggregate> fmt::Debug for Histories<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histories")
            .field("aggregate", &type_name::<A>())
            .field("commands", &self.commands.len())
            .field("length", &self.length)
            .field("cases", &self.config.cases)
            .finish_non_exhaustive()
    }
}
