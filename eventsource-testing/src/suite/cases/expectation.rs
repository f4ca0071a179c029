//! Expectations, one writer at a time: what each means, and what a conflict says.

use eventsource_core::{Append, Expected, StreamId};

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
