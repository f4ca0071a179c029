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

/// What is followed: with the check of versions that a reader without a filter makes, and without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    AllButAName,
    All,
    Category,
}

const WHATS: [What; 3] = [What::AllButAName, What::All, What::Category];

impl What {
    fn from(self, start: Start) -> Subscribe {
        match self {
            Self::AllButAName => Subscribe::all(start).except([kit::name("account.never")]),
            Self::All => Subscribe::all(start),
            Self::Category => {
                let account = Category::new("account").expect("a legal category");
                Subscribe::category(account, start)
            }
        }
    }
}

/// What is different from round to round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Round {
    number: u64,
    place: Place,
    /// Whether two more writers and the reader run on beside the one at the place.
    is_under_load: bool,
    what: What,
    /// Whether each event has a stream of its own. Otherwise all of them share some.
    has_own_streams: bool,
    /// How many events there are to catch up with.
    before: u64,
    /// How many the writer at the place appends.
    more: u64,
}

impl Round {
    /// So many rounds have every combination of what is not a number.
    const COMBINATIONS: u64 = 6 * 2 * 3 * 2;

    /// Each part is a digit of the number, so that every combination of them comes.
    fn of(number: u64) -> Self {
        let mut left = number;
        let mut digit = |of: u64| {
            let digit = left % of;
            left /= of;
            digit
        };
        let small = |digit: u64| usize::try_from(digit).expect("small");
        Self {
            number,
            place: PLACES[small(digit(6))],
            is_under_load: digit(2) == 1,
            what: WHATS[small(digit(3))],
            has_own_streams: digit(2) == 0,
            before: 1 + digit(4),
            more: 2 + digit(3),
        }
    }

    fn stream(&self, mark: u64) -> StreamId {
        if self.has_own_streams {
            kit::stream(&format!("{} {mark}", self.number))
        } else {
            kit::stream(&(mark % 3).to_string())
        }
    }

    async fn append(&self, store: &Store, mark: u64) {
        let append = Append::to(self.stream(mark), Expected::Any, [kit::event(mark)]);
        let stored = store.append(append).await;
        stored.expect("an append without an expectation succeeds");
    }
}

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

/// The marks of two writers beside the one at the place, who come from here on.
const OTHERS: u64 = 1_000;

/// The mark of the event that is appended when every other append has returned.
const END: u64 = u64::MAX;

/// A reader catches up with what was there, and goes on at the place together with a writer: alone, so that what the
/// writer has appended is all that there is to see; or with two more, while all of them and the reader run on.
async fn play(store: &Store, round: Round) {
    let Round { before, more, .. } = round;
    let start = kit::head(store)
        .await
        .map_or(Start::Beginning, Start::After);
    for mark in 0..before {
        round.append(store, mark).await;
    }
    let met = Arc::new(Met {
        store: Arc::clone(store),
        place: round.place,
        looks: AtomicUsize::new(0),
        reached: Barrier::new(if round.is_under_load { 4 } else { 2 }),
        written: (!round.is_under_load).then(|| Barrier::new(2)),
    });
    let mut writers = JoinSet::new();
    for writer in 0..if round.is_under_load { 3 } else { 1 } {
        let met = Arc::clone(&met);
        writers.spawn(async move {
            met.reached.wait().await;
            let marks = match writer {
                0 => before..before + more,
                other => other * OTHERS..other * OTHERS + 4,
            };
            for mark in marks {
                round.append(&met.store, mark).await;
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
            if round.is_under_load {
                round.append(&store, END).await;
            }
        }
    });
    let through: Store = Arc::clone(&met) as Store;
    let mut subscription = follow(&through, round.what.from(start)).await;
    let mut seen = Vec::new();
    // The last event ends it, so that one that is missing before it is told, and not waited for.
    let last = if round.is_under_load {
        END
    } else {
        before + more - 1
    };
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
        "what is seen over the switch: {round:?}"
    );
    assert_eq!(
        marks_until_caught_up(&mut subscription).await,
        Vec::<u64>::new(),
        "nothing comes twice"
    );
}

/// So many times each combination: 1,008 rounds under load, and as many in which all that is there to see was appended
/// at the place.
const TIMES: usize = 28;

/// Contract 5 and 10: writers append at the very moment at which the reader has come to the end.
pub(crate) async fn s_02_nothing_is_lost_or_repeated_at_the_switch_to_live(bench: Bench) {
    for time in 0..Bench::times(TIMES, 10 * TIMES) as u64 {
        let store = bench.store().await;
        let first = time * Round::COMBINATIONS;
        for number in first..first + Round::COMBINATIONS {
            play(&store, Round::of(number)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rounds of `numbers` that differ in `part`.
    fn different<T: PartialEq>(numbers: std::ops::Range<u64>, part: impl Fn(&Round) -> T) -> usize {
        let mut seen = Vec::new();
        for number in numbers {
            let part = part(&Round::of(number));
            if !seen.contains(&part) {
                seen.push(part);
            }
        }
        seen.len()
    }

    #[test]
    fn each_store_sees_every_combination() {
        let combination = |round: &Round| {
            let Round { place, what, .. } = *round;
            (place, what, round.is_under_load, round.has_own_streams)
        };
        let number = PLACES.len() * WHATS.len() * 2 * 2;
        for time in 0..TIMES as u64 {
            let first = time * Round::COMBINATIONS;
            let rounds = first..first + Round::COMBINATIONS;
            assert_eq!(different(rounds, combination), number, "time {time}");
        }
        let all = 0..TIMES as u64 * Round::COMBINATIONS;
        assert_eq!(
            different(all.clone(), |round| (round.before, round.more)),
            12
        );
        let under_load = all.filter(|number| Round::of(*number).is_under_load);
        assert!(under_load.count() >= 1_000);
    }
}
