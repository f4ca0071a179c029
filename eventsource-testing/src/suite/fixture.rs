//! What a backend gives the suite: places for stores, and stores in them.

use std::sync::Arc;

use eventsource_core::{
    Clock, EventStore, MemoryStore, SystemClock, async_trait, fault::FaultHook,
};

/// A place where a store can lie: a file, a schema, a cell of memory. Each case makes its own.
///
/// The first three functions are what every backend can do. The last three belong to capabilities, and the suite
/// checks that they are offered exactly where the store declares the capability: [`location`](Self::location) and
/// [`at`](Self::at) with [`Capability::Durable`], under which [`open`](Self::open) after [`close`](Self::close) finds
/// everything again, and [`open_another`](Self::open_another) with [`Capability::MultiProcess`].
///
/// A backend whose store lies in a directory:
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use eventsource_core::{EventStore, async_trait};
/// use eventsource_testing::suite::{Fixture, Setup};
/// # struct TempDir;
/// # impl TempDir { fn new() -> Self { Self } fn path(&self) -> String { String::new() } }
/// # #[derive(Clone)]
/// # struct FileStore;
/// # impl FileStore {
/// #     async fn open(_: &str, _: Setup) -> Self { Self }
/// #     async fn close(self) {}
/// #     fn shared(&self) -> Arc<dyn EventStore> { Arc::new(eventsource_core::MemoryStore::new()) }
/// # }
///
/// struct InFile {
///     path: String,
///     /// The open store, so that it can be closed under its own type.
///     open: Mutex<Option<FileStore>>,
///     /// Removes the directory when the case is over; `None` in a child process, which only visits.
///     _dir: Option<TempDir>,
/// }
///
/// #[async_trait]
/// impl Fixture for InFile {
///     async fn create() -> Self {
///         let dir = TempDir::new();
///         Self { path: dir.path(), open: Mutex::default(), _dir: Some(dir) }
///     }
///
///     async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
///         let store = FileStore::open(&self.path, setup).await;
///         *self.open.lock().unwrap() = Some(store.clone());
///         store.shared()
///     }
///
///     async fn close(&self, store: Arc<dyn EventStore>) {
///         drop(store);
///         let open = self.open.lock().unwrap().take();
///         open.expect("it was opened").close().await;
///     }
///
///     fn location(&self) -> Option<String> {
///         Some(self.path.clone())
///     }
///
///     async fn at(location: &str) -> Option<Self> {
///         Some(Self { path: location.to_owned(), open: Mutex::default(), _dir: None })
///     }
/// }
/// ```
///
/// [`Capability::Durable`]: eventsource_core::Capability::Durable
/// [`Capability::MultiProcess`]: eventsource_core::Capability::MultiProcess
#[async_trait]
pub trait Fixture: Send + Sync + 'static {
    /// A new place without events. It panics when there can be none: a case that could not run is no passed case.
    async fn create() -> Self
    where
        Self: Sized;

    /// Opens the store that lies here, as `setup` says.
    async fn open(&self, setup: Setup) -> Arc<dyn EventStore>;

    /// Closes a store and waits until its place can be opened again. The suite gives its last handle.
    async fn close(&self, store: Arc<dyn EventStore>) {
        drop(store);
    }

    /// Another handle on the place of an open store, as another process would have it; `None` where there can be one
    /// only.
    async fn open_another(&self) -> Option<Arc<dyn EventStore>> {
        None
    }

    /// By what another process finds this place; `None` where none can.
    fn location(&self) -> Option<String> {
        None
    }

    /// The place that another process made; `None` where there is no other way to it than the one process.
    async fn at(location: &str) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = location;
        None
    }
}

/// How a store is to be opened. No case asks for another clock and for faults at once.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Setup {
    /// The store's clock, from which `recorded_at` comes.
    pub clock: Arc<dyn Clock>,
    /// Whom the store is to ask at its fault points.
    pub faults: Option<Arc<dyn FaultHook>>,
}

impl Default for Setup {
    /// The clock of the machine, and no faults.
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            faults: None,
        }
    }
}

impl Setup {
    /// On this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With this hook at the fault points.
    #[must_use]
    pub fn with_faults(mut self, faults: Arc<dyn FaultHook>) -> Self {
        self.faults = Some(faults);
        self
    }
}

/// Places for [`MemoryStore`], the reference: `event_store_suite!(InMemory)` is all that it takes to run the suite on it.
///
/// It offers no place that outlives its store, since the store does not claim to be durable.
#[derive(Debug)]
pub struct InMemory;

#[async_trait]
impl Fixture for InMemory {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        Arc::new(match setup.faults {
            Some(faults) => MemoryStore::with_faults(faults),
            None => MemoryStore::with_clock(setup.clock),
        })
    }
}
