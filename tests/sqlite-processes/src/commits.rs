//! Appends whose commit fails in the middle: no file of this process grows beyond a limit that its parent has set.

use std::path::Path;

use eventsource_core::{
    Append, AppendKey, Applied, EventStore as _, Expected, Fingerprint, Keep, SnapshotError,
    SnapshotQuery, SnapshotStore as _, StoredPayload, StoredSnapshot, Timestamp, Version,
};
use rusqlite::Connection;

use crate::common::{event, one, open, stream};

fn snapshot(bytes: usize) -> StoredSnapshot {
    StoredSnapshot::new(
        stream("large"),
        Version::FIRST,
        event(1).id,
        Fingerprint::new(1),
        Timestamp::EPOCH,
        Timestamp::EPOCH,
        None,
        vec![b' '; bytes],
    )
}

fn key() -> AppendKey {
    AppendKey::new("k").unwrap()
}

/// Appends what is larger than the limit.
pub(crate) async fn too_large(path: &Path, limit: usize) {
    let store = open(path).await;
    store.append(one("a")).await.unwrap();
    let mut large = event(1);
    // Less than SQLite keeps before a commit.
    large.payload = StoredPayload::json(&vec![b' '; limit * 5 / 4]);
    let append = Append::to(stream("large"), Expected::NoStream, [large]).with_key(key());
    let error = store.append(append).await.expect_err("too large");
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(store.find_append(&key()).await.unwrap(), None);
    store.append(one("a")).await.unwrap();
    // Of snapshots nobody can say it, and the store goes on.
    let error = store
        .save_snapshot(snapshot(limit * 5 / 4), Keep::All)
        .await;
    let error = error.expect_err("too large");
    assert!(matches!(error, SnapshotError::Unknown(_)), "{error:?}");
    let newest = SnapshotQuery::newest(stream("large"), Fingerprint::new(1));
    assert_eq!(store.find_snapshot(&newest).await.unwrap(), None);
    store
        .append(Append::to(stream("large"), Expected::NoStream, []))
        .await
        .unwrap();
    store.save_snapshot(snapshot(10), Keep::All).await.unwrap();
    // It does not close the store: the log stays as it is.
    std::process::exit(0);
}

/// Appends when there is no room for anything more.
pub(crate) async fn no_room(path: &Path) {
    let store = open(path).await;
    store.append(one("a")).await.unwrap();
    // Not even a commit of one page is possible any more.
    let raw = Connection::open(path).unwrap();
    raw.execute_batch("PRAGMA synchronous = OFF").unwrap();
    let mark: i64 = raw
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .unwrap();
    while raw.pragma_update(None, "application_id", mark).is_ok() {}

    let new = Append::to(stream("b"), Expected::NoStream, [event(1)]).with_key(key());
    let error = store.append(new.clone()).await.expect_err("no room");
    assert!(error.is_unknown(), "{error:?}");
    // It is not told that there is nothing, and nothing is told about the stream.
    let error = store.find_append(&key()).await.expect_err("not settled");
    assert!(error.is_transient(), "{error:?}");
    let check = Append::to(stream("b"), Expected::NoStream, []);
    let error = store.append(check.clone()).await.expect_err("not settled");
    assert!(error.is_transient(), "{error:?}");

    let is_busy: i64 = raw
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(is_busy, 0);
    assert_eq!(store.find_append(&key()).await.unwrap(), None);
    store.append(check).await.unwrap();
    let receipt = store.append(new).await.unwrap();
    assert_eq!(receipt.applied, Applied::Now);
    std::process::exit(0);
}
