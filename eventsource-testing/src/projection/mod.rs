//! Given these events, a read model reads like this, however they are delivered; and a reaction has done this, and has
//! done it once.
//!
//! [`ProjectionScenario`] takes the events, [`ProjectionOutcome`] tells what the checks could look at. Beside what a
//! scenario expects, it makes every [`ProjectionCheck`] by itself.
//!
//! The way through this folder: `story` is what is told, `place` is where it is played, with the worker of a real runner
//! that is moved by hand, `play` delivers as it is told and compares, `checks` deliver in all other ways, `report` says
//! what is wrong.

mod block;
mod bomb;
mod check;
mod checks;
mod given;
mod outcome;
mod place;
mod play;
mod report;
mod story;
mod then;

use std::{any::type_name, fmt, marker::PhantomData, panic::Location, sync::Arc};

use eventsource_core::{Projection, Reaction, TransactionalStore, projection::HandlesIn};

use self::{bomb::Bomb, story::Story};
pub use self::{
    check::ProjectionCheck,
    outcome::ProjectionOutcome,
    place::{InStore, Memory, Outside, Reacting},
};

/// A test of a read model: given these events, it reads like this.
///
/// It goes the way of production: the events are encoded and appended to a store, found by the projection's own
/// subscription, decoded as they are today, and delivered by what a [`Runner`](eventsource_core::Runner) delivers by. Then
/// the same events are delivered again in other ways, and what is read has to be the same: see [`ProjectionCheck`]. It
/// needs no runtime.
///
/// | the projection lives | begin with | end with |
/// |---|---|---|
/// | in memory | [`new`](Self::new), [`of`](Self::of) | `then_eq`, `then_reads`, `then_state` |
/// | in a store's transaction | the same, and `.on(store)` | `then_rows` |
/// | outside, at least once | [`with_fake`](Self::with_fake) | `then_reads` of the fake |
/// | as a reaction | [`ReactionScenario`] | `then_reads` of the fake |
///
/// A scenario that ends without a `then` fails.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use eventsource_core::prelude::*;
/// use eventsource_testing::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[event(name = "account.deposited", version = 2)]
/// struct Deposited {
///     #[event(was(amount, before = 2))]
///     cents: i64,
/// }
///
/// #[derive(Default, Aggregate)]
/// #[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Deposited))]
/// struct Account;
/// # impl Apply<Deposited> for Account { fn apply(&mut self, _: &Deposited) {} }
///
/// #[derive(Debug, Default, PartialEq, Projection)]
/// #[projection(name = "balances", version = 1, from(Account), events(Deposited))]
/// struct Balances(BTreeMap<String, i64>);
///
/// impl Project<Deposited> for Balances {
///     fn project(&mut self, event: &Deposited, envelope: &Envelope<'_>) {
///         *self.0.entry(envelope.stream.id().to_owned()).or_default() += event.cents;
///     }
/// }
///
/// // In a function of its own, under `#[test]`.
/// ProjectionScenario::<Balances>::new()
///     .given::<Account>(1, [Deposited { cents: 300 }, Deposited { cents: 200 }])
///     .given_stored::<Account>(2, "account.deposited", 1, json!({ "amount": 50 })) // as it lies in production
///     .when::<Account>(1, Deposited { cents: 1 })
///     .then_eq(Balances([("1".to_owned(), 501), ("2".to_owned(), 50)].into()));
/// ```
pub struct ProjectionScenario<P, K = Memory<P>> {
    place: K,
    story: Story,
    bomb: Bomb,
    of: PhantomData<fn() -> P>,
}

/// A test of a side effect: what was given has happened before the reaction was first started, and when these events come,
/// this has been done, and has been done once. The verbs are those of a [`ProjectionScenario`].
///
/// ```
/// use std::{collections::BTreeMap, sync::{Arc, Mutex}};
///
/// use eventsource_core::prelude::*;
/// use eventsource_testing::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[event(name = "account.opened")]
/// struct Opened { owner: String }
///
/// #[derive(Default, Aggregate)]
/// #[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
/// struct Account;
/// # impl Apply<Opened> for Account { fn apply(&mut self, _: &Opened) {} }
///
/// /// Stands for a mail server, which sends what it has not seen.
/// #[derive(Clone, Default)]
/// struct Mailbox(Arc<Mutex<BTreeMap<ReactionId, String>>>);
///
/// #[derive(Reaction)]
/// #[reaction(name = "welcome", from(Account), events(Opened))]
/// struct Welcome(Mailbox);
///
/// impl React<Opened> for Welcome {
///     async fn react(&self, event: &Opened, _: &Envelope<'_>, id: ReactionId) -> Result<(), HandlerError> {
///         self.0.0.lock().unwrap().insert(id, event.owner.clone());
///         Ok(())
///     }
/// }
///
/// ReactionScenario::<Welcome>::with_fake(Mailbox::default, |mailbox| Welcome(mailbox.clone()))
///     .given::<Account>(1, Opened { owner: "ann".into() }) // long ago: no mail
///     .when::<Account>(2, Opened { owner: "bob".into() })
///     .then_reads(|mailbox| mailbox.0.lock().unwrap().values().cloned().collect::<Vec<_>>(), vec!["bob".to_owned()]);
/// ```
pub type ReactionScenario<R, F = ()> = ProjectionScenario<R, Reacting<R, F>>;

impl<P: Projection> ProjectionScenario<P, Memory<P>> {
    /// A scenario of a projection that begins as its `Default`.
    #[track_caller]
    #[expect(
        clippy::new_without_default,
        reason = "a scenario remembers the line that began it, and fails when nothing follows"
    )]
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn new() -> Self
    where
        P: Default,
    {
        Self::of(P::default)
    }

    /// A scenario of a projection that begins as `make` says, each time that it is started.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn of(make: impl Fn() -> P + Send + Sync + 'static) -> Self {
        let make = Arc::new(make);
        Self::begin(
            Memory { make },
            Story::new(P::NAME, P::listed(), &P::sources()),
            IN_MEMORY,
        )
    }

    /// The projection lives in the transaction of this store, which has to be empty: it is of no use for anything else then.
    ///
    /// All of it happens on a thread of its own, outside of any runtime, also where the test is in one. So the store may
    /// answer by threads and channels, and not by tasks of the test's own runtime where that has one thread.
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn on<S>(self, store: S) -> ProjectionScenario<P, InStore<P, S>>
    where
        S: TransactionalStore,
        P: HandlesIn<S::Tx>,
    {
        let make = self.place.make;
        ProjectionScenario {
            place: InStore { make, store },
            story: self.story,
            bomb: self.bomb.for_verbs(IN_STORE),
            of: PhantomData,
        }
    }

    /// A scenario of a projection that is delivered to at least once: what it is delivered to is outside of the process,
    /// and a fake stands for it. A new fake is made for each way of delivering, and lasts when the process of the projection
    /// ends; the projection is made on it at each start. Handlers run on a thread of their own, outside of any runtime.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn with_fake<F>(
        fake: impl Fn() -> F + Send + Sync + 'static,
        make: impl Fn(&F) -> P + Send + Sync + 'static,
    ) -> ProjectionScenario<P, Outside<P, F>> {
        let (fake, make) = (Box::new(fake), Box::new(make));
        let story = Story::new(P::NAME, P::listed(), &P::sources());
        ProjectionScenario::begin(Outside { fake, make }, story, ON_FAKE)
    }
}

impl<R: Reaction> ProjectionScenario<R, Reacting<R, ()>> {
    /// A scenario of a reaction. What it acts on is outside of the process, and a fake stands for it. A new fake is made
    /// for each way of delivering, and lasts when the process of the reaction ends; the reaction is made on it at each
    /// start. Handlers run on a thread of their own, outside of any runtime.
    #[track_caller]
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn with_fake<F>(
        fake: impl Fn() -> F + Send + Sync + 'static,
        make: impl Fn(&F) -> R + Send + Sync + 'static,
    ) -> ReactionScenario<R, F> {
        let (fake, make) = (Box::new(fake), Box::new(make));
        let story = Story::new(R::NAME, R::listed(), &R::sources());
        ProjectionScenario::begin(Reacting { fake, make }, story, ON_FAKE)
    }
}

const IN_MEMORY: &str =
    "`.then_eq(model)`, `.then_reads(|model| .., value)` or `.then_state(|model| ..)`";
const IN_STORE: &str = "`.then_rows(async |store| .., rows)`";
const ON_FAKE: &str = "`.then_reads(|fake| .., value)`";

impl<P, K> ProjectionScenario<P, K> {
    #[track_caller]
    fn begin(place: K, story: Story, then: &'static str) -> Self {
        let bomb = Bomb::new(story.name, Location::caller(), then);
        Self {
            place,
            story,
            bomb,
            of: PhantomData,
        }
    }

    /// Leaves one of the checks out; a failure says so.
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn without(mut self, check: ProjectionCheck) -> Self {
        self.story.settings.switch_off(check);
        self
    }

    /// Fails when this check cannot look at everything, or when it is off.
    #[must_use = "a scenario without `then` tests nothing"]
    pub fn requires(mut self, check: ProjectionCheck) -> Self {
        self.story.settings.require(check);
        self
    }
}

impl<P, K> fmt::Debug for ProjectionScenario<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectionScenario")
            .field("of", &type_name::<P>())
            .field("events", &self.story.events.len())
            .finish_non_exhaustive()
    }
}
