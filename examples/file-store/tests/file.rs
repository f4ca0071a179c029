//! What this backend's own file can be like when it is opened.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use eventsource_core::{
    Append, EventId, EventName, EventStore, EventStoreExt, Expected, IdSource, NewEvent,
    StoredPayload, StreamId, SystemClock, Timestamp, UuidV7, fault::NoFaults,
};
use file_store::FileStore;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("events.jsonl");
    (folder, path)
}

async fn open(path: &Path) -> std::io::Result<FileStore> {
    FileStore::open(path, Arc::new(SystemClock), Arc::new(NoFaults)).await
}

async fn append(store: &FileStore) {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("account.noted").expect("a legal name"),
        1,
        StoredPayload::json(b"{}"),
        Timestamp::EPOCH,
    );
    let stream = StreamId::new("account", "1").expect("a legal name");
    let append = Append::to(stream, Expected::Any, [event]);
    store.append(append).await.expect("an append");
}

async fn count(store: &FileStore) -> usize {
    store.read_all().await.expect("a read").len()
}

#[tokio::test]
async fn a_line_that_was_cut_off_anywhere_never_was_and_the_next_one_takes_its_place() {
    let (_folder, path) = folder();
    let store = open(&path).await.expect("a store");
    append(&store).await;
    let first = fs::metadata(&path).expect("a file").len();
    append(&store).await;
    drop(store);
    let whole = fs::read(&path).expect("a file");
    for end in usize::try_from(first).expect("short")..whole.len() {
        fs::write(&path, &whole[..end]).expect("a file");
        let store = open(&path).await.expect("a store");
        assert_eq!(count(&store).await, 1, "cut off at {end}");
        append(&store).await;
        assert_eq!(count(&store).await, 2);
        drop(store);
        let store = open(&path).await.expect("nothing of the old line is left");
        assert_eq!(count(&store).await, 2);
    }
}

#[tokio::test]
async fn a_file_that_is_none_of_ours_is_refused_as_it_is() {
    let (_folder, path) = folder();
    append(&open(&path).await.expect("a store")).await;
    for line in [
        "not JSON\n",
        "{}\n",
        "{\"recorded_at\":\"2026-01-01\",\"key\":null,\"parts\":[]}\n",
    ] {
        let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
        file.write_all(line.as_bytes()).expect("room");
        drop(file);
        let before = fs::read(&path).expect("a file");
        open(&path).await.expect_err("a line of something else");
        assert_eq!(fs::read(&path).expect("a file"), before, "{line}");
    }
}

#[tokio::test]
async fn a_second_store_on_the_same_file_is_refused_until_the_first_is_gone() {
    let (_folder, path) = folder();
    let store = open(&path).await.expect("a store");
    open(&path).await.expect_err("it is locked");
    drop(store);
    open(&path).await.expect("it is free");
}
