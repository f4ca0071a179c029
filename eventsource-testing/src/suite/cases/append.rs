//! Appending: what is stored, and what is refused whole.

use eventsource_core::{
    Actor, Append, AppendKey, Capability, CausationId, CorrelationId, EventStoreExt, Expected,
    IdSource, Metadata, NewEvent, Read, RecordedEvent, Rejection, StoredPayload, StreamId, Tag,
    Timestamp, UuidV7,
};

use crate::suite::{
    bench::{Bench, Store},
    kit,
};

/// An event with every part of the envelope.
pub(crate) fn full_event() -> NewEvent {
    let mut event = NewEvent::new(
        kit::new_id(),
        kit::name("account.opened"),
        7,
        StoredPayload::json(br#"{"owner":"Ada","cents":500}"#),
        Timestamp::from_micros(1_234_567_890_123_456),
    );
    event.correlation_id = Some(CorrelationId::new(UuidV7.next_id()));
    event.causation_id = Some(CausationId::new(UuidV7.next_id()));
    event.actor = Some(Actor::new("teller 7").expect("a legal actor"));
    event.metadata = Metadata::new()
        .with("reason", "opened at the counter")
        .expect("a free key");
    event.tags = ["branch:praha", "vip"]
        .map(|tag| Tag::new(tag).expect("a legal tag"))
        .into();
    event
}

/// An event is stored and read back as it was written; only its place and `recorded_at` are the store's.
pub(crate) async fn assert_kept(store: &Store, stream: &StreamId, event: NewEvent) {
    let before = kit::current(store, stream).await;
    let receipt = kit::put_events(store, stream, vec![event.clone()]).await;
    let stored = store
        .last(Read::stream(stream.clone()))
        .await
        .expect("the stream can be read")
        .expect("the stream has an event");
    let expected = RecordedEvent::new(
        event,
        stream.clone(),
        eventsource_core::Version::after(before),
        receipt.position().expect("one event was stored"),
        stored.recorded_at,
    );
    assert_eq!(*stored, expected, "every part of the event");
}

/// Contract 9.
pub(crate) async fn a_01_an_event_is_read_back_as_it_was_written(bench: Bench) {
    let store = bench.store().await;
    assert_kept(&store, &kit::stream("1"), full_event()).await;
    // The parts that may be absent are read back as absent.
    assert_kept(&store, &kit::stream("1"), kit::event(1)).await;
}

/// Contract 1 and 5.
pub(crate) async fn a_02_a_batch_keeps_its_order(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..5).await;
    kit::put(&store, &stream, 5..7).await;
    let events = store.read_stream(&stream).await.expect("a stream");
    assert_eq!(kit::marks(&events), (0..7).collect::<Vec<_>>());
    assert_eq!(kit::versions(&events), (1..8).collect::<Vec<_>>());
    assert!(
        events.is_sorted_by(|a, b| a.position < b.position),
        "positions rise along a stream: {:?}",
        kit::positions(&events)
    );
}

/// Contract 4.
pub(crate) async fn a_03_an_empty_append_stores_nothing(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..2).await;
    let head = kit::head(&store).await;
    let (stored, other) = (kit::key("of an empty append"), kit::stream("2"));
    for (stream, expected) in [
        (&stream, Expected::Any),
        (&stream, Expected::Exists),
        (&stream, Expected::Exact(kit::version(2))),
        (&other, Expected::NoStream),
        (&other, Expected::Any),
    ] {
        let append = Append::to(stream.clone(), expected, []).with_key(stored.clone());
        let receipt = store.append(append).await.expect("the expectation holds");
        assert!(receipt.is_empty(), "nothing was stored: {receipt:?}");
        assert!(receipt.is_first(), "nothing was stored before: {receipt:?}");
    }
    // A condition is checked, also where there is nothing to store.
    let refused = store.append(Append::to(stream.clone(), Expected::NoStream, []));
    kit::assert_conflict(refused.await, &stream, Expected::NoStream, 2);
    let exact = Expected::Exact(kit::version(1));
    let refused = store.append(Append::to(other.clone(), exact, []));
    kit::assert_conflict(refused.await, &other, exact, 0);
    assert_eq!(
        store
            .find_append(&stored)
            .await
            .expect("the store can be read"),
        None,
        "nothing remembers the key of an empty append"
    );
    kit::assert_only(&store, &stream, 0..2).await;
    assert_eq!(kit::head(&store).await, head, "no position was used");
}

/// Contract 4.
pub(crate) async fn a_04_an_empty_append_may_be_repeated(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    for round in 0..2_u64 {
        for _ in 0..2 {
            let empty = Append::to(stream.clone(), Expected::Any, []);
            let receipt = store.append(empty).await.expect("nothing is in its way");
            assert!(receipt.is_empty());
        }
        assert_eq!(
            kit::stream_marks(&store, &stream).await,
            (0..round).collect::<Vec<_>>()
        );
        kit::put(&store, &stream, round..round + 1).await;
    }
    kit::assert_only(&store, &stream, 0..2).await;
}

/// Contract 1 and 5.
pub(crate) async fn a_05_a_receipt_says_where_the_events_stand(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut marks = 0;
    for count in [1, 3, 1, 4] {
        let append = Append::to(
            stream.clone(),
            Expected::Any,
            kit::events(marks..marks + count),
        )
        .with_key(kit::key(&format!("append {marks}")));
        let receipt = store.append(append).await.expect("an append");
        let events = store.read_stream(&stream).await.expect("a stream");
        let written = &events[usize::try_from(marks).expect("few")..];
        assert_eq!(written.len() as u64, count);
        assert_eq!(receipt.streams.len(), 1);
        let part = &receipt.streams[0];
        let (first, last) = (&written[0], &written[written.len() - 1]);
        assert_eq!(part.stream, stream);
        assert_eq!(
            (part.first_version, part.last_version),
            (first.version, last.version)
        );
        assert_eq!(
            (part.first_position, part.last_position),
            (first.position, last.position)
        );
        assert!(receipt.is_first());
        marks += count;
    }
}

/// Contract 14.
pub(crate) async fn a_06_positions_of_one_append_follow_each_other(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let claimed = store.capabilities().has(Capability::ContiguousBatch);
    for count in [1, 2, 50] {
        let receipt = kit::put(&store, &stream, 0..count).await;
        let part = &receipt.streams[0];
        let between = part.last_position.number() - part.first_position.number();
        // Without the capability there may be gaps, and nothing else changes.
        assert!(
            if claimed {
                between == count - 1
            } else {
                between >= count - 1
            },
            "{count} events stand from {} to {}; the store claims to leave no gap: {claimed}",
            part.first_position,
            part.last_position
        );
    }
}

/// Contract 3 and 7.
pub(crate) async fn a_07_a_batch_with_a_duplicate_id_in_the_middle_stores_nothing(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let first = kit::event(0);
    kit::put_events(&store, &stream, vec![first.clone()]).await;
    let mut batch = kit::events(1..4);
    batch[1].id = first.id;
    for stream in [&stream, &kit::stream("2")] {
        let refused = store.append(Append::to(stream.clone(), Expected::Any, batch.clone()));
        let rejection = kit::rejection(refused.await);
        assert!(
            matches!(rejection, Rejection::DuplicateEventId { event } if event == first.id),
            "{rejection:?}"
        );
    }
    kit::assert_only(&store, &stream, 0..1).await;
    kit::put(&store, &stream, 1..2).await;
    kit::assert_only(&store, &stream, 0..2).await;
}

/// Contract 8 and 13.
pub(crate) async fn a_08_a_panic_of_the_caller_leaves_the_store_usable(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..3).await;
    let inner = std::sync::Arc::clone(&store);
    let copied = tokio::spawn(async move {
        let mut source = inner.read(Read::all());
        let first = source.next().await.expect("a read").expect("an event");
        // The iterator that makes the events fails midway, while a read is open.
        let events = (0..3).map(|place| {
            if place == 1 {
                std::panic::resume_unwind(Box::new("the caller's iterator"));
            }
            kit::event(kit::mark(&first))
        });
        let append = Append::to(kit::stream("2"), Expected::Any, events);
        inner.append(append).await.is_ok()
    });
    let outcome = copied.await;
    assert!(
        outcome.is_err_and(|error| error.is_panic()),
        "the caller panics"
    );
    kit::assert_only(&store, &stream, 0..3).await;
    kit::put(&store, &stream, 3..4).await;
    kit::assert_only(&store, &stream, 0..4).await;
}

/// Contract 3 and 8.
pub(crate) async fn a_09_an_event_that_cannot_be_stored_is_rejected_before_anything_is_written(
    bench: Bench,
) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let key = AppendKey::new("refused at first").expect("a legal key");
    for bad in 0..3 {
        let mut batch = kit::events(0..3);
        batch[bad].schema_version = 0;
        let append = Append::to(stream.clone(), Expected::NoStream, batch).with_key(key.clone());
        let rejection = kit::rejection(store.append(append).await);
        assert!(
            matches!(rejection, Rejection::SchemaVersionZero { .. }),
            "{rejection:?}"
        );
        kit::assert_only(&store, &stream, 0..0).await;
    }
    // A rejected append has not used its key.
    let append = Append::to(stream.clone(), Expected::NoStream, kit::events(0..3)).with_key(key);
    let receipt = store
        .append(append)
        .await
        .expect("nothing was stored before");
    assert!(receipt.is_first());
    kit::assert_only(&store, &stream, 0..3).await;
}
