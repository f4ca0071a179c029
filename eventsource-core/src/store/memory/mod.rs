//! The store in memory: the reference implementation of the contract, for tests and for what need not last.

mod keeper;
mod leases;
mod log;
mod projections;
mod reader;
mod snapshots;
mod trim;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use async_trait::async_trait;

use self::{log::Log, reader::Reader, snapshots::Snapshots};
use crate::{
    clock::{Clock, SystemClock},
    store::{
        Append, AppendError, Capabilities, Capability, EventStore, EventStream, LeaseStore, Limits,
        ProjectionStore, Read, ReadError, Receipt, SnapshotStore, TrimStore,
    },
    stream::{Position, StreamId, Version},
    text::AppendKey,
};
pub(crate) use keeper::Keeper;

/// A store in memory. Clones are handles on the same events, which are gone with the last of them.
///
/// It keeps encoded events, checks expectations and remembers append keys as every store does, and passes the same
/// conformance suite.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{EventStore, EventStoreExt, MemoryStore};
///
/// let store = MemoryStore::new();
/// assert_eq!(store.head().await?, None);
/// assert!(store.read_all().await?.is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    log: RwLock<Log>,
    snapshots: RwLock<Snapshots>,
    keeper: Keeper,
    #[cfg(feature = "fault")]
    faults: Option<Arc<dyn crate::fault::FaultHook>>,
    appended: event_listener::Event,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl MemoryStore {
    /// An empty store on the clock of the machine.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store whose `recorded_at` comes from `clock`, by which its leases run out, too.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::with(clock, Limits::default())
    }

    /// An empty store that takes no more than `limits`.
    pub fn with_limits(limits: Limits) -> Self {
        Self::with(Arc::new(SystemClock), limits)
    }

    fn with(clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self(Arc::new(Shared {
            log: RwLock::new(Log::default()),
            snapshots: RwLock::new(Snapshots::default()),
            keeper: Keeper::new(Arc::clone(&clock)),
            #[cfg(feature = "fault")]
            faults: None,
            appended: event_listener::Event::new(),
            clock,
            limits,
        }))
    }

    /// An empty store that asks `faults` before it stores an append, changes its snapshots, trims a stream, changes what it
    /// keeps for projections or a lease, and after it has.
    #[cfg(feature = "fault")]
    pub fn with_faults(faults: Arc<dyn crate::fault::FaultHook>) -> Self {
        Self::with_clock_and_faults(Arc::new(SystemClock), faults)
    }

    /// The same, and `recorded_at` comes from `clock`.
    #[cfg(feature = "fault")]
    pub fn with_clock_and_faults(
        clock: Arc<dyn Clock>,
        faults: Arc<dyn crate::fault::FaultHook>,
    ) -> Self {
        Self(Arc::new(Shared {
            log: RwLock::new(Log::default()),
            snapshots: RwLock::new(Snapshots::default()),
            keeper: Keeper::new(Arc::clone(&clock)).with_faults(Arc::clone(&faults)),
            faults: Some(faults),
            appended: event_listener::Event::new(),
            clock,
            limits: Limits::default(),
        }))
    }

    #[cfg(feature = "fault")]
    fn strike(&self, point: crate::fault::FaultPoint) -> Result<(), AppendError> {
        self.0
            .faults
            .as_ref()
            .map_or(Ok(()), |faults| crate::fault::strike(&**faults, point))
    }

    /// A poisoned lock is taken all the same: the log checks everything before it changes anything.
    fn log(&self) -> RwLockReadGuard<'_, Log> {
        self.0.log.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("events", &self.log().len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .with(Capability::MultiStreamAppend)
            .with(Capability::ContiguousBatch)
            .with(Capability::Snapshots)
            .with(Capability::Trim)
            .with(Capability::Projections)
            .with(Capability::Leases)
    }

    fn limits(&self) -> Limits {
        self.0.limits
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        append
            .check(self.capabilities(), &self.0.limits)
            .map_err(AppendError::Rejected)?;
        #[cfg(feature = "fault")]
        self.strike(crate::fault::FaultPoint::BeforeCommit)?;
        let receipt = {
            let mut log = self.0.log.write().unwrap_or_else(PoisonError::into_inner);
            log.append(append, self.0.clock.now())?
        };
        if receipt.is_first() && !receipt.is_empty() {
            self.0.appended.notify(usize::MAX);
        }
        #[cfg(feature = "fault")]
        self.strike(crate::fault::FaultPoint::AfterCommit)?;
        Ok(receipt)
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        Ok(self.log().find_append(key))
    }

    fn read(&self, read: Read) -> EventStream {
        if let Err(error) = read.check() {
            return EventStream::failed(error);
        }
        let (store, mut reader) = (self.clone(), Reader::new(read));
        EventStream::from_page_fn(move || reader.next_page(&store.log()))
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        Ok(self.log().version(stream))
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.log().head())
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        loop {
            // Listening comes before looking, so that nothing appended in between is missed.
            let appended = self.0.appended.listen();
            let head = self.log().head();
            match head {
                Some(head) if position < Some(head) => return Ok(head),
                _ => appended.await,
            }
        }
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        Some(self)
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        Some(self)
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        Some(&self.0.keeper)
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        Some(&self.0.keeper)
    }
}
