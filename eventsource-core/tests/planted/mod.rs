//! A store in memory that changes what readers see, fails, hangs and counts.

use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Category, EventStore, EventStream, Limits,
    MemoryStore, Position, Read, ReadError, Receipt, Recorded, StreamId, TrimError, TrimStore,
    Trimmed, Version, async_trait,
};

/// What becomes of the events of a read.
pub(crate) type Change = Arc<dyn Fn(Vec<Recorded>) -> Vec<Recorded> + Send + Sync>;

pub(crate) fn change(
    change: impl Fn(Vec<Recorded>) -> Vec<Recorded> + Send + Sync + 'static,
) -> Change {
    Arc::new(change)
}

/// See the module.
#[derive(Default)]
pub(crate) struct Planted {
    store: MemoryStore,
    change: Option<Change>,
    hides_trims: bool,
    /// Whether some looks fail, or never end.
    pub(crate) fails: AtomicBool,
    pub(crate) hangs: AtomicBool,
    looks: AtomicUsize,
    reads: AtomicUsize,
    pub(crate) asked_for_trims: AtomicUsize,
    /// How many events were given to readers, and in pages of how many at the most.
    pub(crate) given: Arc<AtomicUsize>,
    pub(crate) longest_page: Arc<AtomicUsize>,
}

impl Planted {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self {
            store,
            ..Self::default()
        }
    }

    pub(crate) fn with_change(mut self, change: Change) -> Self {
        self.change = Some(change);
        self
    }

    pub(crate) fn without_trims(mut self) -> Self {
        self.hides_trims = true;
        self
    }

    /// One look in three goes well in any case.
    async fn look(&self) -> Result<(), ReadError> {
        let look = self.looks.fetch_add(1, Ordering::SeqCst);
        let (fails, hangs) = (&self.fails, &self.hangs);
        match look % 3 {
            1 if hangs.load(Ordering::SeqCst) => std::future::pending().await,
            2 if fails.load(Ordering::SeqCst) => {
                let source = "planted".into();
                Err(ReadError::Unavailable { source })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planted").finish_non_exhaustive()
    }
}

/// What a future gives when it is polled once, and then dropped.
pub(crate) fn once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[async_trait]
impl EventStore for Planted {
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

    fn read(&self, mut read: Read) -> EventStream {
        let number = self.reads.fetch_add(1, Ordering::SeqCst);
        if number.is_multiple_of(2) && self.fails.load(Ordering::SeqCst) {
            let source = "planted".into();
            return EventStream::failed(ReadError::Unavailable { source });
        }
        // What is lost counts for no limit.
        let limit = read.limit.take().unwrap_or(u64::MAX);
        let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut events = self.store.read(read);
        let (change, given) = (self.change.clone(), Arc::clone(&self.given));
        let longest = Arc::clone(&self.longest_page);
        EventStream::from_page_fn(move || {
            let mut page =
                match pin!(events.next_page()).poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(Ok(page)) if page.is_empty() => return None,
                    Poll::Ready(Ok(page)) => page,
                    Poll::Ready(Err(error)) => return Some(Err(error)),
                    Poll::Pending => panic!("the store in memory does not wait"),
                };
            if let Some(change) = &change {
                page = change(page);
            }
            page.truncate(left);
            left -= page.len();
            given.fetch_add(page.len(), Ordering::SeqCst);
            longest.fetch_max(page.len(), Ordering::SeqCst);
            Some(Ok(page))
        })
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.look().await?;
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store.wait_beyond(position).await
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        (!self.hides_trims).then_some(self)
    }
}

#[async_trait]
impl TrimStore for Planted {
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        self.store.trim(stream, before).await
    }

    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.asked_for_trims.fetch_add(1, Ordering::SeqCst);
        self.look().await?;
        self.store.first_version(stream).await
    }

    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        self.store.trimmed_beyond(categories, after).await
    }
}
