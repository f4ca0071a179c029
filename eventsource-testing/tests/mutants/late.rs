//! Stores that take a position first and commit later, as a sequence in a transaction does.

use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Applied, Capabilities, EventStore, EventStream, Limits,
    Position, Read, ReadError, Receipt, Recorded, RecordedEvent, StreamId, StreamReceipt,
    Timestamp, Version, async_trait,
    fault::{FaultHook, FaultPoint, strike},
};
use eventsource_testing::suite::Setup;
use tokio::sync::Notify;

/// What it does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Readers pass the positions that are taken and not committed.
    SkipsWhatCommitsLate,
    /// Readers wait at each gap, also where nothing will come.
    WaitsAtEveryGap,
    /// Readers look at so many positions at once, and take a window without events for the end.
    StopsAtAnEmptyWindow,
    /// Each stream takes its positions from a block of its own.
    TakesPositionsInBlocks,
}

/// Only what the cases about order need: no keys, no conditions.
#[derive(Debug)]
pub(crate) struct Late {
    order: Order,
    sequence: AtomicU64,
    committed: RwLock<Vec<Recorded>>,
    blocks: Mutex<Vec<(StreamId, u64)>>,
    appended: Notify,
    faults: Arc<dyn FaultHook>,
}

impl Late {
    pub(crate) fn new(order: Order, setup: Setup) -> Self {
        Self {
            order,
            sequence: AtomicU64::new(0),
            committed: RwLock::default(),
            blocks: Mutex::default(),
            appended: Notify::new(),
            faults: setup.faults,
        }
    }

    fn take(&self, stream: &StreamId, count: u64) -> u64 {
        if self.order != Order::TakesPositionsInBlocks {
            return self.sequence.fetch_add(count, Ordering::SeqCst) + 1;
        }
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let place = blocks
            .iter()
            .position(|(owner, _)| owner == stream)
            .unwrap_or(blocks.len());
        if place == blocks.len() {
            blocks.push((stream.clone(), place as u64 * 10_000));
        }
        let first = blocks[place].1 + 1;
        blocks[place].1 += count;
        first
    }

    /// What readers see.
    fn visible(&self) -> Vec<Recorded> {
        let mut events = self
            .committed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        events.sort_by_key(|event| event.position);
        if self.order == Order::WaitsAtEveryGap {
            let whole = events
                .iter()
                .zip(1..)
                .take_while(|(event, place)| event.position.number() == *place)
                .count();
            events.truncate(whole);
        }
        if self.order == Order::StopsAtAnEmptyWindow {
            let last = |pair: &[Recorded]| pair[1].position.number() - pair[0].position.number();
            let end = events.windows(2).position(|pair| last(pair) > 500);
            events.truncate(end.map_or(events.len(), |end| end + 1));
        }
        events
    }

    fn fault(&self, point: FaultPoint) -> Result<(), AppendError> {
        strike(&*self.faults, point)
    }
}

#[async_trait]
impl EventStore for Late {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
    }

    fn limits(&self) -> Limits {
        Limits::default()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        append.check(self.capabilities(), &self.limits())?;
        let part = append.parts.into_iter().next().expect("it was checked");
        let count = part.events.len() as u64;
        let first = self.take(&part.stream, count);
        tokio::task::yield_now().await;
        self.fault(FaultPoint::BeforeCommit)?;
        let receipt = {
            let mut committed = self
                .committed
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let before = committed
                .iter()
                .filter(|event| event.stream == part.stream)
                .count() as u64;
            let version = |offset| Version::new(before + 1 + offset).expect("not 0");
            let position = |offset| Position::from_number(first + offset).expect("not 0");
            for (event, offset) in part.events.into_iter().zip(0..) {
                let (stream, now) = (part.stream.clone(), Timestamp::EPOCH);
                let event =
                    RecordedEvent::new(event, stream, version(offset), position(offset), now);
                committed.push(Arc::new(event));
            }
            let last = count - 1;
            Receipt::new(
                Applied::Now,
                vec![StreamReceipt::new(
                    part.stream,
                    (version(0), version(last)),
                    (position(0), position(last)),
                )],
            )
        };
        self.appended.notify_waiters();
        self.fault(FaultPoint::AfterCommit)?;
        Ok(receipt)
    }

    async fn find_append(&self, _: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        Ok(None)
    }

    fn read(&self, read: Read) -> EventStream {
        let mut events = self.visible();
        events.retain(|event| read.scope.contains(&event.stream) && read.admits(event));
        if read.direction == eventsource_core::Direction::Backward {
            events.reverse();
        }
        let mut once = Some(events).filter(|events| !events.is_empty());
        EventStream::from_page_fn(move || once.take().map(Ok))
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        let events = self.visible();
        Ok(events
            .iter()
            .rev()
            .find(|event| event.stream == *stream)
            .map(|event| event.version))
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.visible().last().map(|event| event.position))
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        loop {
            let appended = self.appended.notified();
            match self.head().await? {
                Some(head) if position < Some(head) => return Ok(head),
                _ => appended.await,
            }
        }
    }
}
