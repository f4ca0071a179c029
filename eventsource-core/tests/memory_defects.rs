//! Defects that other stores in memory, and other streams, have shown: each by name, on ours.

use std::sync::Arc;

use eventsource_core::{
    Append, Delivery, EventId, EventName, EventStore, EventStoreExt, Expected, IdSource,
    MemoryStore, NewEvent, ReadError, Start, StoredPayload, StreamId, Subscribe, Timestamp, UuidV7,
    Version,
};
use tokio::sync::Barrier;

fn stream(id: &str) -> StreamId {
    StreamId::new("account", id).expect("a legal name")
}

fn events(count: usize) -> Vec<NewEvent> {
    let event = |number: usize| {
        NewEvent::new(
            EventId::new(UuidV7.next_id()),
            EventName::new("account.noted").expect("a legal name"),
            1,
            StoredPayload::json(number.to_string().as_bytes()),
            Timestamp::EPOCH,
        )
    };
    (0..count).map(event).collect()
}

// D26
#[tokio::test(flavor = "multi_thread")]
async fn eight_tasks_that_check_versions_lose_no_event() {
    let (store, barrier) = (MemoryStore::new(), Arc::new(Barrier::new(8)));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, barrier) = (store.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                for _ in 0..100 {
                    loop {
                        let seen = store.stream_version(&stream("1")).await.expect("in memory");
                        let append = Append::to(stream("1"), Expected::seen(seen), events(1));
                        match store.append(append).await {
                            Ok(_) => break,
                            Err(error) => assert!(error.is_conflict(), "{error:?}"),
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it ends");
    }
    let stored = store.read_stream(&stream("1")).await.expect("a stream");
    assert_eq!(stored.len(), 800);
    assert!(
        stored
            .iter()
            .zip(1..)
            .all(|(event, number)| event.version.get() == number)
    );
}

// D20
#[tokio::test]
async fn a_stream_goes_on_after_65535_events() {
    let store = MemoryStore::new();
    let append = Append::to(stream("1"), Expected::NoStream, events(65_535));
    let seen = store.append(append).await.expect("a new stream").version();
    let append = Append::to(stream("1"), Expected::seen(seen), events(4_465));
    let receipt = store.append(append).await.expect("the same stream");
    assert_eq!(receipt.version(), Version::new(70_000));
    let stored = store.read_stream(&stream("1")).await.expect("a stream");
    assert_eq!(stored.len(), 70_000);
}

// D4
#[tokio::test]
async fn a_hostile_id_does_not_read_the_account_of_another_one() {
    let store = MemoryStore::new();
    let append = Append::to(stream("x"), Expected::NoStream, events(3));
    store.append(append).await.expect("a new stream");
    let hostile = stream("x' OR '1'='1");
    let read = store.read_stream(&hostile).await;
    assert!(
        matches!(read, Err(ReadError::StreamNotFound { .. })),
        "{read:?}"
    );
    let append = Append::to(hostile.clone(), Expected::NoStream, events(1));
    store.append(append).await.expect("a stream of its own");
    assert_eq!(
        store.read_stream(&hostile).await.expect("a stream").len(),
        1
    );
    assert_eq!(
        store
            .read_stream(&stream("x"))
            .await
            .expect("a stream")
            .len(),
        3
    );
}

// D27
#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_is_slow_loses_no_event() {
    let store = MemoryStore::new();
    let subscribe = Subscribe::all(Start::Beginning);
    let mut subscription = store.subscribe(subscribe).await.expect("in memory");
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..2_000 {
                let append = Append::to(stream("1"), Expected::Any, events(5));
                store.append(append).await.expect("nothing is in its way");
            }
        })
    };
    // It takes one event, and no other before the writer is done: no channel is wide enough for the rest.
    let mut seen = 0;
    while seen == 0 {
        let delivery = subscription.next().await.expect("in memory");
        seen += u64::from(matches!(delivery, Delivery::Event(_)));
    }
    writer.await.expect("it ends");
    while seen < 10_000 {
        if let Delivery::Event(event) = subscription.next().await.expect("in memory") {
            seen += 1;
            assert_eq!(event.version.get(), seen);
        }
    }
}
