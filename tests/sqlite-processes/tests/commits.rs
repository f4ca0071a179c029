//! What becomes of an append whose commit fails in the middle.
//!
//! The operating system lets the write-ahead log of a process grow to a certain size only.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;

use std::{path::Path, process::Command};

use common::{folder, open, stream};
use eventsource_core::{EventStoreExt, Fingerprint, SnapshotQuery, SnapshotStore};

/// Half of this, or all of it: shells differ in what they count.
const LIMIT: usize = 1 << 20;

/// A process in which no file grows beyond the limit; a write beyond it fails.
fn run(task: &str, path: &Path) {
    let blocks = LIMIT / 1024;
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""),
        ])
        .arg("sh")
        .arg(env!("CARGO_BIN_EXE_sqlite-processes"))
        .arg(task)
        .arg(path)
        .arg(LIMIT.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[tokio::test]
async fn a_commit_that_fails_is_certainly_not_stored() {
    let (_folder, path) = folder();
    run("too-large", &path);
    let store = open(&path).await;
    assert_eq!(store.read_all().await.unwrap().len(), 2);
    // Of the two snapshots of one version, the one that was acknowledged.
    let newest = SnapshotQuery::newest(stream("large"), Fingerprint::new(1));
    let newest = store.find_snapshot(&newest).await.unwrap().unwrap();
    assert_eq!(newest.bytes.len(), 10);
}

#[tokio::test]
async fn while_a_commit_is_not_settled_nobody_is_told_that_it_is_not_there() {
    let (_folder, path) = folder();
    run("no-room", &path);
    let stored = open(&path).await.read_all().await.unwrap();
    assert_eq!(stored.len(), 2);
}

#[tokio::test]
async fn what_was_refused_is_not_told_as_unknown_after_a_commit_that_is() {
    let (_folder, path) = folder();
    run("no-room-for-refused", &path);
    assert_eq!(open(&path).await.read_all().await.unwrap().len(), 1);
}
