//! Short words for what most cases do: name a stream, make events that can be told apart, append, read, take errors
//! apart.

use std::{
    future::{Future, poll_fn},
    ops::Range,
    pin::Pin,
    task::Poll,
};

use eventsource_core::{
    Append, AppendError, AppendKey, CausationId, Conflict, CorrelationId, CountingIds, EventId,
    EventName, EventStoreExt, Expected, IdSource, NewEvent, Position, ReadError, Receipt, Recorded,
    RecordedEvent, Rejection, StoredPayload, StreamId, Timestamp, UuidV7, Version,
};

use super::bench::Store;
use crate::chance::{STEP, mixed};

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::new("account", id).expect("a legal name")
}

pub(crate) fn name(text: &str) -> EventName {
    EventName::new(text).expect("a legal name")
}

pub(crate) fn key(text: &str) -> AppendKey {
    AppendKey::new(text).expect("a legal key")
}

pub(crate) fn version(number: u64) -> Version {
    Version::new(number).expect("not 0")
}

pub(crate) fn new_id() -> EventId {
    EventId::new(UuidV7.next_id())
}

/// A conversation that is known by a number.
pub(crate) fn conversation(number: u64) -> CorrelationId {
    CorrelationId::new(CountingIds::from(number).next_id())
}

/// A cause that is known by a number.
pub(crate) fn cause(number: u64) -> CausationId {
    CausationId::new(CountingIds::from(number).next_id())
}

/// An event with an id of its own whose payload is `mark`.
pub(crate) fn event(mark: u64) -> NewEvent {
    NewEvent::new(
        new_id(),
        name("account.noted"),
        1,
        StoredPayload::json(mark.to_string().as_bytes()),
        Timestamp::from_micros(1_700_000_000_000_000),
    )
}

pub(crate) fn events(marks: Range<u64>) -> Vec<NewEvent> {
    marks.map(event).collect()
}

/// What [`event`] has put into the payload.
#[track_caller]
pub(crate) fn mark(event: &RecordedEvent) -> u64 {
    let text = std::str::from_utf8(event.payload.bytes()).expect("a payload of the suite");
    text.parse().expect("a payload of the suite")
}

#[track_caller]
pub(crate) fn marks(events: &[Recorded]) -> Vec<u64> {
    events.iter().map(|event| mark(event)).collect()
}

pub(crate) fn positions(events: &[Recorded]) -> Vec<Position> {
    events.iter().map(|event| event.position).collect()
}

pub(crate) fn versions(events: &[Recorded]) -> Vec<u64> {
    events.iter().map(|event| event.version.get()).collect()
}

/// Appends without an expectation.
pub(crate) async fn put(store: &Store, stream: &StreamId, marks: Range<u64>) -> Receipt {
    put_events(store, stream, events(marks)).await
}

pub(crate) async fn put_events(store: &Store, stream: &StreamId, events: Vec<NewEvent>) -> Receipt {
    store
        .append(Append::to(stream.clone(), Expected::Any, events))
        .await
        .expect("an append without an expectation succeeds")
}

/// The marks of a stream; none where it does not exist.
pub(crate) async fn stream_marks(store: &Store, stream: &StreamId) -> Vec<u64> {
    match store.read_stream(stream).await {
        Ok(events) => marks(&events),
        Err(ReadError::StreamNotFound { .. }) => Vec::new(),
        Err(error) => panic!("the stream cannot be read: {error:?}"),
    }
}

pub(crate) async fn all(store: &Store) -> Vec<Recorded> {
    store.read_all().await.expect("the store can be read")
}

/// The stream has these events and the store has no others.
pub(crate) async fn assert_only(store: &Store, stream: &StreamId, expected: Range<u64>) {
    let expected: Vec<_> = expected.collect();
    assert_eq!(
        stream_marks(store, stream).await,
        expected,
        "the events of the stream `{stream}`"
    );
    assert_eq!(
        Version::number(current(store, stream).await),
        expected.len() as u64,
        "the version of the stream `{stream}`"
    );
    let all = all(store).await;
    assert_eq!(marks(&all), expected, "the events of the whole store");
    assert_eq!(
        store.head().await.expect("the store can be read"),
        all.last().map(|event| event.position),
        "the head of the store"
    );
}

pub(crate) async fn current(store: &Store, stream: &StreamId) -> Option<Version> {
    store
        .stream_version(stream)
        .await
        .expect("the store can be read")
}

pub(crate) async fn head(store: &Store) -> Option<Position> {
    store.head().await.expect("the store can be read")
}

#[track_caller]
pub(crate) fn conflict(outcome: Result<Receipt, AppendError>) -> Conflict {
    match outcome {
        Err(AppendError::Conflict(conflict)) => conflict,
        other => panic!("this must be a conflict, not {other:?}"),
    }
}

#[track_caller]
pub(crate) fn rejection(outcome: Result<Receipt, AppendError>) -> Rejection {
    match outcome {
        Err(AppendError::Rejected(rejection)) => rejection,
        other => panic!("this must be rejected, not {other:?}"),
    }
}

/// The one violated expectation of a conflict.
#[track_caller]
pub(crate) fn assert_conflict(
    outcome: Result<Receipt, AppendError>,
    stream: &StreamId,
    expected: Expected,
    actual: u64,
) {
    let conflict = conflict(outcome);
    assert_eq!(conflict.streams.len(), 1, "one expectation is violated");
    let violated = &conflict.streams[0];
    assert_eq!(&violated.stream, stream, "the stream that conflicts");
    assert_eq!(violated.expected, expected, "what was expected");
    assert_eq!(
        Version::number(violated.actual),
        actual,
        "what is really there"
    );
}

/// Polls a future once; `None` where it is not ready.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    poll_fn(|cx| match Pin::new(&mut *future).poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Numbers that are the same in every run: a case that fails can be run again.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0) % bound
    }
}
