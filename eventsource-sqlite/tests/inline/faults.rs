//! An append fails at any of its points, together with what the projection makes of it.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use eventsource_core::{
    Append, AppendError, Applied, EventStore, EventStoreExt, Expected, Generation,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_sqlite::SqliteStore;
use eventsource_testing::suite::Script;

use crate::{
    common::{folder, open, stream},
    domain::{Balances, balance, live, moved, open_with, raw, with},
};

async fn open_faulty(path: &Path, faults: Arc<dyn FaultHook>) -> SqliteStore {
    let options = with(path, Balances).with_faults(faults);
    SqliteStore::open_with(options).await.unwrap()
}

/// What the append under test has after this: one event in the read model, and one that another process has appended.
async fn begin(path: &Path) {
    let store = open_with(path, Balances).await;
    store.append(moved("a", [100])).await.unwrap();
    store.close().await;
}

async fn behind(path: &Path, events: usize) {
    let append = moved("a", vec![10; events]);
    open(path).await.append(append).await.unwrap();
}

/// Under a key, to two streams, one of which is new.
fn full() -> Append {
    moved("a", [1, 2])
        .and(stream("b"), Expected::NoStream, [raw("{\"haler\":3}")])
        .with_key("k".parse().unwrap())
}

/// All points that the append comes to, and the steps before it.
async fn points(events: usize) -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    begin(&path).await;
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_faulty(&path, Arc::new(hook)).await;
    behind(&path, events).await;
    points.lock().unwrap().clear();
    store.append(full()).await.unwrap();
    let points = points.lock().unwrap().clone();
    assert!(points.len() > 15, "{points:?}");
    assert_eq!(points.last(), Some(&FaultPoint::AfterCommit));
    points
}

/// Fails where so many points were passed.
async fn fails_at(points: &[FaultPoint], passed: usize, events: usize, act: fn() -> FaultAction) {
    let (point, is_after) = (points[passed], passed + 1 == points.len());
    let (_folder, path) = folder();
    begin(&path).await;
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let still = Arc::clone(&left);
    let hook = Script::new(move |_| {
        if still.fetch_sub(1, Ordering::SeqCst) == 0 {
            act()
        } else {
            FaultAction::GoOn
        }
    });
    let store = open_faulty(&path, Arc::new(hook)).await;
    behind(&path, events).await;
    left.store(passed, Ordering::SeqCst);
    let error = store.append(full()).await.expect_err("a fault");
    left.store(usize::MAX, Ordering::SeqCst);
    assert!(
        error.is_transient() || error.is_unknown(),
        "{error:?} at {point:?}"
    );
    let is_unknown = matches!(error, AppendError::Unknown(_));
    assert_eq!(is_unknown, is_after, "{error:?} at {point:?}");
    let all = i64::try_from(100 + 10 * events + 6).unwrap();
    // A step that was committed stays.
    let is_commit = |point: &&FaultPoint| **point == FaultPoint::AfterCommit;
    let steps = points[..=passed].iter().filter(is_commit).count();
    let (stored, sum) = if is_after {
        (events + 4, all)
    } else {
        (events + 1, i64::try_from(100 + 10 * 500 * steps).unwrap())
    };
    let of_store = async || store.read_all().await.unwrap().len();
    assert_eq!(of_store().await, stored, "{point:?}");
    assert_eq!(balance(&path), sum, "{point:?}");
    // It is repeated under its key, and delivered no more often than it is stored.
    for number in 0..2 {
        let receipt = store.append(full()).await.unwrap();
        let is_first = !is_after && number == 0;
        assert_eq!(receipt.applied == Applied::Now, is_first, "{point:?}");
        assert_eq!(of_store().await, events + 4, "{point:?}");
        assert_eq!(balance(&path), all, "{point:?}");
    }
    assert_eq!(live(&store).await, (Generation::FIRST, true), "{point:?}");
}

#[tokio::test]
async fn a_failure_at_any_point_leaves_the_append_and_what_is_made_of_it_or_neither() {
    // One goes with the append, and the others need two steps before it.
    for (events, commits) in [(1, 1), (1200, 3)] {
        let points = points(events).await;
        let all = points.iter().filter(|one| **one == FaultPoint::AfterCommit);
        assert_eq!(all.count(), commits);
        for passed in 0..points.len() {
            let fail: fn() -> FaultAction = || FaultAction::Fail;
            for act in [fail, || panic!("as the test wants")] {
                fails_at(&points, passed, events, act).await;
            }
        }
    }
}
