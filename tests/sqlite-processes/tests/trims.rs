//! A process ends within a trim.

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;

use std::process::{Command, Stdio};

use common::{folder, one, open, stream};
use eventsource_core::{EventStore, EventStoreExt, TrimStore, Version};

/// Whether the process has died at this point, and not gone on to its end.
fn died(path: &std::path::Path, point: &str) -> bool {
    let status = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
        .arg("crash-in-trim")
        .arg(path)
        .arg(point)
        .stderr(Stdio::null())
        .status()
        .expect("the process starts");
    !status.success()
}

#[tokio::test]
async fn a_crash_at_any_point_leaves_all_of_a_trim_or_nothing() {
    let statements: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    let mut points: Vec<&str> = statements.iter().map(String::as_str).collect();
    let mut passed = 0;
    while let Some(point) = points.get(passed) {
        let (_folder, path) = folder();
        if !died(&path, point) {
            // Beyond the last statement there is the commit.
            points = vec!["before", "after"];
            assert!(passed > 15, "the trim has statements: {passed}");
            passed = 0;
            continue;
        }
        passed += 1;
        for _ in 0..2 {
            let store = open(&path).await;
            let is_done = *point == "after";
            let left = store.read_stream(&stream("a")).await.unwrap();
            assert_eq!(left.len(), if is_done { 3 } else { 8 }, "{point}");
            let all = store.read_all().await.unwrap();
            assert_eq!(all.len(), if is_done { 7 } else { 12 }, "{point}");
            let first = store.first_version(&stream("a")).await.unwrap();
            assert_eq!(first, Version::new(if is_done { 6 } else { 1 }));
            for number in 0..4 {
                let key = format!("k{number}").parse().unwrap();
                let receipt = store.find_append(&key).await.unwrap().unwrap();
                assert_eq!(receipt.events(), 3, "{point}");
            }
            store.close().await;
        }
        let store = open(&path).await;
        let before = Version::new(6).unwrap();
        store.trim(&stream("a"), before).await.unwrap();
        let receipt = store.append(one("a")).await.unwrap();
        assert_eq!(receipt.version(), Version::new(9));
        assert_eq!(store.read_all().await.unwrap().len(), 8);
    }
    assert_eq!(passed, 2, "before the commit and after it");
}
