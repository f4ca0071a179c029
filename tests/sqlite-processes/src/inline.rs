//! Processes with a projection that goes with each append.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use eventsource_core::{
    Append, EventId, EventStore as _, IdSource as _, NewEvent, StoredPayload, UuidV7,
    fault::{FaultAction, FaultHook},
    prelude::*,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use eventsource_testing::suite::Script;

use crate::{
    common::open,
    crash,
    jars::{Fills, Jar, fill, fill_all},
    rebuilds::peak,
    writers::{hear, ready, say},
};

fn options<const VERSION: u32>(path: &Path) -> SqliteOptions {
    let by = "inline".to_owned();
    let fills = Fills::<VERSION> { by };
    SqliteOptions::new(path).with_inline(fills).unwrap()
}

async fn fill_times<const VERSION: u32>(path: &Path, times: u64) {
    ready();
    let store = SqliteStore::open_with(options::<VERSION>(path)).await;
    let store = store.unwrap();
    for number in 0..times {
        store.append(fill(number % 7)).await.unwrap();
    }
    store.close().await;
}

/// Opens the store with this version when it is told to, and fills so many jars.
pub(crate) async fn open_and_fill(path: &Path, version: u32, times: u64) {
    match version {
        1 => fill_times::<1>(path, times).await,
        2 => fill_times::<2>(path, times).await,
        _ => panic!("there is no version {version}"),
    }
}

/// Fills so many jars when it is told to, says so, and fills as many once more when it is told that.
pub(crate) async fn fill_twice(path: &Path, times: u64) {
    ready();
    let store = SqliteStore::open_with(options::<1>(path)).await.unwrap();
    for part in ["half", "all"] {
        for number in 0..times {
            store.append(fill(number % 7)).await.unwrap();
        }
        say(part);
        hear();
    }
    store.close().await;
}

/// Until the process is killed.
pub(crate) async fn fill_for_ever(path: &Path) {
    let store = SqliteStore::open_with(options::<1>(path)).await.unwrap();
    for number in 0.. {
        store.append(fill_all([1, 2, 3])).await.unwrap();
        say(&format!("stored {number}"));
    }
}

/// Dies within an append, to two jars and under a key.
pub(crate) async fn crash(path: &Path, at: &str) {
    let (at, is_time) = (crash::point(at), Arc::new(AtomicBool::new(false)));
    let now = Arc::clone(&is_time);
    let hook = Script::new(move |point| {
        if point == at && now.load(Ordering::SeqCst) {
            std::process::abort()
        }
        FaultAction::GoOn
    });
    let options = options::<1>(path).with_faults(Arc::new(hook) as Arc<dyn FaultHook>);
    let store = SqliteStore::open_with(options).await.unwrap();
    store.append(fill(1)).await.unwrap();
    is_time.store(true, Ordering::SeqCst);
    let append = fill_all([1, 2]).with_key("k".parse().unwrap());
    drop(store.append(append).await);
}

/// Dies within an append before which the events of another store are delivered in steps, once so many points were passed.
pub(crate) async fn crash_behind(path: &Path, passed: usize) {
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let points = Arc::clone(&left);
    let hook = Script::new(move |_| {
        if points.fetch_sub(1, Ordering::SeqCst) == 0 {
            std::process::abort()
        }
        FaultAction::GoOn
    });
    let options = options::<1>(path).with_faults(Arc::new(hook) as Arc<dyn FaultHook>);
    let store = SqliteStore::open_with(options).await.unwrap();
    store.append(fill(1)).await.unwrap();
    fill_twelve_hundred(path).await;
    left.store(passed, Ordering::SeqCst);
    let append = fill_all([1, 2]).with_key("k".parse().unwrap());
    store.append(append).await.unwrap();
    left.store(usize::MAX, Ordering::SeqCst);
}

/// Without the projection.
async fn fill_twelve_hundred(path: &Path) {
    let store = open(path).await;
    for begin in [0, 400, 800] {
        store.append(fill_all(begin..begin + 400)).await.unwrap();
    }
    store.close().await;
}

/// Dies within a step of the opening, by which a build of some steps begins, goes on or is switched to.
pub(crate) async fn crash_in_opening(path: &Path, skipped: usize, at: &str) {
    fill_twelve_hundred(path).await;
    let (at, left) = (crash::point(at), AtomicUsize::new(skipped));
    let hook = Script::new(move |point| {
        if point == at
            && left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_err()
        {
            std::process::abort()
        }
        FaultAction::GoOn
    });
    let options = options::<1>(path).with_faults(Arc::new(hook) as Arc<dyn FaultHook>);
    drop(SqliteStore::open_with(options).await);
}

/// Fills a jar so often, by events of 1 MiB each, without the projection.
pub(crate) async fn fill_large(path: &Path, times: u64) {
    let options = SqliteOptions::new(path).with_synchronous(Synchronous::Normal);
    let store = SqliteStore::open_with(options).await.unwrap();
    let payload = format!(r#"{{"coins":1{}}}"#, " ".repeat(1 << 20));
    for _ in 0..times {
        let event = NewEvent::new(
            EventId::new(UuidV7.next_id()),
            "jar.filled".parse().unwrap(),
            1,
            StoredPayload::json(payload.as_bytes()),
            Timestamp::EPOCH,
        );
        let jar = StreamId::of::<Jar>(&1).unwrap();
        let append = Append::to(jar, Expected::Any, [event]);
        store.append(append).await.unwrap();
    }
    store.close().await;
}

/// Says how much memory it has taken to build the read model.
pub(crate) async fn say_peak(path: &Path) {
    let store = SqliteStore::open_with(options::<1>(path)).await.unwrap();
    say(&format!("peak {}", peak()));
    store.close().await;
}
