//! The runner on the store under test: what it delivers to, and by what the cases order what it does. What delivers is the
//! framework's own; what it rests on, the store's reads, checkpoints and leases, is the store's.

use std::{
    any::Any,
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    Capability, InMemory, Parked, ParkedQuery, Position, Projection, ProjectionState,
    ProjectionStatus, ProjectionStore, Receipt, RetryPolicy, RunSettings, Runner, RunnerHandle,
    Spawner, Task, Timer,
    prelude::*,
    projection::{Envelope, HandlerError, HandlesAsync, Handling, Project, Source},
    runner::StartError,
};
use tokio::{sync::Semaphore, task::JoinHandle};

use crate::suite::{
    bench::Store,
    cases::{
        aggregate::{Counted, Tally},
        kept::{find, name},
    },
};

/// Nothing takes as long as this: what is to end it is something else. Leases are as long, too.
pub(crate) const FOREVER: Duration = Duration::from_secs(14_400);
/// The same in microseconds.
pub(crate) const FOREVER_MICROS: i64 = 14_400_000_000;
/// How often a lease is renewed that lasts so long.
pub(crate) const RENEWAL: Duration = Duration::from_secs(4_800);
/// How long a checkpoint waits that only passes what is not listed.
pub(crate) const IDLE: Duration = Duration::from_secs(7_200);

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits of an hour and more end when the case says so, and any other one at once, or nearly so.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<BTreeMap<Duration, Arc<Semaphore>>>);

impl Waits {
    fn bell(&self, wait: Duration) -> Arc<Semaphore> {
        let mut bells = lock(&self.0);
        let bell = bells
            .entry(wait)
            .or_insert_with(|| Arc::new(Semaphore::new(0)));
        Arc::clone(bell)
    }

    /// Ends one wait of this length: one that is waited for, or else the next one.
    pub(crate) fn ring(&self, wait: Duration) {
        self.bell(wait).add_permits(1);
    }
}

impl Timer for Waits {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if delay < Duration::from_secs(3_600) {
            return Box::pin(tokio::time::sleep(delay.min(Duration::from_millis(1))));
        }
        let bell = self.bell(delay);
        Box::pin(async move { bell.acquire().await.expect("it is open").forget() })
    }
}

/// Tasks that can be killed, as a process is.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<Vec<JoinHandle<()>>>);

impl Spawner for Tasks {
    fn spawn(&self, task: Task) {
        lock(&self.0).push(tokio::spawn(task));
    }
}

impl Tasks {
    pub(crate) async fn kill(&self) {
        let tasks = std::mem::take(&mut *lock(&self.0));
        for task in tasks {
            task.abort();
            assert!(task.await.is_err(), "it ran until it was killed");
        }
    }
}

/// A runner whose long waits end when the case says so.
pub(crate) fn runner(store: &Store, waits: &Arc<Waits>) -> Runner<Store> {
    Runner::new(Arc::clone(store))
        .with_timer(Arc::clone(waits) as Arc<dyn Timer>)
        .with_spawner(Arc::new(Tasks::default()))
}

/// Three attempts without waits in between; leases and idle checkpoints that end when the case says so.
pub(crate) fn settings() -> RunSettings {
    let retry = RetryPolicy::default().with_attempts(3);
    RunSettings::default()
        .with_retry(retry.with_delays(Duration::ZERO, Duration::ZERO))
        .with_lease(FOREVER)
        .with_checkpoint_after(IDLE)
}

pub(crate) fn begin(runner: Runner<Store>) -> RunnerHandle {
    let begun = runner.start();
    begun.unwrap_or_else(|error| panic!("the runner does not begin: {error:?}"))
}

/// What was delivered, to anywhere.
#[derive(Clone)]
pub(crate) struct Told {
    seen: Arc<Mutex<Vec<(String, i64)>>>,
    arrived: Arc<Semaphore>,
    leave: Arc<Semaphore>,
    fails: Arc<AtomicBool>,
    attempts: Arc<AtomicU32>,
}

/// What a handler fails to take in while it is told to.
pub(crate) const CURSED: i64 = 13;

impl Default for Told {
    fn default() -> Self {
        let told = Self::held();
        told.go_on(Semaphore::MAX_PERMITS / 2);
        told
    }
}

impl Told {
    /// Where each event waits for leave in its handler.
    pub(crate) fn held() -> Self {
        Self {
            seen: Arc::default(),
            arrived: Arc::new(Semaphore::new(0)),
            leave: Arc::new(Semaphore::new(0)),
            fails: Arc::default(),
            attempts: Arc::default(),
        }
    }

    /// Waits until one more event is in its handler.
    pub(crate) async fn arrives(&self) {
        self.arrived.acquire().await.expect("it is open").forget();
    }

    pub(crate) fn go_on(&self, events: usize) {
        self.leave.add_permits(events);
    }

    /// Whether what is cursed fails.
    pub(crate) fn curse(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// How often something cursed has failed.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::SeqCst)
    }

    /// What was counted in one tally, in the order of delivery.
    pub(crate) fn of(&self, tally: u64) -> Vec<i64> {
        let (seen, tally) = (lock(&self.seen), tally.to_string());
        let of = seen.iter().filter(|(of, _)| *of == tally);
        of.map(|(_, by)| *by).collect()
    }

    async fn take(&self, event: &Counted, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
        self.arrived.add_permits(1);
        self.leave.acquire().await?.forget();
        if event.by == CURSED && self.fails.load(Ordering::SeqCst) {
            self.attempts.fetch_add(1, Ordering::SeqCst);
            return Err(HandlerError::new("the curse"));
        }
        let tally = envelope.stream.id().to_owned();
        lock(&self.seen).push((tally, event.by));
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Event)]
#[event(name = "memo.written")]
pub(crate) struct Written;

/// Events of which projections first know nothing.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "memo", id = u64, error = std::convert::Infallible, events(Written))]
pub(crate) struct Memo;

impl Apply<Written> for Memo {
    fn apply(&mut self, _: &Written) {}
}

/// Tells of counts anywhere, at least once. Where it is `WIDE`, it takes memos, too.
#[derive(Clone, Default)]
pub(crate) struct Mirror<const VERSION: u32 = 1, const WIDE: bool = false>(pub(crate) Told);

impl<const VERSION: u32, const WIDE: bool> Projection for Mirror<VERSION, WIDE> {
    const NAME: &'static str = "mirror";
    const VERSION: u32 = VERSION;

    fn sources() -> Vec<Source> {
        let mut sources = vec![Source::of::<Tally>()];
        if WIDE {
            sources.push(Source::of::<Memo>());
        }
        sources
    }

    fn listed() -> Vec<&'static str> {
        let mut listed = vec!["tally.counted"];
        if WIDE {
            listed.push("memo.written");
        }
        listed
    }
}

impl<const VERSION: u32, const WIDE: bool> HandlesAsync for Mirror<VERSION, WIDE> {
    fn handle<'a>(
        &'a self,
        event: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a> {
        Box::pin(async move {
            match event.downcast_ref::<Counted>() {
                Some(event) => self.0.take(event, envelope).await,
                None => Ok(()),
            }
        })
    }
}

/// The sum of each tally, in memory, and what was counted in which order.
#[derive(Debug, Default, Clone, PartialEq, Projection)]
#[projection(name = "sums", version = 1, from(Tally), events(Counted))]
pub(crate) struct Sums {
    pub(crate) sums: BTreeMap<String, i64>,
    pub(crate) counted: Vec<i64>,
}

impl Project<Counted> for Sums {
    fn project(&mut self, event: &Counted, envelope: &Envelope<'_>) {
        let tally = envelope.stream.id().to_owned();
        *self.sums.entry(tally).or_default() += event.by;
        self.counted.push(event.by);
    }
}

pub(crate) fn sums() -> InMemory<Sums> {
    InMemory::new(Sums::default)
}

/// Adds to a tally.
pub(crate) async fn add(store: &Store, tally: u64, by: i64) -> Receipt {
    let tallies = Repository::<Tally>::new(Arc::clone(store));
    let added = tallies.execute(&tally, Counted { by }).await;
    added.expect("a command is stored")
}

/// Adds to the first tally, again and again.
pub(crate) async fn add_all(store: &Store, all: impl IntoIterator<Item = i64>) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for by in all {
        receipts.push(add(store, 1, by).await);
    }
    receipts
}

/// Waits until everything that runs has passed it.
pub(crate) async fn passes(runner: &RunnerHandle, receipt: &Receipt) {
    let passed = runner.wait_for(receipt, FOREVER).await;
    passed.unwrap_or_else(|error| panic!("what was stored does not pass: {error:?}"));
}

pub(crate) async fn status(runner: &RunnerHandle, of: &str) -> ProjectionStatus {
    let status = runner
        .status_of_one(of)
        .await
        .expect("the store can be read");
    status.expect("it runs")
}

/// Waits until one does what it is to.
pub(crate) async fn until(
    runner: &RunnerHandle,
    of: &str,
    is: impl Fn(&ProjectionStatus) -> bool + Send,
) -> ProjectionStatus {
    loop {
        let status = status(runner, of).await;
        if is(&status) {
            return status;
        }
        tokio::task::yield_now().await;
    }
}

/// Whether it waits for a lease that another one holds.
pub(crate) fn waits_for(status: &ProjectionStatus, other: &str) -> bool {
    matches!(&status.state, ProjectionState::WaitingForLease { holder: Some(holder) } if *holder == other)
}

/// The stored checkpoint of the mirror.
pub(crate) async fn checkpoint(kept: &dyn ProjectionStore) -> Option<Position> {
    let found = find(kept, &name("mirror")).await;
    found?.live()?.checkpoint
}

/// What the mirror has parked.
pub(crate) async fn parked(kept: &dyn ProjectionStore) -> Vec<Parked> {
    let name = name("mirror");
    let found = find(kept, &name).await;
    let live = found.and_then(|found| found.live).expect("it is built");
    let parked = kept.parked(&name, live, ParkedQuery::first(1_000));
    parked.await.expect("the parked events of a build")
}

/// A store that keeps no checkpoints refuses what needs them, and read models in memory are built on it all the same.
pub(crate) async fn refuses(store: &Store) {
    let waits = Arc::default();
    let refused = runner(store, &waits).with(Mirror::<1>::default()).start();
    assert!(
        matches!(&refused, Err(StartError::Unsupported { source, .. }) if source.capability == Capability::Projections),
        "a store without checkpoints refuses what needs them: {refused:?}"
    );
    let sums = sums();
    let runner = begin(runner(store, &waits).with_settings(sums.clone(), settings()));
    let last = add_all(store, 1..=3).await;
    passes(&runner, &last[2]).await;
    assert_eq!(
        sums.read(|sums| sums.counted.clone()),
        [1, 2, 3],
        "a read model in memory needs no checkpoint"
    );
    runner.stop().await;
}
