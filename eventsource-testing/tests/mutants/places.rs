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
    Append, Capabilities, Capability, EventStore, EventStoreExt, EventStream, Expected,
    MemoryStore, NewEvent, Read, ReadError, Recorded, StreamId, TrimStore, Version, async_trait,
};
use eventsource_testing::suite::{Fixture, Setup, test_child};

use crate::broken::{Broken, Defect, changed, good, ready};

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

/// The good store with other events, as if they had been appended to it one by one.
fn rebuilt(events: &[Recorded], setup: Setup) -> MemoryStore {
    let store = good(setup);
    for old in events {
        let (id, name, payload) = (old.id, old.name.clone(), old.payload.clone());
        let mut event = NewEvent::new(id, name, old.schema_version, payload, old.occurred_at);
        event.tags.clone_from(&old.tags);
        let append = Append::to(old.stream.clone(), Expected::Any, [event]);
        ready(store.append(append)).expect("it was stored before");
    }
    store
}

/// Takes its last event for the beginning of one that was not finished, when it is opened again.
pub(crate) struct CutsTooMuchWhenItOpens(Mutex<Option<MemoryStore>>);

#[async_trait]
impl Fixture for CutsTooMuchWhenItOpens {
    async fn create() -> Self {
        Self(Mutex::default())
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let mut kept = self.0.lock().expect("no panic");
        let events = kept
            .take()
            .map(|old| ready(old.read_all()).expect("memory"));
        let events = events.unwrap_or_default();
        let store = rebuilt(&events[..events.len().saturating_sub(1)], setup);
        says_durable(kept.insert(store).clone())
    }

    fn location(&self) -> Option<String> {
        Some("in this process".to_owned())
    }
}

/// Brings its events along when it is opened again, and nothing else.
pub(crate) struct LosesSnapshotsWhenItIsClosed(Mutex<Option<MemoryStore>>);

#[async_trait]
impl Fixture for LosesSnapshotsWhenItIsClosed {
    async fn create() -> Self {
        Self(Mutex::default())
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let mut kept = self.0.lock().expect("no panic");
        let events = kept
            .take()
            .map(|old| ready(old.read_all()).expect("memory"));
        let store = rebuilt(&events.unwrap_or_default(), setup);
        says_durable(kept.insert(store).clone())
    }

    fn location(&self) -> Option<String> {
        Some("in this process".to_owned())
    }
}

/// Its copies lack what came first, and number the rest anew.
pub(crate) struct RenumbersInACopy(Mutex<Option<MemoryStore>>);

#[async_trait]
impl Fixture for RenumbersInACopy {
    async fn create() -> Self {
        Self(Mutex::default())
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let mut kept = self.0.lock().expect("no panic");
        Arc::new(kept.get_or_insert_with(|| good(setup)).clone())
    }

    async fn copy(&self) -> Option<Box<dyn Fixture>> {
        let kept = self.0.lock().expect("no panic").clone()?;
        let events = ready(kept.read_all()).expect("memory");
        let copy = rebuilt(events.get(1..).unwrap_or_default(), Setup::default());
        Some(Box::new(Self(Mutex::new(Some(copy)))))
    }
}

/// Its engine has no index.
pub(crate) struct ScansEverything;

#[async_trait]
impl Fixture for ScansEverything {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        Arc::new(good(setup))
    }

    async fn wasteful_steps(&self, _: &Read) -> Option<Vec<String>> {
        Some(vec!["Seq Scan on events".to_owned()])
    }
}

/// Says that its stores cannot be made to fail, so that nobody tries.
pub(crate) struct HidesItsFaultPoints;

#[async_trait]
impl Fixture for HidesItsFaultPoints {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        Arc::new(good(setup))
    }

    fn has_faults(&self) -> bool {
        false
    }
}

/// Gives its rows as its engine has them, where it should ask for an order.
pub(crate) fn inherits_its_order(setup: Setup) -> Arc<dyn EventStore> {
    let scrambled = setup.faults.scrambles_rows();
    let (good, defect) = (good(setup), InheritsItsOrder(scrambled));
    Arc::new(Broken { good, defect })
}

#[derive(Debug)]
struct InheritsItsOrder(bool);

impl Defect for InheritsItsOrder {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let scrambled = self.0;
        changed(good, read, move |mut events| {
            if scrambled {
                events.reverse();
            }
            events
        })
    }
}

/// Says that several processes may open it.
#[derive(Debug, Default)]
struct SaysMultiProcess;

impl Defect for SaysMultiProcess {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().with(Capability::MultiProcess)
    }
}

/// Can be opened twice, and does not say so.
pub(crate) struct OpensTwiceWithoutAClaim(Mutex<Option<MemoryStore>>);

#[async_trait]
impl Fixture for OpensTwiceWithoutAClaim {
    async fn create() -> Self {
        Self(Mutex::default())
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let mut kept = self.0.lock().expect("no panic");
        Arc::new(kept.get_or_insert_with(|| good(setup)).clone())
    }

    async fn open_another(&self) -> Option<Arc<dyn EventStore>> {
        Some(self.open(Setup::default()).await)
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

/// A second handle does not look again where a stream begins.
pub(crate) struct RemembersWhereAStreamBegins(Mutex<Option<MemoryStore>>);

#[derive(Debug, Default)]
struct KnownBeginnings(Mutex<HashMap<StreamId, Option<Version>>>);

#[async_trait]
impl Defect for KnownBeginnings {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        SaysMultiProcess.capabilities(good)
    }

    async fn first_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        let found = good.first_version(stream).await?;
        let mut known = self.0.lock().expect("no panic");
        Ok(*known.entry(stream.clone()).or_insert(found))
    }
}

#[async_trait]
impl Fixture for RemembersWhereAStreamBegins {
    async fn create() -> Self {
        Self(Mutex::default())
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let mut kept = self.0.lock().expect("no panic");
        let good = kept.get_or_insert_with(|| good(setup)).clone();
        let defect = KnownBeginnings::default();
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
