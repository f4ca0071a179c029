//! Append keys: a retry is answered with the first receipt, for ever.

use std::sync::Arc;

use eventsource_core::{
    Append, AppendError, AppendKey, Applied, Expected, NewEvent, Receipt, Rejection, StreamId,
    Timestamp, fault::FaultPoint,
};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::concurrency::at_once,
    fixture::Setup,
    hooks::Script,
    kit,
};

fn keyed(stream: &StreamId, expected: Expected, events: Vec<NewEvent>) -> Append {
    Append::to(stream.clone(), expected, events).with_key(kit::key("the key"))
}

/// A store in which an append under a key has stored events 0 to 2 at the start of a stream.
async fn prepared(bench: &Bench) -> (Open, StreamId, Receipt) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let append = keyed(&stream, Expected::NoStream, kit::events(0..3));
    let receipt = store.append(append).await.expect("the first append");
    assert!(receipt.is_first());
    (store, stream, receipt)
}

/// A retry says where the events of the first append stand.
#[track_caller]
fn assert_already(outcome: Result<Receipt, AppendError>, first: &Receipt) {
    let receipt = outcome.expect("a retry is answered with a receipt");
    assert_eq!(receipt.applied, Applied::Already);
    assert_eq!(receipt.streams, first.streams, "the first receipt");
}

#[track_caller]
fn assert_key_reused(outcome: Result<Receipt, AppendError>, first: &Receipt) {
    let rejection = kit::rejection(outcome);
    let Rejection::KeyReused { key, first: told } = rejection else {
        panic!("the key belongs to other content: {rejection:?}");
    };
    assert_eq!(key, kit::key("the key"));
    assert_eq!(told.streams, first.streams, "where the first append stands");
}

/// Contract 6.
pub(crate) async fn i_01_a_retry_is_answered_with_the_first_receipt(bench: Bench) {
    let (store, stream, first) = prepared(&bench).await;
    for _ in 0..2 {
        // A retry has new ids and times, and still the same content.
        let mut events = kit::events(0..3);
        for event in &mut events {
            event.occurred_at = Timestamp::from_micros(1);
        }
        let retry = keyed(&stream, Expected::NoStream, events);
        assert_already(store.append(retry).await, &first);
    }
    kit::assert_only(&store, &stream, 0..3).await;
    let found = store.find_append(&kit::key("the key")).await;
    let found = found
        .expect("the store can be read")
        .expect("it has stored events");
    assert_eq!(
        (found.applied, &found.streams),
        (Applied::Already, &first.streams)
    );
    let other = store.find_append(&kit::key("The Key")).await;
    assert_eq!(other.expect("the store can be read"), None, "another key");
}

/// Contract 6.
pub(crate) async fn i_02_a_retry_after_other_appends_is_answered_with_the_first_receipt(
    bench: Bench,
) {
    let (store, stream, first) = prepared(&bench).await;
    kit::put(&store, &stream, 3..5).await;
    kit::put(&store, &kit::stream("2"), 50..51).await;
    let other = Append::to(stream.clone(), Expected::Any, kit::events(5..6));
    store
        .append(other.with_key(kit::key("another key")))
        .await
        .expect("another key");
    let retry = keyed(&stream, Expected::NoStream, kit::events(0..3));
    assert_already(store.append(retry).await, &first);
    assert_eq!(
        kit::stream_marks(&store, &stream).await,
        (0..6).collect::<Vec<_>>()
    );
}

/// Contract 6.
pub(crate) async fn i_03_other_content_under_a_used_key_is_refused(bench: Bench) {
    let (store, stream, first) = prepared(&bench).await;
    let mut renamed = kit::events(0..3);
    renamed[1].name = kit::name("account.renamed");
    let mut reversioned = kit::events(0..3);
    reversioned[2].schema_version = 2;
    let mut reordered = kit::events(0..3);
    reordered.swap(0, 1);
    for other in [kit::events(7..10), renamed, reversioned, reordered] {
        for expected in [
            Expected::Any,
            Expected::NoStream,
            Expected::Exact(kit::version(3)),
        ] {
            let append = keyed(&stream, expected, other.clone());
            assert_key_reused(store.append(append).await, &first);
        }
    }
    kit::assert_only(&store, &stream, 0..3).await;
}

/// Contract 6: there is no window, in time or in number, after which a key is forgotten.
pub(crate) async fn i_04_a_key_is_remembered_after_many_other_appends(bench: Bench) {
    let (store, stream, first) = prepared(&bench).await;
    let other = kit::stream("2");
    for mark in 0..Bench::times(2_000, 100_000) as u64 {
        let append = Append::to(other.clone(), Expected::Any, [kit::event(mark)]);
        let key = kit::key(&format!("key {mark}"));
        store.append(append.with_key(key)).await.expect("a new key");
    }
    let retry = keyed(&stream, Expected::NoStream, kit::events(0..3));
    assert_already(store.append(retry).await, &first);
    assert_eq!(kit::stream_marks(&store, &stream).await, [0, 1, 2]);
}

/// Contract 6.
pub(crate) async fn i_05_a_key_used_on_another_stream_is_refused(bench: Bench) {
    let (store, stream, first) = prepared(&bench).await;
    let append = keyed(&kit::stream("2"), Expected::Any, kit::events(0..3));
    assert_key_reused(store.append(append).await, &first);
    kit::assert_only(&store, &stream, 0..3).await;
}

/// Contract 6.
pub(crate) async fn i_06_a_part_of_a_batch_or_more_than_it_is_other_content(bench: Bench) {
    let (store, stream, first) = prepared(&bench).await;
    for marks in [0..1, 0..2, 1..3, 0..4] {
        let append = keyed(&stream, Expected::Any, kit::events(marks));
        assert_key_reused(store.append(append).await, &first);
    }
    kit::assert_only(&store, &stream, 0..3).await;
}

/// Contract 6.
pub(crate) async fn i_07_of_concurrent_appends_with_one_key_one_is_applied(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    for round in 0..Bench::times(50, 1_000) as u64 {
        let key = kit::key(&format!("round {round}"));
        let append = || {
            Append::to(stream.clone(), Expected::Any, kit::events(round..round + 1))
                .with_key(key.clone())
        };
        let attempts = at_once(&store, (0..6).map(|_| append()).collect()).await;
        let receipts = attempts.iter().map(|attempt| {
            attempt
                .receipt()
                .unwrap_or_else(|| panic!("each gets a receipt: {attempt:?}"))
        });
        let (first, retries): (Vec<_>, Vec<_>) = receipts.partition(|one| one.is_first());
        assert_eq!(first.len(), 1, "one append is applied");
        for retry in retries {
            assert_eq!(
                retry.streams, first[0].streams,
                "the others get its receipt"
            );
        }
        kit::assert_only(&store, &stream, 0..round + 1).await;
    }
}

/// Contract 7.
pub(crate) async fn i_08_an_event_id_twice_in_a_batch_is_refused(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut events = kit::events(0..3);
    events[2].id = events[0].id;
    let id = events[0].id;
    let rejection = kit::rejection(
        store
            .append(Append::to(stream.clone(), Expected::Any, events))
            .await,
    );
    assert_duplicate(&rejection, id);
    kit::assert_only(&store, &stream, 0..0).await;
}

fn assert_duplicate(rejection: &Rejection, id: eventsource_core::EventId) {
    assert!(
        matches!(rejection, Rejection::DuplicateEventId { event } if *event == id),
        "{rejection:?}"
    );
}

/// Contract 7.
pub(crate) async fn i_09_an_event_id_that_is_in_the_store_is_refused(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let old = kit::event(0);
    kit::put_events(&store, &stream, vec![old.clone()]).await;
    for stream in [&stream, &kit::stream("2")] {
        let again = Append::to(stream.clone(), Expected::Any, [old.clone()]);
        assert_duplicate(&kit::rejection(store.append(again).await), old.id);
    }
    kit::assert_only(&store, &stream, 0..1).await;
}

/// Contract 2 and 6.
pub(crate) async fn i_10_a_key_does_not_bypass_the_condition_of_a_first_append(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..1).await;
    let exact = Expected::Exact(kit::version(1));
    let wrong = keyed(&stream, Expected::NoStream, kit::events(1..2));
    kit::assert_conflict(store.append(wrong).await, &stream, Expected::NoStream, 1);
    let right = keyed(&stream, exact, kit::events(1..2));
    let first = store
        .append(right.clone())
        .await
        .expect("the condition holds");
    assert!(first.is_first());
    // The condition no longer holds, and a retry does not ask.
    assert_already(store.append(right).await, &first);
    let other_condition = keyed(&stream, Expected::NoStream, kit::events(1..2));
    assert_already(store.append(other_condition).await, &first);
    kit::assert_only(&store, &stream, 0..2).await;
}

/// Contract 6 and 8: the answer is lost after the commit; the retry tells.
pub(crate) async fn i_11_a_retry_after_a_lost_answer_tells_that_it_was_stored(bench: Bench) {
    let faults = Script::failing(FaultPoint::AfterCommit, 1);
    let store = bench.store_with(Setup::default().with_faults(faults)).await;
    let stream = kit::stream("1");
    let append = keyed(&stream, Expected::NoStream, kit::events(0..3));
    let lost = store.append(append).await;
    assert!(
        lost.as_ref().is_err_and(AppendError::is_unknown),
        "nobody can say whether it was stored: {lost:?}"
    );
    let store: &Store = &Arc::clone(&store);
    let key: AppendKey = kit::key("the key");
    let found = store
        .find_append(&key)
        .await
        .expect("the store can be read");
    let found = found.expect("it was stored");
    let retry = keyed(&stream, Expected::NoStream, kit::events(0..3));
    assert_already(store.append(retry).await, &found);
    kit::assert_only(store, &stream, 0..3).await;
    kit::put(store, &stream, 3..4).await;
    kit::assert_only(store, &stream, 0..4).await;
}
