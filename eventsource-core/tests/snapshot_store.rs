//! The snapshots of a store are found however the store is held, and are what was saved.

use std::sync::Arc;

use eventsource_core::{
    EventId, EventStore, Fingerprint, Keep, Limits, MemoryStore, SnapshotError, SnapshotQuery,
    SnapshotRange, SnapshotStore, StoredSnapshot, StreamId, Timestamp, Version,
};

fn snapshot(bytes: &[u8]) -> StoredSnapshot {
    StoredSnapshot::new(
        StreamId::new("account", "1").expect("a legal name"),
        Version::FIRST,
        EventId::new(uuid::Uuid::from_u128(1)),
        Fingerprint::new(7),
        Timestamp::from_micros(1),
        Timestamp::from_micros(2),
        Some("zstd".to_owned()),
        bytes.to_vec(),
    )
}

fn query() -> SnapshotQuery {
    let of = snapshot(b"");
    SnapshotQuery::newest(of.stream, of.fingerprint)
}

#[tokio::test]
async fn the_parts_of_a_store_are_found_through_every_pointer_to_it() {
    let store = MemoryStore::new();
    let saved = store.save_snapshot(snapshot(b"state"), Keep::All);
    saved.await.expect("a save");
    let twice: Arc<Arc<MemoryStore>> = Arc::new(Arc::new(store.clone()));
    let shared: Arc<dyn EventStore> = Arc::new(store.clone());
    let held: [Box<dyn EventStore>; 5] = [
        Box::new(store.clone()),
        Box::new(twice),
        Box::new(Arc::clone(&shared)),
        Box::new(Arc::new(shared)),
        Box::new(Box::new(Box::new(store.clone()) as Box<dyn EventStore>)),
    ];
    for one in held {
        let snapshots = one.snapshots().expect("it declares them");
        let found = snapshots.find_snapshot(&query()).await.expect("a search");
        assert_eq!(found, Some(snapshot(b"state")), "{one:?}");
        assert_eq!(one.trims().is_some(), store.trims().is_some());
    }
}

#[tokio::test]
async fn a_clone_has_the_same_snapshots_and_another_store_has_its_own() {
    let (store, other) = (MemoryStore::new(), MemoryStore::new());
    let saved = store.clone().save_snapshot(snapshot(b"1"), Keep::All).await;
    saved.expect("a save");
    assert!(
        store
            .find_snapshot(&query())
            .await
            .expect("a search")
            .is_some()
    );
    assert!(
        other
            .find_snapshot(&query())
            .await
            .expect("a search")
            .is_none()
    );
    let all = SnapshotRange::all(snapshot(b"").stream);
    assert_eq!(store.delete_snapshots(&all).await.expect("a deletion"), 1);
    assert_eq!(store.delete_snapshots(&all).await.expect("a deletion"), 0);
}

#[tokio::test]
async fn a_snapshot_of_the_greatest_length_is_kept_and_one_byte_more_is_not() {
    let limits = Limits::default().with_snapshot_bytes(3);
    assert_eq!(Limits::default().snapshot_bytes, 64 * 1024 * 1024);
    let store = MemoryStore::with_limits(limits);
    store
        .save_snapshot(snapshot(b"123"), Keep::All)
        .await
        .expect("a save");
    let refused = store.save_snapshot(snapshot(b"1234"), Keep::All).await;
    let Err(SnapshotError::TooLarge { limit, actual }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((limit, actual), (3, 4));
}

#[test]
fn a_snapshot_is_whole_until_a_part_of_it_is_another_one() {
    type Change = fn(&mut StoredSnapshot);
    let whole = snapshot(b"state");
    assert!(whole.is_whole());
    let changes: [Change; 9] = [
        |one| one.stream = StreamId::new("account", "2").expect("a legal name"),
        |one| one.stream = StreamId::new("order", "1").expect("a legal name"),
        |one| one.version = one.version.plus(1),
        |one| one.event = EventId::new(uuid::Uuid::from_u128(2)),
        |one| one.fingerprint = Fingerprint::new(8),
        |one| one.occurred_to = Timestamp::from_micros(3),
        |one| one.compression = None,
        |one| one.bytes[4] ^= 1,
        |one| one.checksum ^= 1,
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let mut one = whole.clone();
        change(&mut one);
        assert!(!one.is_whole(), "change {place}");
    }
    // When it was taken says nothing of the state.
    let mut later = whole.clone();
    later.taken_at = Timestamp::MAX;
    assert!(later.is_whole());
    let parts = StoredSnapshot::as_stored(
        (whole.stream.clone(), whole.version, whole.event),
        whole.fingerprint,
        (whole.occurred_to, whole.taken_at),
        whole.compression.clone(),
        whole.bytes.clone(),
        whole.checksum,
    );
    assert_eq!(parts, whole);
}
