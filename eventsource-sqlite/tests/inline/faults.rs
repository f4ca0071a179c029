//! An append fails at any of its points, together with what the projection makes of it.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use eventsource_core::{
    Append, AppendError, Applied, EventStore, EventStoreExt, Expected, Generation,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_sqlite::SqliteStore;
use eventsource_testing::suite::Script;

use crate::{
    common::{faulty::once, folder, open, stream},
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

async fn behind(path: &Path) {
    open(path).await.append(moved("a", [10])).await.unwrap();
}

/// Under a key, to two streams, one of which is new.
fn full() -> Append {
    moved("a", [1, 2])
        .and(stream("b"), Expected::NoStream, [raw("{\"haler\":3}")])
        .with_key("k".parse().unwrap())
}

/// All points that the append comes to.
async fn points() -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    begin(&path).await;
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_faulty(&path, Arc::new(hook)).await;
    behind(&path).await;
    points.lock().unwrap().clear();
    store.append(full()).await.unwrap();
    let points = points.lock().unwrap().clone();
    assert!(points.len() > 15, "{points:?}");
    assert_eq!(points.last(), Some(&FaultPoint::AfterCommit));
    points
}

#[tokio::test]
async fn a_failure_at_any_point_leaves_the_append_and_what_is_made_of_it_or_neither() {
    for point in points().await {
        let is_after = point == FaultPoint::AfterCommit;
        let fail: fn() -> FaultAction = || FaultAction::Fail;
        let panic: fn() -> FaultAction = || panic!("as the test wants");
        for act in [fail, panic] {
            let (_folder, path) = folder();
            begin(&path).await;
            let (fails, still) = (Arc::new(AtomicBool::new(false)), once(point, act));
            let is_time = Arc::clone(&fails);
            let hook = Script::new(move |point| {
                let is_time = is_time.load(Ordering::SeqCst);
                if is_time {
                    still.at(point)
                } else {
                    FaultAction::GoOn
                }
            });
            let store = open_faulty(&path, Arc::new(hook)).await;
            behind(&path).await;
            fails.store(true, Ordering::SeqCst);
            let error = store.append(full()).await.expect_err("a fault");
            assert!(
                error.is_transient() || error.is_unknown(),
                "{error:?} at {point:?}"
            );
            let is_unknown = matches!(error, AppendError::Unknown(_));
            assert_eq!(is_unknown, is_after, "{error:?} at {point:?}");
            let (events, sum) = if is_after { (5, 116) } else { (2, 100) };
            assert_eq!(store.read_all().await.unwrap().len(), events, "{point:?}");
            assert_eq!(balance(&path), sum, "{point:?}");
            // It is repeated under its key, and delivered no more often than it is stored.
            for number in 0..2 {
                let receipt = store.append(full()).await.unwrap();
                let is_first = !is_after && number == 0;
                assert_eq!(receipt.applied == Applied::Now, is_first, "{point:?}");
                assert_eq!(store.read_all().await.unwrap().len(), 5, "{point:?}");
                assert_eq!(balance(&path), 116, "{point:?}");
            }
            assert_eq!(live(&store).await, (Generation::FIRST, true), "{point:?}");
        }
    }
}
