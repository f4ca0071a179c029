//! Expectations, one writer at a time: what each means, and what a conflict says.

use eventsource_core::{Append, EventStoreExt, Expected, Read, ReadError, StreamId, Timestamp};

use crate::suite::{
    bench::{Bench, Store},
    kit,
};

/// A store with a stream of some events.
async fn prepared(bench: &Bench, count: u64) -> (crate::suite::bench::Open, StreamId) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    if count > 0 {
        kit::put(&store, &stream, 0..count).await;
    }
    (store, stream)
}

/// The next two events are appended to a stream of `before` events.
async fn appends(store: &Store, stream: &StreamId, before: u64, expected: Expected) {
    let events = kit::events(before..before + 2);
    let receipt = store
        .append(Append::to(stream.clone(), expected, events))
        .await
        .expect("the expectation holds");
    assert_eq!(receipt.version(), Some(kit::version(before + 2)));
    kit::assert_only(store, stream, 0..before + 2).await;
}

/// Nothing is appended to a stream of `before` events, and the error says why.
async fn conflicts(store: &Store, stream: &StreamId, before: u64, expected: Expected) {
    let events = kit::events(before..before + 2);
    let refused = store.append(Append::to(stream.clone(), expected, events));
    kit::assert_conflict(refused.await, stream, expected, before);
    kit::assert_only(store, stream, 0..before).await;
}

/// Contract 1 and 2.
pub(crate) async fn c_01_any_on_a_missing_stream_appends(bench: Bench) {
    let (store, stream) = prepared(&bench, 0).await;
    appends(&store, &stream, 0, Expected::Any).await;
}

/// Contract 1 and 2.
pub(crate) async fn c_02_no_stream_on_a_missing_stream_appends(bench: Bench) {
    let (store, stream) = prepared(&bench, 0).await;
    appends(&store, &stream, 0, Expected::NoStream).await;
}

/// Contract 2.
pub(crate) async fn c_03_exists_on_a_missing_stream_conflicts(bench: Bench) {
    let (store, stream) = prepared(&bench, 0).await;
    conflicts(&store, &stream, 0, Expected::Exists).await;
}

/// Contract 2.
pub(crate) async fn c_04_exact_on_a_missing_stream_conflicts(bench: Bench) {
    let (store, stream) = prepared(&bench, 0).await;
    conflicts(&store, &stream, 0, Expected::Exact(kit::version(1))).await;
}

/// Contract 1 and 2.
pub(crate) async fn c_05_any_on_an_existing_stream_appends(bench: Bench) {
    let (store, stream) = prepared(&bench, 3).await;
    appends(&store, &stream, 3, Expected::Any).await;
}

/// Contract 2.
pub(crate) async fn c_06_no_stream_on_an_existing_stream_conflicts(bench: Bench) {
    let (store, stream) = prepared(&bench, 3).await;
    conflicts(&store, &stream, 3, Expected::NoStream).await;
}

/// Contract 1 and 2.
pub(crate) async fn c_07_exists_on_an_existing_stream_appends(bench: Bench) {
    let (store, stream) = prepared(&bench, 3).await;
    appends(&store, &stream, 3, Expected::Exists).await;
}

/// Contract 1 and 2.
pub(crate) async fn c_08_exact_on_an_existing_stream_appends_at_that_version_only(bench: Bench) {
    let (store, stream) = prepared(&bench, 3).await;
    conflicts(&store, &stream, 3, Expected::Exact(kit::version(2))).await;
    appends(&store, &stream, 3, Expected::Exact(kit::version(3))).await;
}

/// Contract 2.
pub(crate) async fn c_17_a_version_too_low_too_high_or_far_off_conflicts(bench: Bench) {
    let (store, stream) = prepared(&bench, 3).await;
    // The far ones lie around the ends of the numbers that engines have.
    for number in [
        1,
        2,
        4,
        1 << 31,
        1 << 32,
        1 << 53,
        i64::MAX as u64,
        1 << 63,
        u64::MAX,
    ] {
        conflicts(&store, &stream, 3, Expected::Exact(kit::version(number))).await;
    }
    appends(&store, &stream, 3, Expected::Exact(kit::version(3))).await;
}

/// Contract 2.
pub(crate) async fn c_18_a_conflict_brings_the_missed_events_that_were_asked_for(bench: Bench) {
    let (store, stream) = prepared(&bench, 5).await;
    kit::put(&store, &kit::stream("another"), 50..55).await;
    let exact = |number| Expected::Exact(kit::version(number));
    for (expected, limit, missed) in [
        (exact(2), 10, 2..5),
        (exact(2), 3, 2..5),
        (exact(2), 2, 2..4),
        (exact(2), 0, 0..0),
        (exact(9), 10, 0..0),
        (exact(u64::MAX), 10, 0..0),
        (Expected::NoStream, usize::MAX, 0..5),
        (Expected::NoStream, 1, 0..1),
    ] {
        let append = Append::to(stream.clone(), expected, kit::events(90..91)).with_missed(limit);
        let conflict = kit::conflict(store.append(append).await);
        assert_eq!(conflict.streams.len(), 1);
        let violated = &conflict.streams[0];
        assert_eq!(violated.actual, Some(kit::version(5)), "the real version");
        assert_eq!(
            kit::marks(&violated.missed),
            missed.collect::<Vec<_>>(),
            "up to {limit} events that a writer with {expected} has not seen"
        );
        let read = kit::all(&store).await;
        assert!(
            violated.missed.iter().all(|event| read.contains(event)),
            "missed events are those that a read gives"
        );
    }
    // Unless they are asked for, none come.
    let append = Append::to(stream.clone(), exact(1), kit::events(90..91));
    assert_eq!(
        kit::conflict(store.append(append).await).streams[0].missed,
        []
    );
}

/// Contract 2 and 3.
pub(crate) async fn c_19_a_conflict_leaves_nothing_behind(bench: Bench) {
    let (store, stream) = prepared(&bench, 2).await;
    let events = kit::events(2..4);
    let key = kit::key("conflicts at first");
    for _ in 0..20 {
        let append = Append::to(stream.clone(), Expected::NoStream, events.clone());
        kit::conflict(store.append(append.with_key(key.clone())).await);
    }
    kit::assert_only(&store, &stream, 0..2).await;
    assert_eq!(
        store
            .find_append(&key)
            .await
            .expect("the store can be read"),
        None,
        "a conflict does not use the key"
    );
    // Neither the ids of the events nor the key were taken.
    let append = Append::to(stream.clone(), Expected::Exact(kit::version(2)), events);
    let receipt = store
        .append(append.with_key(key))
        .await
        .expect("no conflict");
    assert!(receipt.is_first());
    kit::assert_only(&store, &stream, 0..4).await;
}

/// Contract 2: whatever an engine shows to somebody who is still reading, the condition is asked of what is there now.
pub(crate) async fn c_32_a_writer_that_read_before_another_one_wrote_is_refused(bench: Bench) {
    let (store, stream) = prepared(&bench, 600).await;
    let seen = Expected::seen(kit::current(&store, &stream).await);
    let mut reading = store.read(Read::stream(stream.clone()));
    let first = reading.next().await.expect("a read").expect("an event");
    assert_eq!(kit::mark(&first), 0);
    kit::put(&store, &stream, 600..602).await;
    let late = Append::to(stream.clone(), seen, kit::events(900..901)).with_missed(10);
    let conflict = kit::conflict(store.append(late).await);
    assert_eq!(conflict.streams[0].actual, Some(kit::version(602)));
    assert_eq!(kit::marks(&conflict.streams[0].missed), [600, 601]);
    // It reads to its end, and what it saw there is a condition that holds.
    let rest = reading.collect().await.expect("a read");
    assert!(rest.len() >= 599, "what was there is given");
    let seen = Expected::seen(kit::current(&store, &stream).await);
    let again = Append::to(stream.clone(), seen, kit::events(602..603));
    store.append(again).await.expect("nobody came in between");
    kit::assert_only(&store, &stream, 0..603).await;
}

/// Contract 1, 2 and 5: ids and times of events may run backwards, and neither says which event is the last.
pub(crate) async fn c_33_ids_and_times_that_run_backwards_change_no_order(bench: Bench) {
    let (store, stream) = prepared(&bench, 0).await;
    let mut ids: Vec<_> = (0..9).map(|_| kit::new_id()).collect();
    ids.sort_unstable();
    for (mark, id) in (0..).zip(ids.into_iter().rev()) {
        let mut event = kit::event(mark);
        event.id = id;
        event.occurred_at = Timestamp::from_micros(-i64::try_from(mark).expect("few"));
        let expected = Expected::seen(kit::current(&store, &stream).await);
        let append = Append::to(stream.clone(), expected, [event]);
        store.append(append).await.expect("the condition holds");
    }
    kit::assert_only(&store, &stream, 0..9).await;
    let backward = store
        .read(Read::stream(stream.clone()).backward())
        .collect();
    let backward = kit::marks(&backward.await.expect("a read"));
    assert_eq!(backward, (0..9).rev().collect::<Vec<_>>());
    let last = store
        .last(Read::all())
        .await
        .expect("a read")
        .map(|event| kit::mark(&event));
    assert_eq!(last, Some(8), "the event that was appended last");
    let stale = Expected::Exact(kit::version(6));
    let append = Append::to(stream.clone(), stale, kit::events(90..91)).with_missed(10);
    let conflict = kit::conflict(store.append(append).await);
    assert_eq!(kit::marks(&conflict.streams[0].missed), [6, 7, 8]);
}

/// Contract 2.
pub(crate) async fn c_34_what_an_empty_read_tells_is_a_condition(bench: Bench) {
    let (store, stream) = prepared(&bench, 0).await;
    for (id, others) in [(&stream, 0), (&kit::stream("2"), 3)] {
        assert_eq!(
            kit::all(&store).await.len(),
            others,
            "what others have written"
        );
        let read = store.read_stream(id).await;
        assert!(
            matches!(read, Err(ReadError::StreamNotFound { .. })),
            "{read:?}"
        );
        let seen = Expected::seen(kit::current(&store, id).await);
        let append = || Append::to(id.clone(), seen, kit::events(0..3));
        store
            .append(append())
            .await
            .expect("there was nothing, and there is nothing");
        kit::assert_conflict(store.append(append()).await, id, Expected::NoStream, 3);
    }
}
