//! Appends that come to light late, and outcomes that cannot be seen just now.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Conflict, Context, EventStore, EventStoreExt, EventStream,
    ExecuteError, MemoryStore, Read, ReadError, Receipt, Scope, StreamConflict, async_trait,
};
use eventsource_testing::faulty::{Fault, FaultyStore};

use crate::{
    bent::{Bend, Bent},
    domain::{Move, Poor, plain, version},
    unknown::rival,
};

/// The first append is on its way for long. Meanwhile the store says conflict without a reason; then it comes.
#[derive(Debug, Default)]
struct Late {
    asked: Mutex<u64>,
    on_its_way: Mutex<Option<Append>>,
}

impl Late {
    fn number(&self) -> u64 {
        let mut asked = self.asked.lock().expect("not poisoned");
        *asked += 1;
        *asked
    }
}

#[async_trait]
impl Bend for Late {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        match self.number() {
            1 => {
                *self.on_its_way.lock().expect("not poisoned") = Some(append);
                Err(AppendError::Unknown("nobody answers".into()))
            }
            2 => {
                let part = &append.parts[0];
                let actual = part.expected.last_seen().expect("what was seen");
                let conflict =
                    StreamConflict::new(part.stream.clone(), part.expected, actual, Vec::new());
                Err(AppendError::Conflict(Conflict::new(vec![conflict])))
            }
            _ => {
                let late = self.on_its_way.lock().expect("not poisoned").take();
                if let Some(late) = late {
                    store
                        .append(late)
                        .await
                        .expect("it comes before the others");
                }
                store.append(append).await
            }
        }
    }
}

#[tokio::test]
async fn a_conflict_without_a_reason_does_not_say_that_nothing_comes_to_light() {
    let store = MemoryStore::new();
    let others = plain(store.clone());
    others.execute(&1, Move::one(1, 10)).await.expect("put in");
    let purses = plain(Bent::new(Arc::new(store.clone()), Late::default()));
    let receipt = purses.execute(&1, Move::one(2, 10)).await;
    let receipt = receipt.expect("it came late");
    assert!(receipt.is_first());
    assert_eq!(receipt.version(), Some(version(2)));
    assert_eq!(store.read_all().await.expect("a read").len(), 2);
}

/// One read fails, or gives no event below a version, as of a stream that was trimmed.
#[derive(Debug, Default)]
struct Hides {
    fails: AtomicBool,
    is_trimmed: AtomicBool,
}

impl Bend for Hides {
    fn read(&self, store: &dyn EventStore, read: Read) -> EventStream {
        if self.fails.swap(false, Ordering::SeqCst) {
            let source = "not now".into();
            return EventStream::failed(ReadError::Unavailable { source });
        }
        if self.is_trimmed.load(Ordering::SeqCst) && matches!(read.scope, Scope::Stream(_)) {
            return store.read(read.from_version(version(2)));
        }
        store.read(read)
    }
}

#[tokio::test]
async fn what_this_call_stored_is_not_called_an_earlier_ones_where_it_cannot_be_seen_at_once() {
    let faulty = FaultyStore::new(MemoryStore::new());
    let store = Bent::new(Arc::new(faulty.clone()), Hides::default());
    let key = AppendKey::new("payday").expect("a legal key");
    let purses = plain(store.clone());
    let mut unit = purses
        .within(Context::new().with_key(key))
        .begin(&1)
        .await
        .expect("a unit");
    unit.execute(Move::one(1, 10)).expect("decided");
    faulty.inject(Fault::FailAfterCommit);
    store.how().fails.store(true, Ordering::SeqCst);
    assert!(unit.commit().await.expect("a receipt").is_first());
}

/// Whether it was among the events that are gone, nobody can say: not stored would be as wrong as stored.
#[tokio::test]
async fn an_outcome_below_a_trim_stays_unknown() {
    let faulty = FaultyStore::new(MemoryStore::new());
    let store = Bent::new(Arc::new(faulty.clone()), Hides::default());
    let purses = plain(store.clone());
    let mut unit = purses.begin(&1).await.expect("a unit");
    unit.execute(Move::one(1, 10)).expect("decided");
    faulty.inject(Fault::FailAfterCommit);
    faulty.inject(Fault::rival(rival(1)));
    store.how().is_trimmed.store(true, Ordering::SeqCst);
    let lost: ExecuteError<Poor> = unit.commit().await.expect_err("it is gone");
    assert!(lost.is_unknown(), "{lost:?}");
    assert_eq!(faulty.read_all().await.expect("a read").len(), 2);
}
