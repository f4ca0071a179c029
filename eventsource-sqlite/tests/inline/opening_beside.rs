//! A store is opened with a projection while others write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    EventStore,
    fault::{FaultAction, FaultPoint},
};
use eventsource_sqlite::{OpenError, SqliteStore};
use eventsource_testing::suite::Script;
use rusqlite::Connection;

use crate::{
    common::{folder, open},
    domain::{Balances, balance, moved, open_with, with},
};

#[tokio::test]
async fn a_read_model_that_is_behind_in_a_file_that_is_held_is_busy_and_one_at_the_end_is_opened() {
    let (_folder, path) = folder();
    open(&path).await.append(moved("a", [1])).await.unwrap();
    let options = with(&path, Balances).with_busy_timeout(Duration::ZERO);
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = SqliteStore::open_with(options.clone()).await;
    let busy = busy.expect_err("another writer");
    assert!(matches!(busy, OpenError::Busy { .. }), "{busy:?}");
    raw.execute_batch("ROLLBACK").unwrap();
    open_with(&path, Balances).await.close().await;
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let store = SqliteStore::open_with(options).await.unwrap();
    raw.execute_batch("ROLLBACK").unwrap();
    store.append(moved("a", [1])).await.unwrap();
    assert_eq!(balance(&path), 2);
}

#[tokio::test]
async fn a_disk_without_room_for_the_read_model_is_told_as_such() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(moved("a", [1])).await.unwrap();
    store.close().await;
    let raw = Connection::open(&path).unwrap();
    let pages = raw.query_row("PRAGMA page_count", [], |row| row.get(0));
    let full = with(&path, Balances).with_max_pages(pages.unwrap());
    let full = SqliteStore::open_with(full).await.expect_err("full");
    assert!(matches!(full, OpenError::DiskFull { .. }), "{full:?}");
    open_with(&path, Balances).await;
    assert_eq!(balance(&path), 1);
}

#[tokio::test]
async fn an_opening_ends_where_others_append_faster_than_it_delivers() {
    const MANY: usize = 20;
    let (_folder, path) = folder();
    let other = open(&path).await;
    other.append(moved("a", [1; 1200])).await.unwrap();
    let steps = Arc::new(AtomicUsize::new(0));
    let (counted, appends) = (Arc::clone(&steps), other.clone());
    let hook = Script::new(move |point| {
        // Up to a bound, so that the test ends as well where the opening would not.
        if point == FaultPoint::AfterCommit && counted.fetch_add(1, Ordering::SeqCst) < MANY {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let appended = appends.append(moved("b", [1; 600]));
            runtime.unwrap().block_on(appended).unwrap();
        }
        FaultAction::GoOn
    });
    let options = with(&path, Balances).with_faults(Arc::new(hook));
    let store = SqliteStore::open_with(options).await.unwrap();
    let steps = steps.load(Ordering::SeqCst);
    assert!(steps < MANY, "{steps}");
    // All that there was when the last step began.
    assert_eq!(
        balance(&path),
        1200 + (i64::try_from(steps).unwrap() - 1) * 600
    );
    store.close().await;
    open_with(&path, Balances).await;
    assert_eq!(balance(&path), 1200 + i64::try_from(steps).unwrap() * 600);
}
