//! What a backend gives the suite: places for stores, and stores in them.

use std::sync::Arc;

use eventsource_core::{
    Clock, EventStore, MemoryStore, Read, SystemClock, async_trait,
    fault::{FaultHook, NoFaults},
};

/// A place where a store can lie: a file, a schema, a cell of memory. Each case makes its own.
///
/// The first three functions are what every backend can do. The next three belong to capabilities:
/// [`location`](Self::location) and [`at`](Self::at) to [`Capability::Durable`], under which [`open`](Self::open) after
/// [`close`](Self::close) finds everything again, and [`open_another`](Self::open_another) to
/// [`Capability::MultiProcess`]. The suite asks for them whatever the store declares: what is claimed has to be there, and
/// a store that can do more than it claims is told so.
///
/// [`has_faults`](Self::has_faults), [`wasteful_steps`](Self::wasteful_steps) and [`copy`](Self::copy) are hooks, which a
/// backend offers where it can; [`Hook`](super::Hook) has what is not tested without them.
///
/// Where stores lie in folders, [`InFolder`](super::InFolder) is a fixture already.
///
/// ```
/// use std::sync::Arc;
///
/// use eventsource_core::{EventStore, MemoryStore, async_trait};
/// use eventsource_testing::suite::{Fixture, Setup};
///
/// /// A backend on a server would make a schema of its own in `create`, and keep its name.
/// struct Mine;
///
/// #[async_trait]
/// impl Fixture for Mine {
///     async fn create() -> Self {
///         Self
///     }
///
///     async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
///         Arc::new(MemoryStore::with_clock_and_faults(setup.clock, setup.faults))
///     }
/// }
///
/// eventsource_testing::event_store_suite!(Mine);
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

    /// Whether its stores ask the hook in [`Setup::faults`] before each commit and after it.
    fn has_faults(&self) -> bool {
        true
    }

    /// The steps in which the engine of the open store would go through all that it has, or sort, to answer a read: none
    /// where it follows an index; `None` where the backend cannot tell.
    async fn wasteful_steps(&self, read: &Read) -> Option<Vec<String>> {
        let _ = read;
        None
    }

    /// A copy of this place, as if it had been restored from a backup, while a store is open here and nobody writes;
    /// `None` where there can be none.
    async fn copy(&self) -> Option<Box<dyn Fixture>> {
        None
    }
}

/// How a store is to be opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Setup {
    /// The store's clock, from which `recorded_at` comes.
    pub clock: Arc<dyn Clock>,
    /// Whom the store is to ask at its fault points.
    pub faults: Arc<dyn FaultHook>,
}

impl Default for Setup {
    /// The clock of the machine, and no faults.
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            faults: Arc::new(NoFaults),
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
        self.faults = faults;
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
        let Setup { clock, faults } = setup;
        Arc::new(MemoryStore::with_clock_and_faults(clock, faults))
    }
}
