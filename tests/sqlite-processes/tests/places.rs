//! The file stays the one that was opened, whatever the path looks like and wherever the process goes.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;

use std::process::Command;

use common::{events, open, stream};
use eventsource_core::{Append, EventStore, EventStoreExt, Expected};
use eventsource_sqlite::{OpenError, SqliteStore};
use tempfile::TempDir;

async fn goes_elsewhere(name: &str) {
    let folder = TempDir::new().unwrap();
    let [here, there] = ["here", "there"].map(|name| folder.path().join(name));
    for place in [&here, &there] {
        std::fs::create_dir(place).unwrap();
    }
    // A file of that name is there, too.
    let decoy = open(&there.join(name)).await;
    let append = Append::to(stream("decoy"), Expected::NoStream, events(0..7));
    decoy.append(append).await.unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
        .args(["elsewhere", name])
        .arg(&there)
        .current_dir(&here)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(decoy.read_all().await.unwrap().len(), 7);
    let stored = open(&here.join(name)).await.read_all().await.unwrap();
    assert_eq!(stored.len(), 2);
}

#[tokio::test]
async fn a_relative_path_stays_the_file_that_was_opened() {
    goes_elsewhere("events.db").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_is_never_an_address() {
    goes_elsewhere("file:events.db").await;
}

#[tokio::test]
async fn a_path_that_is_no_file_is_refused() {
    let error = SqliteStore::open(":memory:").await.expect_err("no file");
    assert!(
        matches!(error, OpenError::NoWriteAheadLog { .. }),
        "{error:?}"
    );
    let error = SqliteStore::open("").await.expect_err("no file");
    assert!(matches!(error, OpenError::Engine { .. }), "{error:?}");
}
