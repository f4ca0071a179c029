//! What a store holds while it is closed.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use common::{folder, one, open};
use eventsource_core::EventStore;
use rusqlite::Connection;

fn connection(path: &std::path::Path) -> Connection {
    let raw = Connection::open(path).unwrap();
    raw.busy_timeout(std::time::Duration::ZERO).unwrap();
    raw
}

/// Bringing the log into the file takes its time, with a slow disk or a reader that does not end.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_to_write_for_a_store_that_is_being_closed() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    let (reader, writer) = (connection(&path), connection(&path));
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM events")
        .unwrap();
    store.append(one("a")).await.unwrap();
    let closing = tokio::spawn(store.close());
    let mut has_closed = false;
    while !has_closed {
        has_closed = closing.is_finished();
        writer.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
    }
    closing.await.unwrap();
    reader.execute_batch("COMMIT").unwrap();
    drop((reader, writer));
    // Nothing of it was lost, and the last one to leave has taken the log along.
    assert!(!path.with_extension("db-wal").exists());
    assert_eq!(open(&path).await.head().await.unwrap().unwrap().number(), 2);
}
