//! Appends and the points within them at which something fails.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use eventsource_core::{
    Append, AppendKey, ContentType, EventStore, Expected, StoredPayload, Tag,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_sqlite::{SqliteOptions, SqliteStore};
use eventsource_testing::suite::Script;

use super::{events, folder, open, stream};

pub(crate) async fn open_with(path: &Path, faults: Arc<dyn FaultHook>) -> SqliteStore {
    let options = SqliteOptions::new(path).with_faults(faults);
    SqliteStore::open_with(options).await.unwrap()
}

/// Does one thing at one point, once.
pub(crate) fn once(at: FaultPoint, act: fn() -> FaultAction) -> Arc<Script> {
    let done = AtomicBool::new(false);
    Arc::new(Script::new(move |point| {
        if point == at && !done.swap(true, Ordering::SeqCst) {
            act()
        } else {
            FaultAction::GoOn
        }
    }))
}

/// An append with everything that has statements of its own.
pub(crate) fn full(key: &str) -> Append {
    let mut tagged = events(0..2);
    for event in &mut tagged {
        event.tags = [Tag::new("t").unwrap()].into();
        event.payload = StoredPayload::new(ContentType::new("x/y").unwrap(), b"x");
    }
    Append::to(stream("a"), Expected::NoStream, tagged)
        .and(stream("b"), Expected::NoStream, events(2..4))
        .checking(stream("c"), Expected::NoStream)
        .with_key(AppendKey::new(key).unwrap())
}

/// The points of [`full`] in a store that is empty or has an earlier append, found by counting.
pub(crate) async fn points(earlier: Option<Append>) -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    if let Some(earlier) = earlier {
        let store = open(&path).await;
        store.append(earlier).await.unwrap();
        store.close().await;
    }
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_with(&path, Arc::new(hook)).await;
    store.append(full("k")).await.unwrap();
    let points = points.lock().unwrap().clone();
    assert!(points.len() > 15, "{points:?}");
    assert_eq!(points.last(), Some(&FaultPoint::AfterCommit));
    points
}
