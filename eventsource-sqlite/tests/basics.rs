//! What is stored is read back, from the same store and after opening it again.

mod common;

use common::{event, events, folder, open, stream};
use eventsource_core::{
    Actor, Append, AppendError, AppendKey, Applied, CausationId, ContentType, CorrelationId,
    EventName, EventStore, EventStoreExt, Expected, IdSource, Metadata, Read, ReadError, Rejection,
    StoredPayload, Tag, Timestamp, UuidV7, Version,
};
use serde_json::Value;

#[tokio::test]
async fn every_part_of_the_envelope_is_read_as_it_was_written() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let mut full = event(1);
    full.correlation_id = Some(CorrelationId::new(UuidV7.next_id()));
    full.causation_id = Some(CausationId::new(UuidV7.next_id()));
    full.actor = Some(Actor::new("\u{11b} 'quoted'").unwrap());
    full.metadata = Metadata::new()
        .with("a", 0.1 + 0.2)
        .and_then(|facts| facts.with("b", u64::MAX))
        .and_then(|facts| facts.with("c", i64::MIN))
        .and_then(|facts| facts.with("d", 1e308))
        .unwrap();
    full.tags = [
        Tag::new("x' OR '1'='1").unwrap(),
        Tag::new("\u{1f3e6}").unwrap(),
    ]
    .into();
    full.occurred_at = Timestamp::MIN;
    full.payload = StoredPayload::new(ContentType::new("x/y").unwrap(), &[0, 255, 0]);
    let mut empty = event(2);
    empty.payload = StoredPayload::json(b"");
    let append = Append::to(
        stream("a"),
        Expected::NoStream,
        [full.clone(), empty.clone()],
    );
    let receipt = store.append(append).await.unwrap();
    store.close().await;

    let store = open(&path).await;
    let stored = store.read_stream(&stream("a")).await.unwrap();
    assert_eq!(stored.len(), 2);
    for (new, old) in [full, empty].into_iter().zip(&stored) {
        assert_eq!(old.id, new.id);
        assert_eq!(old.name, new.name);
        assert_eq!(old.payload, new.payload);
        assert_eq!(old.occurred_at, new.occurred_at);
        assert_eq!(old.correlation_id, new.correlation_id);
        assert_eq!(old.causation_id, new.causation_id);
        assert_eq!(old.actor, new.actor);
        assert_eq!(old.metadata, new.metadata);
        assert_eq!(old.tags, new.tags);
    }
    assert_eq!(receipt.version(), Version::new(2));
    assert_eq!(receipt.position(), store.head().await.unwrap());
    assert_eq!(store.read_all().await.unwrap(), stored);
}

#[tokio::test]
async fn an_append_key_is_remembered_after_opening_again() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let key = AppendKey::new("k").unwrap();
    let append =
        |range| Append::to(stream("a"), Expected::NoStream, events(range)).with_key(key.clone());
    let first = store.append(append(1..4)).await.unwrap();
    store.close().await;

    let store = open(&path).await;
    let again = store.append(append(1..4)).await.unwrap();
    assert_eq!(again.applied, Applied::Already);
    assert_eq!(again.streams, first.streams);
    assert_eq!(store.find_append(&key).await.unwrap(), Some(again));
    let other = store.append(append(1..5)).await;
    assert!(matches!(
        other,
        Err(AppendError::Rejected(Rejection::KeyReused { .. }))
    ));
    assert_eq!(store.read_all().await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_event_id_that_is_there_is_refused_and_named() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let twice = event(1);
    let to = |id, events: Vec<_>| Append::to(stream(id), Expected::Any, events);
    store.append(to("a", vec![twice.clone()])).await.unwrap();
    let refused = store
        .append(to("b", vec![event(2), twice.clone(), event(3)]))
        .await;
    let Err(AppendError::Rejected(Rejection::DuplicateEventId { event: id })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(id, twice.id);
    assert_eq!(store.stream_version(&stream("b")).await.unwrap(), None);
    let receipt = store.append(to("b", vec![event(4)])).await.unwrap();
    assert_eq!(receipt.position().unwrap().number(), 2);
}

#[tokio::test]
async fn metadata_is_read_back_as_deep_as_it_may_be() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let array = |fact| Value::from(vec![fact]);
    let object = |fact| Value::from_iter([("inner", fact)]);
    for inner in [array as fn(Value) -> Value, object] {
        let fact = (0..Metadata::MAX_DEPTH).fold(Value::from(1), |fact, _| inner(fact));
        let mut deepest = event(1);
        deepest.metadata = Metadata::new().with("fact", fact).unwrap();
        let append = Append::to(stream("a"), Expected::Any, [deepest.clone()]);
        store.append(append).await.unwrap();
        let last = store.last(Read::all()).await.unwrap().unwrap();
        assert_eq!(last.metadata, deepest.metadata);
    }
}

// D4.
#[tokio::test]
async fn names_that_are_code_elsewhere_read_only_their_own_events() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let ids = [
        "x' OR '1'='1",
        "'; DROP TABLE events; --",
        "%",
        "_",
        "?1",
        "\"",
        "x",
        "X",
        "x ",
    ];
    for (id, number) in ids.into_iter().zip(1..) {
        let append = Append::to(stream(id), Expected::NoStream, [event(number)]);
        store.append(append).await.unwrap();
    }
    for (id, number) in ids.into_iter().zip(1_u64..) {
        let stored = store.read_stream(&stream(id)).await.unwrap();
        assert_eq!(stored.len(), 1, "{id}");
        assert_eq!(stored[0].payload.bytes(), number.to_string().as_bytes());
    }
    let missing = store.read_stream(&stream("x' OR '1'='2")).await;
    assert!(matches!(missing, Err(ReadError::StreamNotFound { .. })));
}

// D20.
#[tokio::test]
async fn a_stream_of_70_000_events_keeps_its_versions() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let rare = EventName::new("rare").unwrap();
    for batch in 0..14 {
        let mut batch = events(batch * 5000..(batch + 1) * 5000);
        for event in batch
            .iter_mut()
            .filter(|event| event.occurred_at.as_micros() % 30_000 == 1)
        {
            event.name = rare.clone();
        }
        let append = Append::to(stream("long"), Expected::Any, batch);
        store.append(append).await.unwrap();
    }
    let mut all = store.read(Read::stream(stream("long")));
    let mut next = 1;
    while let Some(event) = all.next().await.unwrap() {
        assert_eq!(event.version.get(), next);
        assert_eq!(event.payload.bytes(), (next - 1).to_string().as_bytes());
        next += 1;
    }
    assert_eq!(next, 70_001);
    let last = store
        .last(Read::stream(stream("long")))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(last.version.get(), 70_000);

    // Few among many: the events between are looked at piece by piece.
    let late = Timestamp::from_micros(20_000);
    for (read, count, first) in [
        (Read::stream(stream("long")).named([rare.clone()]), 3, 2),
        (Read::all().named([rare]), 3, 2),
        (Read::all().occurred_from(late), 50_000, 20_001),
        (Read::all().occurred_from(late).occurred_to(late), 1, 20_001),
        (
            Read::stream(stream("long"))
                .occurred_from(late)
                .occurred_to(late),
            1,
            20_001,
        ),
        (
            Read::category(stream("long").category().clone()).occurred_from(late),
            50_000,
            20_001,
        ),
    ] {
        let forward = store.read(read.clone()).collect().await.unwrap();
        assert_eq!(
            (forward.len(), forward[0].version.get()),
            (count, first),
            "{read:?}"
        );
        let mut backward = store.read(read.backward()).collect().await.unwrap();
        backward.reverse();
        assert_eq!(backward, forward);
    }
}
