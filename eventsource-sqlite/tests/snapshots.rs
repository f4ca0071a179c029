//! Snapshots in the file: how they share the writing thread with appends, and what is stored damaged.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    future::Future,
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use common::{folder, one, open, stream};
use eventsource_core::{
    AppendError, EventId, EventStore, EventStoreExt, Fingerprint, Keep, SnapshotError,
    SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot, Timestamp, Version,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_sqlite::{Closed, SqliteOptions, SqliteStore};
use eventsource_testing::suite::{Gate, Script};
use rusqlite::Connection;

const MINE: Fingerprint = Fingerprint::new(u64::MAX);

fn snapshot(id: &str, version: u64, bytes: usize) -> StoredSnapshot {
    StoredSnapshot::new(
        stream(id),
        Version::new(version).unwrap(),
        EventId::new("0192d5a4-6f7c-7000-8000-000000000001".parse().unwrap()),
        MINE,
        Timestamp::EPOCH,
        Timestamp::EPOCH,
        None,
        vec![7; bytes],
    )
}

async fn newest(store: &SqliteStore, id: &str) -> Option<u64> {
    let query = SnapshotQuery::newest(stream(id), MINE);
    let found = store.find_snapshot(&query).await.unwrap();
    found.map(|snapshot| snapshot.version.get())
}

async fn open_with(path: &Path, faults: Arc<dyn FaultHook>) -> SqliteStore {
    let options = SqliteOptions::new(path).with_faults(faults);
    SqliteStore::open_with(options).await.unwrap()
}

/// Polls a future once, so that what it does first is done.
async fn begun<F: Future + ?Sized>(mut future: Pin<&mut F>) {
    std::future::poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
}

/// For each commit, the events and the snapshots that are there before it.
type Commits = Arc<Mutex<Vec<(i64, i64)>>>;

/// What each commit finds in the file when it is about to be made, by a connection of its own.
fn log_of_commits(path: &Path, gate: &Arc<Gate>) -> (Arc<Script>, Commits) {
    let commits = Arc::new(Mutex::new(Vec::new()));
    let (path, gate, told) = (path.to_owned(), Arc::clone(gate), Arc::clone(&commits));
    let hook = Script::new(move |point| {
        if point == FaultPoint::BeforeCommit {
            let raw = Connection::open(&path).unwrap();
            let count = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM snapshots)";
            let there = raw.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
            told.lock().unwrap().push(there.unwrap());
        }
        gate.at(point)
    });
    (Arc::new(hook), commits)
}

#[tokio::test]
async fn small_snapshots_share_a_commit_with_appends_and_large_ones_let_them_go_first() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let (hook, commits) = log_of_commits(&path, &gate);
    let store = open_with(&path, hook).await;
    let mut first = Box::pin(store.append(one("first")));
    begun(first.as_mut()).await;
    gate.holds_a_writer().await;
    // While the writer is held up, these queue, the large ones before the rest.
    let mut saves = Vec::new();
    for (version, bytes) in [(1, 1 << 20), (2, 1 << 20), (3, 10), (4, 10)] {
        let mut save = store.save_snapshot(snapshot("a", version, bytes), Keep::All);
        begun(save.as_mut()).await;
        saves.push(save);
    }
    let mut appends = Vec::new();
    for number in 0..3 {
        let mut append = store.append(one(&number.to_string()));
        begun(append.as_mut()).await;
        appends.push(append);
    }
    gate.let_go();
    first.await.unwrap();
    for append in appends {
        append.await.unwrap();
    }
    for save in saves {
        save.await.unwrap();
    }
    // The first append; three appends with the two small ones; each large one.
    assert_eq!(*commits.lock().unwrap(), [(0, 0), (1, 0), (4, 2), (4, 3)]);
    assert_eq!(newest(&store, "a").await, Some(4));
}

#[tokio::test]
async fn an_append_waits_for_one_large_snapshot_at_most() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let (hook, commits) = log_of_commits(&path, &gate);
    let store = open_with(&path, hook).await;
    let mut saves = Vec::new();
    for version in 1..=3 {
        let mut save = store.save_snapshot(snapshot("a", version, 1 << 20), Keep::All);
        begun(save.as_mut()).await;
        saves.push(save);
    }
    // One of them is being written.
    gate.holds_a_writer().await;
    let mut append = store.append(one("a"));
    begun(append.as_mut()).await;
    gate.let_go();
    append.await.unwrap();
    for save in saves {
        save.await.unwrap();
    }
    assert_eq!(*commits.lock().unwrap(), [(0, 0), (0, 1), (1, 1), (1, 2)]);
}

#[tokio::test]
async fn a_closed_store_has_kept_what_was_asked_before_and_refuses_what_comes_later() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let store = open_with(&path, Arc::clone(&gate) as _).await;
    let other = store.clone();
    let mut saves = Vec::new();
    for version in 1..=3 {
        let mut save = other.save_snapshot(snapshot("a", version, 1 << 20), Keep::All);
        begun(save.as_mut()).await;
        saves.push(save);
    }
    gate.holds_a_writer().await;
    let closing = tokio::spawn(store.close());
    gate.let_go();
    closing.await.unwrap();
    for save in saves {
        save.await.unwrap();
    }
    let query = SnapshotQuery::newest(stream("a"), MINE);
    for refused in [
        other.save_snapshot(snapshot("a", 4, 1), Keep::All).await,
        other.find_snapshot(&query).await.map(drop),
        other
            .delete_snapshots(&SnapshotRange::all(stream("a")))
            .await
            .map(drop),
    ] {
        let Err(SnapshotError::Engine { source }) = refused else {
            panic!("{refused:?}");
        };
        assert!(source.is::<Closed>(), "{source:?}");
    }
    assert_eq!(newest(&open(&path).await, "a").await, Some(3));
}

/// Does one thing at one point, once.
fn once(at: FaultPoint, act: fn() -> FaultAction) -> Arc<Script> {
    let done = AtomicBool::new(false);
    Arc::new(Script::new(move |point| {
        if point == at && !done.swap(true, Ordering::SeqCst) {
            act()
        } else {
            FaultAction::GoOn
        }
    }))
}

/// The points of a save that replaces one snapshot and lets go of another.
async fn points() -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    filled(&path).await;
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_with(&path, Arc::new(hook)).await;
    replace(&store).await.unwrap();
    let points = points.lock().unwrap().clone();
    assert_eq!(points.len(), 6, "{points:?}");
    assert_eq!(points.last(), Some(&FaultPoint::AfterCommit));
    points
}

async fn filled(path: &Path) {
    let store = open(path).await;
    for version in 1..=2 {
        let saved = store.save_snapshot(snapshot("a", version, 1), Keep::All);
        saved.await.unwrap();
    }
    store.close().await;
}

async fn replace(store: &SqliteStore) -> Result<(), SnapshotError> {
    let saved = store.save_snapshot(snapshot("a", 2, 5), Keep::Latest(1));
    saved.await
}

/// The versions of stream `a` and how many bytes each has.
fn stored(path: &Path) -> Vec<(i64, i64)> {
    let raw = Connection::open(path).unwrap();
    let sql = "SELECT version, length(bytes) FROM snapshots ORDER BY version";
    let mut statement = raw.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_failure_or_a_panic_at_any_point_of_a_save_leaves_all_of_it_or_nothing() {
    for point in points().await {
        for act in [|| FaultAction::Fail, || panic!("as the test wants")] {
            let (_folder, path) = folder();
            filled(&path).await;
            let store = open_with(&path, once(point, act)).await;
            let error = replace(&store).await.expect_err("a fault");
            if point == FaultPoint::AfterCommit {
                assert!(matches!(error, SnapshotError::Unknown(_)), "{error:?}");
                assert_eq!(stored(&path), [(2, 5)]);
            } else {
                assert!(
                    matches!(error, SnapshotError::Unavailable { .. }),
                    "{error:?}"
                );
                assert_eq!(stored(&path), [(1, 1), (2, 1)], "{point:?}");
            }
            replace(&store).await.unwrap();
            assert_eq!(stored(&path), [(2, 5)]);
            store.append(one("a")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_snapshot_that_finds_no_room_does_not_harm_the_appends_beside_it() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let options = SqliteOptions::new(&path)
        .with_faults(Arc::clone(&gate) as _)
        .with_max_pages(60);
    let store = SqliteStore::open_with(options).await.unwrap();
    let mut first = Box::pin(store.append(one("first")));
    begun(first.as_mut()).await;
    gate.holds_a_writer().await;
    // Each of them is small, and all of them are too much.
    let mut saves = Vec::new();
    for version in 1..=10 {
        let mut save = store.save_snapshot(snapshot("a", version, 60_000), Keep::All);
        begun(save.as_mut()).await;
        saves.push(save);
    }
    let mut append = store.append(one("a"));
    begun(append.as_mut()).await;
    gate.let_go();
    first.await.unwrap();
    let mut failed = 0;
    for save in saves {
        match save.await {
            Ok(()) => {}
            Err(SnapshotError::Unavailable { .. }) => failed += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!((1..10).contains(&failed), "{failed}");
    append.await.unwrap();
    assert_eq!(store.read_all().await.unwrap().len(), 2);
}

#[tokio::test]
async fn another_writer_makes_a_save_unavailable_and_no_search() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_busy_timeout(std::time::Duration::from_millis(20));
    let store = SqliteStore::open_with(options).await.unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = replace(&store).await.expect_err("busy");
    assert!(
        matches!(error, SnapshotError::Unavailable { .. }),
        "{error:?}"
    );
    assert_eq!(newest(&store, "a").await, None);
    raw.execute_batch("ROLLBACK").unwrap();
    replace(&store).await.unwrap();
    assert_eq!(newest(&store, "a").await, Some(2));
}

#[tokio::test]
async fn a_damaged_row_is_told_and_can_be_replaced() {
    let (_folder, path) = folder();
    filled(&path).await;
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("PRAGMA ignore_check_constraints = 1; UPDATE snapshots SET event = x'00' WHERE version = 2;")
        .unwrap();
    drop(raw);
    let store = open(&path).await;
    let query = SnapshotQuery::newest(stream("a"), MINE);
    let error = store.find_snapshot(&query).await.expect_err("damaged");
    assert!(
        matches!(&error, SnapshotError::Corrupt { reason } if reason.contains("`event`")),
        "{error:?}"
    );
    replace(&store).await.unwrap();
    assert_eq!(newest(&store, "a").await, Some(2));
}

#[tokio::test]
async fn a_version_beyond_the_files_numbers_is_refused_and_bounds_beyond_them_mean_all() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let save = |version| store.save_snapshot(snapshot("a", version, 1), Keep::All);
    let error = save(u64::MAX).await.expect_err("no such version");
    assert!(matches!(error, SnapshotError::Engine { .. }), "{error:?}");
    save(i64::MAX as u64).await.unwrap();
    let mut query = SnapshotQuery::newest(stream("a"), MINE);
    query.to_version = Version::new(u64::MAX);
    assert!(store.find_snapshot(&query).await.unwrap().is_some());
    let mut range = SnapshotRange::all(stream("a"));
    range.from_version = Version::new(u64::MAX);
    assert_eq!(store.delete_snapshots(&range).await.unwrap(), 0);
    range.from_version = None;
    range.to_version = Version::new(u64::MAX);
    assert_eq!(store.delete_snapshots(&range).await.unwrap(), 1);
}

#[tokio::test]
async fn a_save_wakes_nobody_who_waits_for_events() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let mut waiting = store.wait_beyond(None);
    begun(waiting.as_mut()).await;
    store
        .save_snapshot(snapshot("a", 1, 1), Keep::All)
        .await
        .unwrap();
    begun(waiting.as_mut()).await;
    let outcome: Result<_, AppendError> = store.append(one("a")).await;
    assert_eq!(Some(waiting.await.unwrap()), outcome.unwrap().position());
}
