//! Which files are opened, and which are refused untouched.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{fs, path::Path};

use common::{event, folder, one, open, stream};
use eventsource_core::{
    Append, AppendError, Delivery, EventStore, EventStoreExt, Expected, ReadError, Rejection,
    Start, Subscribe,
};
use eventsource_sqlite::{Closed, OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;

async fn refused(path: &Path) -> OpenError {
    SqliteStore::open(path).await.expect_err("not to be opened")
}

/// Opens the file and asserts that this leaves every byte as it is.
async fn refused_untouched(path: &Path) -> OpenError {
    let before = fs::read(path).unwrap();
    let error = refused(path).await;
    assert_eq!(fs::read(path).unwrap(), before);
    let siblings = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(siblings, 1, "something is left beside the file");
    error
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_untouched() {
    for content in ["x", "a letter", &"a long letter ".repeat(10_000)] {
        let (_folder, path) = folder();
        fs::write(&path, content).unwrap();
        let error = refused_untouched(&path).await;
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_folder_is_no_database() {
    let (folder, _) = folder();
    let error = refused(folder.path()).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error:?}");
}

#[tokio::test]
async fn the_database_of_another_application_is_refused_untouched() {
    for (mark, expected) in [
        ("PRAGMA application_id = 7; CREATE TABLE t (a);", 7),
        ("PRAGMA application_id = 7;", 7),
        ("CREATE TABLE t (a);", 0),
        ("PRAGMA user_version = 1;", 0),
        ("PRAGMA journal_mode = WAL; CREATE TABLE t (a);", 0),
    ] {
        let (_folder, path) = folder();
        Connection::open(&path)
            .unwrap()
            .execute_batch(mark)
            .unwrap();
        let error = refused_untouched(&path).await;
        let OpenError::ForeignDatabase { application_id, .. } = error else {
            panic!("{error:?} for {mark}");
        };
        assert_eq!(application_id, expected);
    }
}

#[tokio::test]
async fn a_schema_of_a_later_release_is_refused_untouched_and_named() {
    let (_folder, path) = folder();
    open(&path).await.close().await;
    let raw = Connection::open(&path).unwrap();
    let present: i64 = raw
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    raw.pragma_update(None, "user_version", present + 1)
        .unwrap();
    drop(raw);
    let error = refused_untouched(&path).await;
    let OpenError::NewerSchema {
        found, supported, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((found, supported), (present + 1, present));
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let (_folder, path) = folder();
    let error = refused(&path.join("deep").join("events.db")).await;
    assert!(
        matches!(error, OpenError::FolderMissing { .. }),
        "{error:?}"
    );
}

/// Nobody can make a file there, not even the superuser.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_refused() {
    let error = refused(Path::new("/proc/self/events.db")).await;
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
}

/// Nobody can write to it, not even the superuser.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused() {
    let error = refused(Path::new("/proc/version")).await;
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_disk_without_room_for_the_schema_is_refused_and_leaves_nothing_half_done() {
    let (_folder, path) = folder();
    let full = SqliteOptions::new(&path).with_max_pages(3);
    let error = SqliteStore::open_with(full).await.expect_err("full");
    assert!(matches!(error, OpenError::DiskFull { .. }), "{error:?}");
    open(&path).await.append(one("a")).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_held_by_another_writer_is_busy() {
    let (_folder, path) = folder();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let options = SqliteOptions::new(&path).with_busy_timeout(std::time::Duration::from_millis(20));
    let error = SqliteStore::open_with(options).await.expect_err("busy");
    assert!(matches!(error, OpenError::Busy { .. }), "{error:?}");
}

#[tokio::test]
async fn a_store_is_opened_and_read_while_another_writer_holds_the_file() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let options = SqliteOptions::new(&path).with_busy_timeout(std::time::Duration::ZERO);
    let another = SqliteStore::open_with(options).await.unwrap();
    assert_eq!(another.read_all().await.unwrap().len(), 1);
    raw.execute_batch("ROLLBACK").unwrap();
    another.append(one("a")).await.unwrap();
}

#[tokio::test]
async fn an_append_while_another_writer_holds_the_file_is_rejected_and_works_later() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_busy_timeout(std::time::Duration::from_millis(20));
    let store = SqliteStore::open_with(options).await.unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.append(one("a")).await.expect_err("busy");
    assert!(refused.is_transient(), "{refused:?}");
    // Readers do not care.
    assert_eq!(store.head().await.unwrap(), None);
    raw.execute_batch("ROLLBACK").unwrap();
    store.append(one("a")).await.unwrap();
}

#[tokio::test]
async fn opening_again_and_again_changes_nothing() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    store.close().await;
    let before = fs::read(&path).unwrap();
    for _ in 0..2 {
        let store = open(&path).await;
        assert_eq!(store.read_all().await.unwrap().len(), 1);
        store.close().await;
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[tokio::test]
async fn many_that_open_a_new_file_at_once_all_succeed() {
    let (_folder, path) = folder();
    let opening: Vec<_> = (0..8)
        .map(|number: u64| {
            let path = path.clone();
            tokio::spawn(async move {
                let store = open(&path).await;
                let append = Append::to(stream("a"), Expected::Any, [event(number)]);
                store.append(append).await.unwrap();
            })
        })
        .collect();
    for one in opening {
        one.await.unwrap();
    }
    let all = open(&path).await.read_stream(&stream("a")).await.unwrap();
    assert_eq!(all.len(), 8);
}

#[tokio::test]
async fn a_full_disk_rejects_and_keeps_all_that_was_acknowledged() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_max_pages(40);
    let store = SqliteStore::open_with(options).await.unwrap();
    let mut acknowledged = 0;
    let refused = loop {
        match store.append(one("a")).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(acknowledged > 0);
    assert!(refused.is_transient(), "{refused:?}");
    // Reading still works, and so does a check.
    assert_eq!(store.read_all().await.unwrap().len(), acknowledged);
    store
        .append(Append::to(stream("a"), Expected::Exists, []))
        .await
        .unwrap();
    store.close().await;
    let store = open(&path).await;
    assert_eq!(store.read_all().await.unwrap().len(), acknowledged);
    store.append(one("a")).await.unwrap();
}

#[tokio::test]
async fn a_closed_store_refuses_for_all_its_handles() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    let other = store.clone();
    let waiting = tokio::spawn({
        let (store, head) = (store.clone(), store.head().await.unwrap());
        async move { store.wait_beyond(head).await }
    });
    let mut subscription = store.subscribe(Subscribe::all(Start::Now)).await.unwrap();
    assert_eq!(subscription.next().await.unwrap(), Delivery::CaughtUp);
    let following = tokio::spawn(async move {
        let first = subscription.next().await;
        (first, subscription.next().await)
    });
    store.close().await;
    // Whoever waits out what may pass must not wait for this.
    let refused = other.append(one("a")).await.expect_err("closed");
    assert!(!refused.is_transient(), "{refused:?}");
    let AppendError::Rejected(Rejection::Engine { source }) = refused else {
        panic!("{refused:?}");
    };
    assert!(source.is::<Closed>(), "{source:?}");
    let (first, second) = following.await.unwrap();
    for refused in [
        other.head().await.expect_err("closed"),
        other.read_all().await.expect_err("closed"),
        waiting.await.unwrap().expect_err("closed"),
        first.expect_err("closed"),
        second.expect_err("closed"),
    ] {
        assert!(!refused.is_transient(), "{refused:?}");
        assert!(matches!(refused, ReadError::Closed), "{refused:?}");
    }
    other.close().await;
    // All connections are gone, and with them the log.
    let beside = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1);
}
