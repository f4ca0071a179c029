//! What the tests of this crate share: events, stores in folders of their own, writers that contend, and faults. Those of
//! `tests/sqlite-processes` have it, too.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

pub(crate) mod contention;
pub(crate) mod faulty;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use eventsource_core::{
    Append, EventId, EventName, Expected, IdSource, NewEvent, StoredPayload, StreamId, Timestamp,
    UuidV7,
};
use eventsource_sqlite::SqliteStore;
use tempfile::TempDir;

/// A folder that goes with the test, and the path of a database in it.
pub(crate) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    (folder, path)
}

pub(crate) async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path).await.unwrap()
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::new("account", id).unwrap()
}

/// An event with an id of its own, whose payload is `number`.
pub(crate) fn event(number: u64) -> NewEvent {
    NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("money.deposited").unwrap(),
        1,
        StoredPayload::json(number.to_string().as_bytes()),
        Timestamp::from_micros(i64::try_from(number).unwrap()),
    )
}

pub(crate) fn events(numbers: std::ops::Range<u64>) -> Vec<NewEvent> {
    numbers.map(event).collect()
}

/// An append of one event to a stream, whatever is there.
pub(crate) fn one(id: &str) -> Append {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Append::to(stream(id), Expected::Any, [event(number)])
}
