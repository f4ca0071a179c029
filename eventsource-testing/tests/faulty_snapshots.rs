//! The faulty store and snapshots: each fault has the outcome that it promises, meets its own kind only, and is counted.

use eventsource_core::{
    Append, EventId, EventName, EventStore, Expected, Fingerprint, IdSource, Keep, MemoryStore,
    NewEvent, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, StoredPayload,
    StoredSnapshot, StreamId, Timestamp, UuidV7, Version,
};
use eventsource_testing::faulty::{Fault, FaultyStore, Injection};

type Store = FaultyStore<MemoryStore>;

const MINE: Fingerprint = Fingerprint::new(7);

fn store() -> Store {
    FaultyStore::new(MemoryStore::new())
}

fn stream(id: &str) -> StreamId {
    StreamId::new("account", id).expect("a legal name")
}

async fn save(store: &Store, id: &str) -> Result<(), SnapshotError> {
    let (event, time) = (EventId::new(UuidV7.next_id()), Timestamp::EPOCH);
    let (version, bytes) = (Version::FIRST, b"{}".to_vec());
    let taken = StoredSnapshot::new(stream(id), version, event, MINE, time, time, None, bytes);
    let snapshots = store.snapshots().expect("the wrapped store has them");
    snapshots.save_snapshot(taken, Keep::All).await
}

async fn find(store: &Store, id: &str) -> Result<bool, SnapshotError> {
    let snapshots = store.snapshots().expect("the wrapped store has them");
    let query = SnapshotQuery::newest(stream(id), MINE);
    Ok(snapshots.find_snapshot(&query).await?.is_some())
}

async fn append(store: &Store) {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("account.noted").expect("a legal name"),
        1,
        StoredPayload::json(b"{}"),
        Timestamp::EPOCH,
    );
    let append = Append::to(stream("1"), Expected::Any, [event]);
    store.append(append).await.expect("nothing goes wrong here");
}

#[tokio::test]
async fn a_save_that_fails_keeps_nothing_and_one_whose_answer_is_lost_is_kept() {
    for (fault, is_kept) in [(Fault::FailSave, false), (Fault::LoseSaveAnswer, true)] {
        let store = store();
        store.inject(fault.clone());
        let error = save(&store, "1").await.expect_err("it was injected");
        assert_eq!(
            matches!(error, SnapshotError::Unknown(_)),
            is_kept,
            "{error:?}"
        );
        assert_eq!(
            matches!(error, SnapshotError::Unavailable { .. }),
            !is_kept,
            "{error:?}"
        );
        assert_eq!(find(&store, "1").await.expect("a search"), is_kept);
        save(&store, "1").await.expect("once only");
        assert!(find(&store, "1").await.expect("a search"), "{fault:?}");
        let injected = store.injected();
        assert_eq!(
            (injected.saves_failed, injected.save_answers_lost),
            (u64::from(!is_kept), u64::from(is_kept))
        );
        assert_eq!(
            (injected.saves, injected.finds, injected.total()),
            (2, 2, 1)
        );
    }
}

#[tokio::test]
async fn a_search_that_fails_changes_nothing() {
    let store = store();
    save(&store, "1").await.expect("nothing goes wrong yet");
    store.inject(Fault::FailFind);
    let error = find(&store, "1").await.expect_err("it was injected");
    assert!(
        matches!(error, SnapshotError::Unavailable { .. }),
        "{error:?}"
    );
    assert!(find(&store, "1").await.expect("once only"));
    assert_eq!(store.injected().finds_failed, 1);
}

#[tokio::test]
async fn each_fault_meets_the_calls_of_its_kind_and_counts_no_others() {
    let store = store();
    store.inject(Injection::new(Fault::FailSave).nth(2));
    store.inject(Injection::new(Fault::FailFind).on(stream("2")));
    append(&store).await;
    assert!(!find(&store, "1").await.expect("another stream"));
    save(&store, "1").await.expect("the first save");
    append(&store).await;
    save(&store, "1").await.expect_err("the second save");
    find(&store, "2").await.expect_err("the first search there");
    // A fault of appends waits for an append, whatever comes before it.
    store.inject(Fault::Reject);
    save(&store, "2").await.expect("no append");
    assert!(find(&store, "2").await.expect("no append"));
    assert_eq!(store.injected().rejected, 0);
    let nothing = Append::to(stream("1"), Expected::Any, []);
    store.append(nothing).await.expect_err("an append");
    assert_eq!(store.injected().total(), 3);
}

#[tokio::test]
async fn deleting_goes_through_and_a_store_without_snapshots_stays_one() {
    let store = store();
    save(&store, "1").await.expect("a save");
    let snapshots = store.snapshots().expect("the wrapped store has them");
    let all = SnapshotRange::all(stream("1"));
    assert_eq!(
        snapshots.delete_snapshots(&all).await.expect("a deletion"),
        1
    );

    let without = FaultyStore::new(without::Without(MemoryStore::new()));
    assert!(without.snapshots().is_none() && without.trims().is_none());
    let query = SnapshotQuery::newest(stream("1"), MINE);
    let error = without.find_snapshot(&query).await.expect_err("none");
    assert!(matches!(error, SnapshotError::Engine { .. }), "{error:?}");
}

mod without {
    //! A store that has only what every store must have.

    use eventsource_core::{
        Append, AppendError, AppendKey, Capabilities, EventStore, EventStream, Limits, MemoryStore,
        Position, Read, ReadError, Receipt, StreamId, Version, async_trait,
    };

    #[derive(Debug)]
    pub(crate) struct Without(pub(crate) MemoryStore);

    #[async_trait]
    impl EventStore for Without {
        fn capabilities(&self) -> Capabilities {
            Capabilities::none()
        }
        fn limits(&self) -> Limits {
            self.0.limits()
        }
        async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
            self.0.append(append).await
        }
        async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
            self.0.find_append(key).await
        }
        fn read(&self, read: Read) -> EventStream {
            self.0.read(read)
        }
        async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
            self.0.stream_version(stream).await
        }
        async fn head(&self) -> Result<Option<Position>, ReadError> {
            self.0.head().await
        }
        async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
            self.0.wait_beyond(position).await
        }
    }
}
