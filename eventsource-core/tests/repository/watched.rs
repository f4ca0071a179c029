//! A store that counts what is asked of it, and whose snapshots can be held up, exchanged and made to fail.

use std::{
    collections::BTreeSet,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Category, EventStore, EventStream, Keep,
    LeaseStore, Limits, Page, Position, ProjectionStore, Read, ReadError, Receipt, SnapshotError,
    SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot, StreamId, TrimError, TrimStore,
    Trimmed, Version, async_trait,
};
use tokio::sync::{RwLock, RwLockWriteGuard};

/// What becomes of a snapshot that is found.
type Exchange =
    dyn FnMut(Option<StoredSnapshot>) -> Result<Option<StoredSnapshot>, SnapshotError> + Send;

/// What is done once.
type Once = Box<dyn FnOnce() + Send>;

/// Clones are handles on the same.
#[derive(Clone)]
pub(crate) struct Watched {
    store: Arc<Mutex<Arc<dyn EventStore>>>,
    counts: Arc<Counts>,
    exchange: Arc<Mutex<Option<Box<Exchange>>>>,
    saves_pass: Arc<RwLock<()>>,
    switches: Arc<Switches>,
    /// What is done once, after the first page of a read.
    after_a_page: Arc<Mutex<Option<Once>>>,
    declared: Arc<Mutex<Option<Capabilities>>>,
}

#[derive(Default)]
struct Counts {
    events: AtomicU64,
    reads: AtomicU64,
    appends: AtomicU64,
    saves: AtomicU64,
}

#[derive(Default)]
struct Switches {
    saves_fail: AtomicBool,
    nothing_missed: AtomicBool,
    no_snapshots: AtomicBool,
    first_waits: AtomicBool,
}

impl Watched {
    pub(crate) fn new(store: impl EventStore) -> Self {
        Self {
            store: Arc::new(Mutex::new(Arc::new(store))),
            counts: Arc::default(),
            exchange: Arc::default(),
            saves_pass: Arc::default(),
            switches: Arc::default(),
            after_a_page: Arc::default(),
            declared: Arc::default(),
        }
    }

    /// How many events were read since it was last asked.
    pub(crate) fn events(&self) -> u64 {
        self.counts.events.swap(0, Ordering::SeqCst)
    }

    /// How many reads were begun since it was last asked.
    pub(crate) fn reads(&self) -> u64 {
        self.counts.reads.swap(0, Ordering::SeqCst)
    }

    /// How many appends came since it was last asked.
    pub(crate) fn appends(&self) -> u64 {
        self.counts.appends.swap(0, Ordering::SeqCst)
    }

    /// How many saves of snapshots were begun since it was last asked.
    pub(crate) fn saves(&self) -> u64 {
        self.counts.saves.swap(0, Ordering::SeqCst)
    }

    /// Counts from here on.
    pub(crate) fn forget_counts(&self) {
        let all = [
            &self.counts.events,
            &self.counts.reads,
            &self.counts.appends,
            &self.counts.saves,
        ];
        for count in all {
            count.store(0, Ordering::SeqCst);
        }
    }

    /// Changes what is found from now on.
    pub(crate) fn exchange(
        &self,
        exchange: impl FnMut(Option<StoredSnapshot>) -> Result<Option<StoredSnapshot>, SnapshotError>
        + Send
        + 'static,
    ) {
        *self.exchange.lock().expect("not poisoned") = Some(Box::new(exchange));
    }

    /// Snapshots are found as they are again.
    pub(crate) fn exchange_nothing(&self) {
        *self.exchange.lock().expect("not poisoned") = None;
    }

    /// Saves wait for as long as the guard lives.
    pub(crate) async fn hold_saves(&self) -> RwLockWriteGuard<'_, ()> {
        self.saves_pass.write().await
    }

    pub(crate) fn fail_saves(&self, fail: bool) {
        self.switches.saves_fail.store(fail, Ordering::SeqCst);
    }

    /// Conflicts bring no events, as a store is free to do.
    pub(crate) fn bring_nothing(&self) {
        self.switches.nothing_missed.store(true, Ordering::SeqCst);
    }

    /// The same without snapshots.
    pub(crate) fn without_snapshots(self) -> Self {
        self.switches.no_snapshots.store(true, Ordering::SeqCst);
        self
    }

    /// Something is done, once, when the first page of a read was given.
    pub(crate) fn after_a_page(&self, act: impl FnOnce() + Send + 'static) {
        *self.after_a_page.lock().expect("not poisoned") = Some(Box::new(act));
    }

    /// Once, who asks where a stream begins has to wait for a moment.
    pub(crate) fn wait_for_first(&self) {
        self.switches.first_waits.store(true, Ordering::SeqCst);
    }

    /// The store declares other capabilities from now on.
    pub(crate) fn declare(&self, capabilities: Capabilities) {
        *self.declared.lock().expect("not poisoned") = Some(capabilities);
    }

    /// Another store lies where this one lay, as when a backup is put back under a program that runs.
    pub(crate) fn put_back(&self, store: impl EventStore) {
        *self.store.lock().expect("not poisoned") = Arc::new(store);
    }

    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        Arc::clone(&self.store.lock().expect("not poisoned"))
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl EventStore for Watched {
    fn capabilities(&self) -> Capabilities {
        let declared = *self.declared.lock().expect("not poisoned");
        declared.unwrap_or_else(|| self.store().capabilities())
    }
    fn limits(&self) -> Limits {
        self.store().limits()
    }
    async fn append(&self, mut append: Append) -> Result<Receipt, AppendError> {
        self.counts.appends.fetch_add(1, Ordering::SeqCst);
        if self.switches.nothing_missed.load(Ordering::SeqCst) {
            append.missed_limit = 0;
        }
        self.store().append(append).await
    }
    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.store().find_append(key).await
    }
    fn read(&self, read: Read) -> EventStream {
        self.counts.reads.fetch_add(1, Ordering::SeqCst);
        EventStream::from_pages(Counted {
            events: self.store().read(read),
            counts: Arc::clone(&self.counts),
            after_a_page: Arc::clone(&self.after_a_page),
        })
    }
    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store().stream_version(stream).await
    }
    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.store().head().await
    }
    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store().wait_beyond(position).await
    }
    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        let has_none = self.switches.no_snapshots.load(Ordering::SeqCst);
        (!has_none).then_some(self)
    }
    fn trims(&self) -> Option<&dyn TrimStore> {
        Some(self)
    }
    /// A repository asks for none, and the wrapped store may be exchanged at any moment.
    fn projections(&self) -> Option<&dyn ProjectionStore> {
        None
    }
    fn leases(&self) -> Option<&dyn LeaseStore> {
        None
    }
}

struct Counted {
    events: EventStream,
    counts: Arc<Counts>,
    after_a_page: Arc<Mutex<Option<Once>>>,
}

impl futures_core::Stream for Counted {
    type Item = Result<Page, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = pin!(self.events.next_page()).poll(cx);
        page.map_ok(|page| {
            let events = page.len() as u64;
            self.counts.events.fetch_add(events, Ordering::SeqCst);
            // Not under the lock: it may say what is done next.
            let act = self.after_a_page.lock().expect("not poisoned").take();
            if let Some(act) = act {
                act();
            }
            page
        })
        .map(|page| (!matches!(&page, Ok(page) if page.is_empty())).then_some(page))
    }
}

#[async_trait]
impl SnapshotStore for Watched {
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        self.counts.saves.fetch_add(1, Ordering::SeqCst);
        let pass = self.saves_pass.read().await;
        drop(pass);
        if self.switches.saves_fail.load(Ordering::SeqCst) {
            let source = "it is to fail".into();
            return Err(SnapshotError::Engine { source });
        }
        self.store()
            .snapshots()
            .expect("a store with snapshots")
            .save_snapshot(snapshot, keep)
            .await
    }

    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        let found = self
            .store()
            .snapshots()
            .expect("a store with snapshots")
            .find_snapshot(query)
            .await?;
        match &mut *self.exchange.lock().expect("not poisoned") {
            Some(exchange) => exchange(found),
            None => Ok(found),
        }
    }

    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError> {
        self.store()
            .snapshots()
            .expect("a store with snapshots")
            .delete_snapshots(range)
            .await
    }
}

/// Where the store cannot trim, it fails when it is to.
#[async_trait]
impl TrimStore for Watched {
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        let store = self.store();
        match store.trims() {
            Some(trims) => trims.trim(stream, before).await,
            None => Err(TrimError::Engine {
                source: "it cannot trim".into(),
            }),
        }
    }

    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        if self.switches.first_waits.swap(false, Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        let store = self.store();
        match store.trims() {
            Some(trims) => trims.first_version(stream).await,
            None => Ok(store.stream_version(stream).await?.map(|_| Version::FIRST)),
        }
    }

    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        let store = self.store();
        match store.trims() {
            Some(trims) => trims.trimmed_beyond(categories, after).await,
            None => Ok(None),
        }
    }
}
