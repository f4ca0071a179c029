//! Two runners on one file: what the slower one would commit is refused.

use std::{fmt, sync::Arc, time::Duration};

use eventsource_core::{
    Advance, AdvanceError, Append, AppendError, AppendKey, Capabilities, Clock, EventStore,
    EventStream, LeaseHolder, LeaseStore, Limits, ManualClock, Position, ProjectionState,
    ProjectionStore, Read, ReadError, ReadModelWork, Receipt, Runner, SnapshotStore, StreamId,
    Timestamp, TransactionalStore, TrimStore, Version, async_trait,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, SqliteTx};
use tokio::sync::Semaphore;

use crate::domain::{Bank, Holdings, LONG, Reads, at_once, fill, until};

/// A store whose steps wait for leave before they come to the engine, as on a machine that stands still.
#[derive(Clone)]
struct Gated {
    store: SqliteStore,
    arrived: Arc<Semaphore>,
    leave: Arc<Semaphore>,
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gated").field(&self.store).finish()
    }
}

#[async_trait]
impl EventStore for Gated {
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
impl TransactionalStore for Gated {
    type Tx = SqliteTx;

    async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<SqliteTx>,
    ) -> Result<(), AdvanceError> {
        self.arrived.add_permits(1);
        self.leave.acquire().await.expect("it is open").forget();
        self.store.advance_in(advance, work).await
    }
}

// S-12: a lease lasts by the store's clock; the runner's own never ends here, so that it is the fence that refuses.
#[tokio::test]
async fn a_commit_that_was_delayed_beyond_the_lease_is_refused_and_nothing_is_doubled() {
    let bank = Bank::new();
    let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
    let open = || {
        let options = SqliteOptions::new(&bank.path);
        SqliteStore::open_with(options.with_clock(Arc::clone(&clock) as Arc<dyn Clock>))
    };
    let gated = Gated {
        store: open().await.unwrap(),
        arrived: Arc::new(Semaphore::new(0)),
        leave: Arc::new(Semaphore::new(1)),
    };
    let hour = Duration::from_secs(3600);
    let named = |name| LeaseHolder::new(name).unwrap();
    let slow = Runner::new(gated.clone())
        .with_settings(Holdings::<1>::default(), at_once(2).with_lease(hour))
        .with_holder(named("slow"))
        .start()
        .unwrap();
    let last = fill(&gated, 1, 1).await;
    slow.wait_for(&last, LONG).await.unwrap();
    gated.arrived.acquire().await.unwrap().forget();
    // Its next step has set out, and has not arrived.
    fill(&gated, 1, 2).await;
    gated.arrived.acquire().await.unwrap().forget();

    let other = open().await.unwrap();
    clock.advance_micros(3_600_000_000);
    let quick = Runner::new(other.clone())
        .with_settings(Holdings::<1>::default(), at_once(2).with_lease(hour))
        .with_holder(named("quick"))
        .start()
        .unwrap();
    let last = fill(&other, 1, 3).await;
    quick.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.fills(1).await, [1, 2, 3]);

    // It arrives now.
    gated.leave.add_permits(1);
    until(&slow, |status| {
        matches!(&status.state, ProjectionState::WaitingForLease { holder: Some(holder) } if *holder == "quick")
    })
    .await;
    assert_eq!(reads.fills(1).await, [1, 2, 3]);
    assert_eq!(reads.of(1).await, Some(6));
    // From there it can be seen what the other one does.
    let last = fill(&gated, 1, 4).await;
    slow.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.count().await, 4);
    gated.leave.add_permits(100);
    slow.stop().await;
    quick.stop().await;
}
