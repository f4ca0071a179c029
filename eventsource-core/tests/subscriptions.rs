//! Where a subscription may begin; what it delivers is tested by the suite.

use eventsource_core::{
    Append, Delivery, EventId, EventName, EventStore, EventStoreExt, Expected, MemoryStore,
    NewEvent, Position, ReadError, Start, StoredPayload, StreamId, Subscribe, Timestamp,
};
use uuid::Uuid;

async fn append(store: &MemoryStore, id: u128) {
    let event = NewEvent::new(
        EventId::new(Uuid::from_u128(id)),
        EventName::new("light.switched").expect("a legal name"),
        1,
        StoredPayload::json(b"{}"),
        Timestamp::EPOCH,
    );
    let stream = StreamId::new("light", "1").expect("a legal stream");
    store
        .append(Append::to(stream, Expected::Any, [event]))
        .await
        .expect("appended");
}

fn position(number: u64) -> Position {
    Position::from_number(number).expect("positions begin at 1")
}

#[tokio::test]
async fn a_checkpoint_that_the_store_has_not_reached_is_an_error_and_no_silence() {
    let store = MemoryStore::new();
    let ahead = |number| Subscribe::all(Start::After(position(number)));
    let error = store.subscribe(ahead(1)).await.expect_err("an empty store");
    assert!(
        matches!(error, ReadError::Ahead { head: None, .. }),
        "{error}"
    );
    append(&store, 1).await;
    append(&store, 2).await;
    let error = store.subscribe(ahead(3)).await.expect_err("two events");
    assert!(
        matches!(error, ReadError::Ahead { asked, head } if (asked, head) == (position(3), Some(position(2)))),
        "{error}"
    );
    let mut at_head = store.subscribe(ahead(2)).await.expect("all seen");
    assert_eq!(at_head.next().await.expect("readable"), Delivery::CaughtUp);
}

#[tokio::test]
async fn a_filter_by_no_name_is_an_error() {
    let store = MemoryStore::new();
    let nothing = Subscribe::all(Start::Beginning).named([]);
    let error = store.subscribe(nothing).await.expect_err("no name");
    assert!(matches!(error, ReadError::Invalid { .. }), "{error}");
}
