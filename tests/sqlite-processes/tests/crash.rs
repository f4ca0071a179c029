//! A process ends within an append.

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;

use std::process::{Command, Stdio};

use common::{
    faulty::{full, points},
    folder, one, open, stream,
};
use eventsource_core::{AppendKey, EventStore, EventStoreExt, fault::FaultPoint};

fn written(point: FaultPoint) -> String {
    match point {
        FaultPoint::Statement(number) => number.to_string(),
        FaultPoint::BeforeCommit => "before".to_owned(),
        _ => "after".to_owned(),
    }
}

#[tokio::test]
async fn a_crash_at_any_point_leaves_all_of_an_append_or_nothing() {
    for point in points(Some(one("earlier"))).await {
        let (_folder, path) = folder();
        let status = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
            .arg("crash")
            .arg(&path)
            .arg(written(point))
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success(), "the process went on after {point:?}");
        for _ in 0..2 {
            let store = open(&path).await;
            let is_stored = point == FaultPoint::AfterCommit;
            let stored = store.read_all().await.unwrap();
            assert_eq!(stored.len(), if is_stored { 5 } else { 1 }, "{point:?}");
            assert_eq!(stored[0].stream, stream("earlier"));
            let key = AppendKey::new("k").unwrap();
            assert_eq!(store.find_append(&key).await.unwrap().is_some(), is_stored);
            store.close().await;
        }
        let store = open(&path).await;
        store.append(full("k")).await.unwrap();
        assert_eq!(store.read_all().await.unwrap().len(), 5);
    }
}
