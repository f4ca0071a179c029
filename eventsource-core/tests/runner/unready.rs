//! A store in memory that is not ready with an answer when it is asked: it answers when it is asked once more.

use std::{
    fmt,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, EventStore, EventStream, LeaseStore, Limits,
    MemoryStore, Page, Position, ProjectionStore, Read, ReadError, Receipt, StreamId, TrimStore,
    Version, async_trait,
};
use futures_core::Stream;
use tokio::task::yield_now;

/// See the module.
pub(crate) struct Unready {
    store: MemoryStore,
    is_ready: bool,
    at_head: Box<dyn Fn() + Send + Sync>,
    /// Whether reads that begin with the first event of the store fail, for a time.
    pub(crate) fails_from_the_start: AtomicBool,
}

impl Unready {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self {
            store,
            is_ready: false,
            at_head: Box::new(|| ()),
            fails_from_the_start: AtomicBool::new(false),
        }
    }

    /// One that answers at once, and that does something each time it is asked for its head.
    pub(crate) fn always_ready(
        store: MemoryStore,
        at_head: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            is_ready: true,
            at_head: Box::new(at_head),
            ..Self::new(store)
        }
    }

    async fn waits(&self) {
        if !self.is_ready {
            yield_now().await;
        }
    }
}

impl fmt::Debug for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unready").finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for Unready {
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
        let fails = self.fails_from_the_start.load(Ordering::SeqCst);
        if fails && read.from_position.is_none() && read.from_version.is_none() {
            return EventStream::from_pages(FailsLate { polls: 0 });
        }
        self.store.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.waits().await;
        (self.at_head)();
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.waits().await;
        self.store.wait_beyond(position).await
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

/// Fails after whatever else is ready had its turn.
struct FailsLate {
    polls: u32,
}

impl Stream for FailsLate {
    type Item = Result<Page, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.polls += 1;
        if self.polls < 4 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let source = "planted".into();
        Poll::Ready(Some(Err(ReadError::Unavailable { source })))
    }
}
