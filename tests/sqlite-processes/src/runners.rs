//! Runners of one read model in several processes.

use std::{
    fmt,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use eventsource_core::{
    Advance, AdvanceError, Append, AppendError, AppendKey, Capabilities, Clock, EventStore,
    EventStream, LeaseHolder, LeaseStore, Limits, ManualClock, Position, ProjectionState,
    ProjectionStore, ProjectionStoreError, Read, ReadError, ReadModelWork, Receipt, RetryPolicy,
    RunSettings, Runner, RunnerHandle, SnapshotStore, StreamId, SystemClock, Timestamp,
    TransactionalStore, TrimStore, Version, async_trait,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, SqliteTx};
use tokio::sync::Notify;

use crate::{
    common::open,
    jars::{Fills, NAME, fill},
    writers::{hear, hears, ready, say},
};

/// What is done before and after each step of a projection.
#[async_trait]
pub(crate) trait Steps: Send + Sync + 'static {
    /// The step, as it comes to the engine.
    async fn before(&self, advance: Advance) -> Advance;

    fn after(&self, done: &Result<(), AdvanceError>);
}

/// A store whose steps can be seen and held up.
struct Watched<S> {
    store: SqliteStore,
    steps: Arc<S>,
}

impl<S> fmt::Debug for Watched<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.store).finish()
    }
}

#[async_trait]
impl<S: Steps> EventStore for Watched<S> {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.store.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.store.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.store.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store.wait_beyond(position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.store.snapshots()
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.store.trims()
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.store.projections()
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.store.leases()
    }
}

#[async_trait]
impl<S: Steps> TransactionalStore for Watched<S> {
    type Tx = SqliteTx;

    async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<SqliteTx>,
    ) -> Result<(), AdvanceError> {
        let advance = self.steps.before(advance).await;
        let done = self.store.advance_in(advance, work).await;
        self.steps.after(&done);
        done
    }
}

/// Says once when its first step that was made has set out.
#[derive(Default)]
struct SaysFirst(OnceLock<i64>, OnceLock<()>);

#[async_trait]
impl Steps for SaysFirst {
    async fn before(&self, advance: Advance) -> Advance {
        self.0.get_or_init(|| SystemClock.now().as_micros());
        advance
    }

    fn after(&self, done: &Result<(), AdvanceError>) {
        if done.is_ok() {
            self.1
                .get_or_init(|| say(&format!("active {}", self.0.get().unwrap())));
        }
    }
}

/// Longer than anything here takes, so that a wait that fails says why.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// The next runner waits for its end; and a busy machine does not keep who lives from renewing it.
const LEASE: Duration = Duration::from_secs(3);

fn start<S: Steps>(
    (store, steps): (SqliteStore, S),
    name: &str,
    settings: RunSettings,
) -> RunnerHandle {
    let retry = RetryPolicy::default().with_attempts(2);
    let settings = settings.with_retry(retry.with_delays(Duration::ZERO, Duration::ZERO));
    let steps = Arc::new(steps);
    Runner::new(Watched { store, steps })
        .with_settings(
            Fills::<1> {
                by: name.to_owned(),
            },
            settings,
        )
        .with_holder(LeaseHolder::new(name).unwrap())
        .start()
        .unwrap()
}

/// Waits until another process has the lease.
async fn waits(runner: &RunnerHandle) -> String {
    loop {
        let status = runner.status_of_one(NAME).await.unwrap().unwrap();
        if let ProjectionState::WaitingForLease {
            holder: Some(holder),
        } = status.state
        {
            return holder.to_string();
        }
        tokio::task::yield_now().await;
    }
}

/// Runs the projection until its process is told to end, and is at the head then. The second one says for whom it waits.
pub(crate) async fn run(path: &Path, name: &str, is_second: bool) {
    let settings = RunSettings::default().with_lease(LEASE).with_batch(20);
    let store = open(path).await;
    let runner = start((store.clone(), SaysFirst::default()), name, settings);
    if is_second {
        say(&format!("waits {}", waits(&runner).await));
    }
    hears().await;
    let head = store.append(fill(0)).await.unwrap();
    runner.wait_for(&head, LONG).await.unwrap();
    runner.stop().await;
}

/// Fills a jar once.
pub(crate) async fn fill_one(path: &Path) {
    ready();
    open(path).await.append(fill(0)).await.unwrap();
}

/// Fills jars until the process is told to end. What it has not said is not stored, unless it is killed.
pub(crate) async fn fill_for_ever(path: &Path) {
    let store = open(path).await;
    ready();
    let end = tokio::spawn(hears());
    let mut number = 0_u64;
    while !end.is_finished() {
        store.append(fill(number % 7)).await.unwrap();
        say(&format!("stored {number}"));
        number += 1;
    }
}

/// Each step waits until its process is told to let it go, and what became of it is said.
struct Held {
    is_fenced: bool,
    refused: Arc<Notify>,
}

#[async_trait]
impl Steps for Held {
    async fn before(&self, advance: Advance) -> Advance {
        say("arrived");
        // The runner has a thread for each projection, and its lease is not to be renewed.
        hear();
        if self.is_fenced {
            advance
        } else {
            advance.fenced(None)
        }
    }

    fn after(&self, done: &Result<(), AdvanceError>) {
        match done {
            Ok(()) => say("done"),
            Err(AdvanceError::Store(ProjectionStoreError::Fenced { .. })) => {
                say("fenced");
                self.refused.notify_one();
            }
            Err(error) => say(&format!("refused {error:?}")),
        }
    }
}

/// Runs the projection, step by step, on a clock that stands still at so many hours. A lease lasts an hour, and the runner's
/// own timer never comes to its end: it is the fence that refuses. One that was refused says for whom it waits.
pub(crate) async fn run_held(path: &Path, name: &str, hours: i64, is_fenced: bool) {
    const HOUR: Duration = Duration::from_secs(3_600);
    let clock = ManualClock::at(Timestamp::from_micros(hours * 3_600_000_000));
    let options = SqliteOptions::new(path).with_clock(Arc::new(clock) as Arc<dyn Clock>);
    let store = SqliteStore::open_with(options).await.unwrap();
    let refused = Arc::new(Notify::new());
    let held = Held {
        is_fenced,
        refused: Arc::clone(&refused),
    };
    let settings = RunSettings::default().with_lease(HOUR);
    let runner = start((store, held), name, settings);
    refused.notified().await;
    say(&format!("waits {}", waits(&runner).await));
    std::future::pending::<()>().await;
}
