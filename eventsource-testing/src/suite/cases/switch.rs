//! The switch from catching up to live, with a writer at the very place.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Category, Delivery, EventStore, EventStream,
    Expected, Limits, Position, Read, ReadError, Receipt, SnapshotStore, Start, StreamId,
    Subscribe, TrimStore, Version, async_trait,
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Store},
    cases::subscription::{follow, marks_until_caught_up, next},
    kit,
};

/// Where a reader is that has seen all there was, and goes live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its read has ended, and it is about to look for the end of the store.
    BeforeItLooks,
    /// It has looked, and is about to say that it has caught up.
    BeforeItSaysSo,
    /// It has said so, and is about to look again.
    BeforeItLooksAgain,
    /// There was nothing, and it is about to wait.
    BeforeItWaits,
    /// The same, a step further on: within the call that waits.
    AsItBeginsToWait,
    /// It waits.
    WhileItWaits,
}

const PLACES: [Place; 6] = [
    Place::BeforeItLooks,
    Place::BeforeItSaysSo,
    Place::BeforeItLooksAgain,
    Place::BeforeItWaits,
    Place::AsItBeginsToWait,
    Place::WhileItWaits,
];

/// The store under test. Its reader stops at a place until the writers have come there.
#[derive(Debug)]
struct Met {
    store: Store,
    place: Place,
    /// How often it has looked for the end since it has seen all there was; 0 before.
    looks: AtomicUsize,
    /// Where the reader and its writers meet.
    reached: Barrier,
    /// Where they meet again, if the writer is to be done before the reader goes on.
    written: Option<Barrier>,
}

impl Met {
    async fn at(&self, place: Place) {
        if self.place == place {
            self.reached.wait().await;
            if let Some(written) = &self.written {
                written.wait().await;
            }
        }
    }

    /// The reader has seen all there was.
    fn arm(&self) {
        self.looks.store(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl EventStore for Met {
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
        let (before, after) = match self.looks.load(Ordering::SeqCst) {
            1 => (Place::BeforeItLooks, Place::BeforeItSaysSo),
            2 => (Place::BeforeItLooksAgain, Place::BeforeItWaits),
            // It has not seen all there was, or waits already.
            _ => return self.store.head().await,
        };
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.at(before).await;
        let head = self.store.head().await;
        self.at(after).await;
        head
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        if self.looks.swap(usize::MAX, Ordering::SeqCst) == usize::MAX {
            return self.store.wait_beyond(position).await;
        }
        self.at(Place::AsItBeginsToWait).await;
        let mut waiting = self.store.wait_beyond(position);
        if self.place != Place::WhileItWaits {
            return waiting.await;
        }
        let nothing = kit::poll_once(&mut waiting).await;
        self.at(Place::WhileItWaits).await;
        match nothing {
            Some(head) => head,
            None => waiting.await,
        }
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.store.snapshots()
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.store.trims()
    }
}

/// What is followed in a round: with the check of versions that a reader without a filter makes, and without it.
fn what(round: u64, start: Start) -> Subscribe {
    let account = || Category::new("account").expect("a legal category");
    match round % 3 {
        0 => Subscribe::all(start).except([kit::name("account.never")]),
        1 => Subscribe::all(start),
        _ => Subscribe::category(account(), start),
    }
}

/// Each event has a stream of its own, or all of them share some.
fn stream(round: u64, mark: u64) -> StreamId {
    if round % 4 < 2 {
        kit::stream(&format!("{round} {mark}"))
    } else {
        kit::stream(&(mark % 3).to_string())
    }
}

async fn append(store: &Store, round: u64, mark: u64) {
    let append = Append::to(stream(round, mark), Expected::Any, [kit::event(mark)]);
    let stored = store.append(append).await;
    stored.expect("an append without an expectation succeeds");
}

/// The marks of two writers beside the one at the place, who come from here on.
const OTHERS: u64 = 1_000;

/// The mark of the event that is appended when every other append has returned.
const END: u64 = u64::MAX;

/// A reader catches up with what was there, and goes on at the place together with a writer: alone, so that what the
/// writer has appended is all that there is to see; or with two more, while all of them and the reader run on.
async fn round(store: &Store, round: u64) {
    let place = PLACES[usize::try_from(round % 6).expect("small")];
    let under_load = round % 12 >= 6;
    let start = kit::head(store)
        .await
        .map_or(Start::Beginning, Start::After);
    let before = 1 + round % 4;
    let last = before + 1 + round % 3;
    for mark in 0..before {
        append(store, round, mark).await;
    }
    let met = Arc::new(Met {
        store: Arc::clone(store),
        place,
        looks: AtomicUsize::new(0),
        reached: Barrier::new(if under_load { 4 } else { 2 }),
        written: (!under_load).then(|| Barrier::new(2)),
    });
    let mut writers = JoinSet::new();
    for writer in 0..if under_load { 3 } else { 1 } {
        let met = Arc::clone(&met);
        writers.spawn(async move {
            met.reached.wait().await;
            let marks = match writer {
                0 => before..last + 1,
                other => other * OTHERS..other * OTHERS + 4,
            };
            for mark in marks {
                append(&met.store, round, mark).await;
            }
            if let Some(written) = &met.written {
                written.wait().await;
            }
        });
    }
    let ended = tokio::spawn({
        let store = Arc::clone(store);
        async move {
            while let Some(writer) = writers.join_next().await {
                writer.expect("the writer ends");
            }
            if under_load {
                append(&store, round, END).await;
            }
        }
    });
    let through: Store = Arc::clone(&met) as Store;
    let mut subscription = follow(&through, what(round, start)).await;
    let mut seen = Vec::new();
    // The last event ends it, so that one that is missing before it is told, and not waited for.
    let last = if under_load { END } else { last };
    while seen.last() != Some(&last) {
        if let Delivery::Event(event) = next(&mut subscription).await {
            seen.push(kit::mark(&event));
        }
        if seen.len() as u64 == before && met.looks.load(Ordering::SeqCst) == 0 {
            met.arm();
        }
    }
    ended.await.expect("the writers end");
    let after = match start {
        Start::After(position) => Some(position),
        _ => None,
    };
    let due = store.read(Read::all().after(after)).collect().await;
    assert_eq!(
        seen,
        kit::marks(&due.expect("a read")),
        "what is seen over the switch, in round {round}: {place:?}"
    );
    assert_eq!(
        marks_until_caught_up(&mut subscription).await,
        Vec::<u64>::new(),
        "nothing comes twice"
    );
}

/// Contract 5 and 10: writers append at the very moment at which the reader has come to the end.
pub(crate) async fn s_02_nothing_is_lost_or_repeated_at_the_switch_to_live(bench: Bench) {
    for first in (0..Bench::times(1_000, 10_000) as u64).step_by(50) {
        let store = bench.store().await;
        for number in first..first + 50 {
            round(&store, number).await;
        }
    }
}
