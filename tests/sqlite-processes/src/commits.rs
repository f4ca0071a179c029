//! Appends whose commit fails in the middle: no file of this process grows beyond a limit that its parent has set.

use std::{future::poll_fn, path::Path, pin::Pin, sync::Arc, task::Poll, time::Duration};

use eventsource_core::{
    Advance, Append, AppendKey, Applied, Build, EventStore as _, Expected, Fingerprint, Generation,
    Keep, LeaseError, LeaseHolder, LeaseName, LeaseStore as _, Position, ProjectionName,
    ProjectionStore as _, ProjectionStoreError, SnapshotError, SnapshotQuery, SnapshotStore as _,
    StoredPayload, StoredSnapshot, Timestamp, Version,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_testing::suite::Gate;
use rusqlite::Connection;

use crate::common::{event, faulty::open_with, one, open, stream};

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

/// Not even a commit of one page is possible any more.
fn fill(path: &Path) -> Connection {
    let raw = Connection::open(path).unwrap();
    raw.execute_batch("PRAGMA synchronous = OFF").unwrap();
    let mark: i64 = raw
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .unwrap();
    while raw.pragma_update(None, "application_id", mark).is_ok() {}
    raw
}

/// Appends when there is no room for anything more.
pub(crate) async fn no_room(path: &Path) {
    let store = open(path).await;
    store.append(one("a")).await.unwrap();
    let raw = fill(path);
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

/// Polls a future once, so that what it does first is done.
async fn begun<T>(mut future: Pin<&mut (impl Future<Output = T> + ?Sized)>) {
    let is_pending = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending()));
    assert!(is_pending.await);
}

/// An append, a step under a lease that is lost and the wish for a lease that another one has share a commit for which there
/// is no room.
pub(crate) async fn no_room_for_refused(path: &Path) {
    const HOUR: Duration = Duration::from_secs(3600);
    let name = ProjectionName::new("balances").unwrap();
    let [lost, held] = ["lost", "held"].map(|name| LeaseName::new(name).unwrap());
    let [one_holder, other] = ["one", "other"].map(|name| LeaseHolder::new(name).unwrap());
    let setup = open(path).await;
    let build = Build::new(name.clone(), (1, Fingerprint::new(1))).live();
    setup.begin_generation(build).await.unwrap();
    let lease = setup.acquire_lease(&lost, &one_holder, HOUR).await.unwrap();
    setup.release_lease(&lease).await.unwrap();
    setup.acquire_lease(&held, &one_holder, HOUR).await.unwrap();
    setup.close().await;
    // After a commit the writer holds nobody up, and takes together what comes meanwhile.
    let gate = Gate::new(FaultPoint::AfterCommit, FaultAction::GoOn);
    let store = open_with(path, Arc::clone(&gate) as Arc<dyn FaultHook>).await;
    let mut first = store.append(one("a"));
    begun(first.as_mut()).await;
    gate.holds_a_writer().await;
    let _raw = fill(path);
    let (mut append, mut wish) = (
        store.append(one("a")),
        store.acquire_lease(&held, &other, HOUR),
    );
    let to = Position::from_number(1);
    let advance = Advance::new(name, Generation::FIRST, (None, to)).fenced(lease.fence());
    let mut step = store.advance(advance);
    begun(append.as_mut()).await;
    begun(step.as_mut()).await;
    begun(wish.as_mut()).await;
    gate.let_go();
    first.await.unwrap();
    let error = append.await.expect_err("no room");
    assert!(error.is_unknown(), "{error:?}");
    // Both were refused whatever became of the commit; only why is not sure any more.
    let error = step.await.expect_err("the lease is lost");
    assert!(
        matches!(error, ProjectionStoreError::Unavailable { .. }),
        "{error:?}"
    );
    let error = wish.await.expect_err("another one has it");
    assert!(matches!(error, LeaseError::Unavailable { .. }), "{error:?}");
    std::process::exit(0);
}
