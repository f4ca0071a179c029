//! What becomes of an append whose commit fails in the middle.
//!
//! The operating system lets the write-ahead log of a child process grow to a certain size only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{path::Path, process::Command};

use common::{event, folder, one, open, stream};
use eventsource_core::{
    Append, AppendKey, Applied, EventStore, EventStoreExt, Expected, StoredPayload,
};
use rusqlite::Connection;

const CHILD: &str = "EVENTSOURCE_SQLITE_TEST_COMMITS";

/// Half of this, or all of it: shells differ in what they count.
const LIMIT: usize = 1 << 20;

fn key() -> AppendKey {
    AppendKey::new("k").unwrap()
}

/// This test program again, where no file grows beyond the limit; a write beyond it fails.
fn run(test: &str, path: &Path) {
    let blocks = LIMIT / 1024;
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""),
        ])
        .arg("sh")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env(CHILD, path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[tokio::test]
#[ignore = "another test runs it as a process of its own"]
async fn too_large() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let store = open(Path::new(&path)).await;
    store.append(one("a")).await.unwrap();
    let mut large = event(1);
    // Less than SQLite keeps before a commit.
    large.payload = StoredPayload::json(&vec![b' '; LIMIT * 5 / 4]);
    let append = Append::to(stream("large"), Expected::NoStream, [large]).with_key(key());
    let error = store.append(append).await.expect_err("too large");
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(store.find_append(&key()).await.unwrap(), None);
    store.append(one("a")).await.unwrap();
    // It does not close the store: the log stays as it is.
    std::process::exit(0);
}

#[tokio::test]
async fn a_commit_that_fails_is_certainly_not_stored() {
    let (_folder, path) = folder();
    run("too_large", &path);
    let stored = open(&path).await.read_all().await.unwrap();
    assert_eq!(stored.len(), 2);
}

#[tokio::test]
#[ignore = "another test runs it as a process of its own"]
async fn no_room() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let store = open(Path::new(&path)).await;
    store.append(one("a")).await.unwrap();
    // Not even a commit of one page is possible any more.
    let raw = Connection::open(&path).unwrap();
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

#[tokio::test]
async fn while_a_commit_is_not_settled_nobody_is_told_that_it_is_not_there() {
    let (_folder, path) = folder();
    run("no_room", &path);
    let stored = open(&path).await.read_all().await.unwrap();
    assert_eq!(stored.len(), 2);
}
