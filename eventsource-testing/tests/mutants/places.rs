//! Defects that show only where a place is opened again, or twice; and at the end of what is stored.

use std::{
    collections::HashMap,
    process,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use eventsource_core::{
    Capabilities, Capability, EventStore, EventStream, MemoryStore, Read, async_trait,
};
use eventsource_testing::suite::{Fixture, Setup, test_child};

use crate::broken::{Broken, Defect, changed, good};

/// Says that it is durable.
#[derive(Debug, Default)]
pub(crate) struct SaysDurable;

impl Defect for SaysDurable {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().with(Capability::Durable)
    }
}

fn says_durable(good: MemoryStore) -> Arc<dyn EventStore> {
    let defect = SaysDurable;
    Arc::new(Broken { good, defect })
}

/// Is empty when it is opened again.
pub(crate) struct LosesEverythingWhenItIsClosed;

#[async_trait]
impl Fixture for LosesEverythingWhenItIsClosed {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        says_durable(good(setup))
    }

    fn location(&self) -> Option<String> {
        Some("nowhere".to_owned())
    }
}

/// Keeps what it acknowledges in the process, as a store does that never flushes: a clean close and a new store find it,
/// another process does not.
pub(crate) struct NeverFlushes(String);

static KEPT: LazyLock<Mutex<HashMap<String, MemoryStore>>> = LazyLock::new(Mutex::default);

#[async_trait]
impl Fixture for NeverFlushes {
    async fn create() -> Self {
        static PLACES: AtomicU64 = AtomicU64::new(0);
        let number = PLACES.fetch_add(1, Ordering::SeqCst);
        Self(format!("{} {number}", process::id()))
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let mut kept = KEPT.lock().expect("no panic");
        let kept = kept.entry(self.0.clone()).or_insert_with(|| good(setup));
        says_durable(kept.clone())
    }

    fn location(&self) -> Option<String> {
        Some(self.0.clone())
    }

    async fn at(location: &str) -> Option<Self> {
        Some(Self(location.to_owned()))
    }
}

/// The process that is killed.
#[test]
fn suite_child() {
    test_child::<NeverFlushes>();
}

/// Says that several processes may open it.
#[derive(Debug, Default)]
struct SaysMultiProcess;

impl Defect for SaysMultiProcess {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().with(Capability::MultiProcess)
    }
}

/// A second handle has what was there when it was opened, and does not look again.
pub(crate) struct HasAStaleSecondHandle;

#[async_trait]
impl Fixture for HasAStaleSecondHandle {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let (good, defect) = (good(setup), SaysMultiProcess);
        Arc::new(Broken { good, defect })
    }

    async fn open_another(&self) -> Option<Arc<dyn EventStore>> {
        Some(self.open(Setup::default()).await)
    }
}

/// Loses the first event of the first read that goes on where another ended.
#[derive(Debug, Default)]
pub(crate) struct SkipsAnEventAtTheSwitch(AtomicBool);

impl Defect for SkipsAnEventAtTheSwitch {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let goes_on = read.from_position.is_some() && read.to_position.is_some();
        let first = goes_on && !self.0.swap(true, Ordering::SeqCst);
        changed(good, read, move |mut events| {
            if first && !events.is_empty() {
                events.remove(0);
            }
            events
        })
    }
}
