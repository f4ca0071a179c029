//! Projections of vaults, and runners whose every wait ends by hand.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    Clock, LeaseHolder, ManualClock, MemoryStore, Projection, ProjectionStatus, Receipt,
    RetryPolicy, RunSettings, Runner, RunnerHandle, Spawner, Task, Timer,
    fault::{FaultAction, FaultHook, FaultPoint},
    prelude::*,
    projection::{Envelope, HandlerError, Project, ProjectAsync},
};

use crate::{
    domain::{Hidden, SECRET, Vault},
    faults::rival,
    timer::ByHand,
};

/// Longer than anything here takes; nobody ends such a wait.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// For how long leases are held.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// The vault of which nobody can be told, as long as the curse lasts.
pub(crate) const CURSED: u64 = 13;

/// What is told of vaults, somewhere outside.
#[derive(Debug, Clone, Default, Projection)]
#[projection(
    name = "mirror",
    version = 1,
    at_least_once,
    from(Vault),
    events(Hidden)
)]
pub(crate) struct Mirror(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_blessed: AtomicBool,
    failures: AtomicU64,
    /// Which attempts fail anyhow: one of so many; 0 for none.
    fails_one_of: AtomicU64,
    attempts: AtomicU64,
    /// How many events of each vault were taken in.
    seen: Mutex<BTreeMap<String, u64>>,
}

impl ProjectAsync<Hidden> for Mirror {
    async fn project(&self, event: &Hidden, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
        assert!(event.secret.contains(SECRET), "it is at hand");
        let attempt = self.0.attempts.fetch_add(1, Ordering::SeqCst) + 1;
        let one_of = self.0.fails_one_of.load(Ordering::SeqCst);
        let vault = envelope.stream.id();
        let is_cursed = vault == CURSED.to_string() && !self.0.is_blessed.load(Ordering::SeqCst);
        if is_cursed || (one_of > 0 && attempt.is_multiple_of(one_of)) {
            self.0.failures.fetch_add(1, Ordering::SeqCst);
            return Err(HandlerError::new("the curse"));
        }
        let mut seen = self.0.seen.lock().expect("not poisoned");
        *seen.entry(vault.to_owned()).or_default() += 1;
        Ok(())
    }
}

impl Mirror {
    /// The curse is over.
    pub(crate) fn bless(&self) {
        self.0.is_blessed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn fail_one_of(&self, attempts: u64) {
        self.0.fails_one_of.store(attempts, Ordering::SeqCst);
    }

    pub(crate) fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::SeqCst)
    }

    /// How often it was told of something hidden, and took it in.
    pub(crate) fn taken(&self) -> u64 {
        self.0.seen.lock().expect("not poisoned").values().sum()
    }
}

/// How much is hidden.
#[derive(Debug, Default, Projection)]
#[projection(name = "count", version = 1, from(Vault), events(Hidden))]
pub(crate) struct Count(pub(crate) u64);

impl Project<Hidden> for Count {
    fn project(&mut self, _: &Hidden, _: &Envelope<'_>) {
        self.0 += 1;
    }
}

/// Has the next changes of what is kept fail, so many of them, and one of so many then.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: AtomicU64,
    one_of: AtomicU64,
    times: AtomicU64,
    /// How often something failed.
    failed: AtomicU64,
}

impl FaultHook for Faults {
    fn at(&self, point: FaultPoint) -> FaultAction {
        if point != FaultPoint::BeforeCommit {
            return FaultAction::GoOn;
        }
        let less = |next: u64| next.checked_sub(1);
        let fails = { &self.next }.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        let time = self.times.fetch_add(1, Ordering::SeqCst) + 1;
        let one_of = self.one_of.load(Ordering::SeqCst);
        if fails.is_ok() || (one_of > 0 && time.is_multiple_of(one_of)) {
            self.failed.fetch_add(1, Ordering::SeqCst);
            return FaultAction::Fail;
        }
        FaultAction::GoOn
    }
}

impl Faults {
    pub(crate) fn fail_next(&self, times: u64) {
        self.next.store(times, Ordering::SeqCst);
    }

    pub(crate) fn fail_one_of(&self, times: u64) {
        self.one_of.store(times, Ordering::SeqCst);
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }
}

/// Has tasks on this thread, which is watched.
#[derive(Debug)]
struct Here;

impl Spawner for Here {
    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }
}

/// A store, and what runners on it need.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) timer: ByHand,
    pub(crate) faults: Arc<Faults>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        let faults = Arc::new(Faults::default());
        let store = MemoryStore::with_clock_and_faults(
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&faults) as Arc<dyn FaultHook>,
        );
        Self {
            store,
            clock,
            timer: ByHand::default(),
            faults,
        }
    }

    /// A runner of this name.
    pub(crate) fn runner(&self, holder: &str) -> Runner<MemoryStore> {
        Runner::new(self.store.clone())
            .with_clock(Arc::clone(&self.clock) as Arc<dyn Clock>)
            .with_timer(Arc::new(self.timer.clone()) as Arc<dyn Timer>)
            .with_spawner(Arc::new(Here))
            .with_holder(LeaseHolder::new(holder).expect("a legal name"))
    }

    /// Hides something in each of these vaults.
    pub(crate) async fn hide(&self, vaults: &[u64]) -> Receipt {
        let mut last = None;
        for vault in vaults {
            last = Some(self.store.append(rival(*vault)).await.expect("hidden"));
        }
        last.expect("there are some")
    }

    pub(crate) fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).expect("short");
        self.clock.advance_micros(micros);
    }
}

/// So many attempts, without waits in between.
pub(crate) fn settings(attempts: u32) -> RunSettings {
    let retry = RetryPolicy::default().with_attempts(attempts);
    RunSettings::default()
        .with_retry(retry.with_delays(Duration::ZERO, Duration::ZERO))
        .with_lease(LEASE)
}

pub(crate) async fn status(runner: &RunnerHandle, name: &str) -> ProjectionStatus {
    let status = runner.status_of_one(name).await.expect("readable");
    status.expect("it runs")
}

/// Waits until one is doing as it is to.
pub(crate) async fn until(
    runner: &RunnerHandle,
    name: &str,
    is: impl Fn(&ProjectionStatus) -> bool + Sync,
) {
    while !is(&status(runner, name).await) {
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn lives(runner: &RunnerHandle, name: &str) {
    until(runner, name, |status| status.state.is_live()).await;
}
