//! Jars of coins, and what is told of them.

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    InMemory, Projection, ProjectionStatus, Reaction, Receipt, RetryPolicy, RunSettings,
    RunnerHandle,
    prelude::*,
    projection::{
        Envelope, HandlerError, HandlesAsync, Handling, Project, ProjectAsync, React, ReactionId,
        Source,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// Longer than anything here takes, so that a wait that fails says why.
pub(crate) const LONG: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "jar.filled")]
pub(crate) struct Filled {
    pub(crate) coins: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "jar.labelled")]
pub(crate) struct Labelled {
    pub(crate) label: String,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled, Labelled))]
pub(crate) struct Jar {
    coins: i64,
}

impl Apply<Filled> for Jar {
    fn apply(&mut self, event: &Filled) {
        self.coins += event.coins;
    }
}

impl Apply<Labelled> for Jar {
    fn apply(&mut self, _: &Labelled) {}
}

pub(crate) struct Fill(pub(crate) i64);

impl Handle<Fill> for Jar {
    fn handle(&self, command: &Fill) -> Decision<Self> {
        Ok(Filled { coins: command.0 }.into())
    }
}

pub(crate) struct Label;

impl Handle<Label> for Jar {
    fn handle(&self, _: &Label) -> Decision<Self> {
        let label = "plums".into();
        Ok(Labelled { label }.into())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "lid.closed")]
pub(crate) struct Closed;

/// Events that no projection here lists.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "lid", id = u64, error = std::convert::Infallible, events(Closed))]
pub(crate) struct Lid;

impl Apply<Closed> for Lid {
    fn apply(&mut self, _: &Closed) {}
}

pub(crate) struct Close;

impl Handle<Close> for Lid {
    fn handle(&self, _: &Close) -> Decision<Self> {
        Ok(Closed.into())
    }
}

/// Fills a jar.
pub(crate) async fn fill(store: &MemoryStore, jar: u64, coins: i64) -> Receipt {
    let jars = Repository::<Jar>::new(store.clone());
    jars.execute(&jar, Fill(coins)).await.expect("filled")
}

/// Appends an event that nobody lists.
pub(crate) async fn close(store: &MemoryStore) -> Receipt {
    let lids = Repository::<Lid>::new(store.clone());
    lids.execute(&1, Close).await.expect("closed")
}

/// How many coins are in each jar, and in which order events came.
#[derive(Debug, Default, Clone, PartialEq, Projection)]
#[projection(
    name = "totals",
    version = 1,
    from(Jar),
    events(Filled),
    ignores(Labelled)
)]
pub(crate) struct Totals {
    pub(crate) coins: BTreeMap<String, i64>,
    pub(crate) seen: Vec<u64>,
}

/// A jar that is filled with so many coins cannot be told of.
pub(crate) const CURSED: i64 = -13;

impl Project<Filled> for Totals {
    fn project(&mut self, event: &Filled, envelope: &Envelope<'_>) {
        assert_ne!(event.coins, CURSED, "a handler that panics");
        let jar = envelope.stream.id().to_owned();
        *self.coins.entry(jar).or_default() += event.coins;
        self.seen.push(envelope.position().number());
    }
}

pub(crate) fn totals() -> InMemory<Totals> {
    InMemory::new(Totals::default)
}

/// What was delivered, to anywhere.
#[derive(Clone, Default)]
pub(crate) struct Told {
    seen: Arc<Mutex<Vec<(String, u64, i64)>>>,
    ids: Arc<Mutex<Vec<ReactionId>>>,
    rule: Arc<Mutex<Rule>>,
}

/// What a handler does with an event.
type Rule = Option<Box<dyn Fn(&Filled, &Envelope<'_>) -> Result<(), HandlerError> + Send>>;

impl Told {
    /// Streams, versions and coins, in the order of delivery.
    pub(crate) fn seen(&self) -> Vec<(String, u64, i64)> {
        self.seen
            .lock()
            .expect("no handler panics under it")
            .clone()
    }

    /// The same of one jar, without its stream.
    pub(crate) fn of(&self, jar: u64) -> Vec<i64> {
        let seen = self.seen();
        let of = seen
            .iter()
            .filter(|(stream, ..)| *stream == jar.to_string());
        of.map(|(_, _, coins)| *coins).collect()
    }

    pub(crate) fn ids(&self) -> Vec<ReactionId> {
        self.ids.lock().expect("no handler panics under it").clone()
    }

    /// What its handler does from now on before it takes an event in.
    pub(crate) fn rule(
        &self,
        rule: impl Fn(&Filled, &Envelope<'_>) -> Result<(), HandlerError> + Send + 'static,
    ) {
        *self.rule.lock().expect("no rule panics") = Some(Box::new(rule));
    }

    pub(crate) fn take(&self, event: &Filled, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
        if let Some(rule) = &*self.rule.lock().expect("no rule panics") {
            rule(event, envelope)?;
        }
        let jar = envelope.stream.id().to_owned();
        let seen = (jar, envelope.version.get(), event.coins);
        self.seen.lock().expect("no handler panics").push(seen);
        Ok(())
    }
}

/// Tells it anywhere, at least once.
#[derive(Clone, Default)]
pub(crate) struct Mirror<const VERSION: u32 = 1>(pub(crate) Told);

impl<const VERSION: u32> Projection for Mirror<VERSION> {
    const NAME: &'static str = "mirror";
    const VERSION: u32 = VERSION;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

impl<const VERSION: u32> HandlesAsync for Mirror<VERSION> {
    fn handle<'a>(
        &'a self,
        event: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a> {
        Box::pin(async move {
            match event.downcast_ref::<Filled>() {
                Some(event) => self.0.take(event, envelope),
                None => Ok(()),
            }
        })
    }
}

/// Does something for each fill.
#[derive(Clone, Default, Reaction)]
#[reaction(name = "thanks", from(Jar), events(Filled), ignores(Labelled))]
pub(crate) struct Thanks(pub(crate) Told);

impl React<Filled> for Thanks {
    async fn react(
        &self,
        event: &Filled,
        envelope: &Envelope<'_>,
        id: ReactionId,
    ) -> Result<(), HandlerError> {
        self.0.ids.lock().expect("no handler panics").push(id);
        self.0.take(event, envelope)
    }
}

/// Waits for leave before it takes an event in.
#[derive(Clone)]
pub(crate) struct Slow<const VERSION: u32 = 1> {
    pub(crate) told: Told,
    arrived: Arc<Semaphore>,
    leave: Arc<Semaphore>,
}

impl<const VERSION: u32> Default for Slow<VERSION> {
    fn default() -> Self {
        Self {
            told: Told::default(),
            arrived: Arc::new(Semaphore::new(0)),
            leave: Arc::new(Semaphore::new(0)),
        }
    }
}

impl<const VERSION: u32> Slow<VERSION> {
    /// Until an event is in its handler.
    pub(crate) async fn arrives(&self) {
        self.arrived.acquire().await.expect("it is open").forget();
    }

    pub(crate) fn go_on(&self, events: usize) {
        self.leave.add_permits(events);
    }
}

impl<const VERSION: u32> Projection for Slow<VERSION> {
    const NAME: &'static str = "slow";
    const VERSION: u32 = VERSION;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

impl<const VERSION: u32> HandlesAsync for Slow<VERSION> {
    fn handle<'a>(
        &'a self,
        event: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a> {
        Box::pin(async move {
            let Some(event) = event.downcast_ref::<Filled>() else {
                return Ok(());
            };
            self.arrived.add_permits(1);
            self.leave.acquire().await?.forget();
            self.told.take(event, envelope)
        })
    }
}

/// Whether the handler of [`Cursable`] panics.
pub(crate) static CURSE: AtomicBool = AtomicBool::new(false);

#[derive(Debug, Default, Projection)]
#[projection(
    name = "cursable",
    version = 1,
    from(Jar),
    events(Filled),
    ignores(Labelled)
)]
pub(crate) struct Cursable(pub(crate) i64);

impl Project<Filled> for Cursable {
    fn project(&mut self, event: &Filled, _: &Envelope<'_>) {
        assert!(!CURSE.load(Ordering::SeqCst), "cursed");
        self.0 += event.coins;
    }
}

/// Eight projections in memory, which differ by their names.
macro_rules! numbered {
    ($($name:ident = $text:literal),*) => {
        $(
            #[derive(Debug, Default, Projection)]
            #[projection(name = $text, version = 1, from(Jar), events(Filled), ignores(Labelled))]
            pub(crate) struct $name(i64);

            impl Project<Filled> for $name {
                fn project(&mut self, event: &Filled, _: &Envelope<'_>) {
                    self.0 += event.coins;
                }
            }
        )*

        pub(crate) fn numbered() -> ($(InMemory<$name>),*) {
            ($(InMemory::new($name::default)),*)
        }
    };
}
numbered! { A = "a", B = "b", C = "c", D = "d", E = "e", F = "f", G = "g", H = "h" }

/// Another projection of the same name and version, which takes another event.
#[derive(Projection)]
#[projection(
    name = "mirror",
    version = 1,
    at_least_once,
    from(Jar),
    events(Labelled),
    ignores(Filled)
)]
pub(crate) struct Redefined;

impl ProjectAsync<Labelled> for Redefined {
    async fn project(&self, event: &Labelled, _: &Envelope<'_>) -> Result<(), HandlerError> {
        Err(HandlerError::permanent(event.label.clone()))
    }
}

/// So many attempts, without waits in between.
pub(crate) fn at_once(attempts: u32) -> RunSettings {
    let retry = RetryPolicy::default().with_attempts(attempts);
    RunSettings::default().with_retry(retry.with_delays(Duration::ZERO, Duration::ZERO))
}

/// What is waited for here comes soon, so that what hangs is told.
pub(crate) async fn soon<F: Future>(coming: F) -> F::Output {
    let waited = tokio::time::timeout(LONG, coming).await;
    waited.expect("it hangs")
}

/// Waits until one is doing as it is to.
pub(crate) async fn until(
    runner: &RunnerHandle,
    name: &str,
    is: impl Fn(&ProjectionStatus) -> bool + Send,
) {
    loop {
        let status = status(runner, name).await;
        if is(&status) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// How one is doing.
pub(crate) async fn status(runner: &RunnerHandle, name: &str) -> ProjectionStatus {
    let status = runner.status_of_one(name).await.expect("readable");
    status.expect("it runs")
}
