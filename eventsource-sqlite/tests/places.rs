//! The file stays the one that was opened, whatever the path looks like and wherever the process goes.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{num::NonZeroUsize, path::Path, process::Command};

use common::{events, one, open, stream};
use eventsource_core::{Append, EventStore, EventStoreExt, Expected};
use eventsource_sqlite::{OpenError, SqliteOptions, SqliteStore};
use tempfile::TempDir;

const CHILD: &str = "EVENTSOURCE_SQLITE_TEST_PLACES";

/// The current folder is that of the whole process, so this goes about in one of its own.
#[tokio::test]
#[ignore = "other tests run it as a process of its own"]
async fn child() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let (name, other) = task.split_once(' ').unwrap();
    let options = SqliteOptions::new(name).with_readers(NonZeroUsize::MIN);
    let store = SqliteStore::open_with(options).await.unwrap();
    // Only the writer has opened the file so far.
    std::env::set_current_dir(other).unwrap();
    store.append(one("a")).await.unwrap();
    let stored = store.read_all().await.unwrap();
    assert_eq!(stored.len(), 1);
    let beyond = store.wait_beyond(None).await.unwrap();
    assert_eq!(beyond.number(), 1);
    // What looks for the appends of others looks at that file, too.
    let (waiting, raw) = (store.clone(), format!("{other}/../here/{name}"));
    let waiting = tokio::spawn(async move { waiting.wait_beyond(Some(beyond)).await });
    tokio::task::yield_now().await;
    open(Path::new(&raw)).await.append(one("a")).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().number(), 2);
}

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
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored"])
        .env(CHILD, format!("{name} {}", there.display()))
        .current_dir(&here)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
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
