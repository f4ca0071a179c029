//! Processes with a projection that goes with each append: they are killed, and share a file.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;
mod fills;
mod process;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use common::{folder, open};
use eventsource_core::{EventStore, Generation, ProjectionName, ProjectionStore};
use fills::{connect, whole};
use process::Process;

/// One that opens the store with this version when it is told to, and fills so many jars.
fn fills(path: &Path, version: u32, times: i64) -> Process {
    let [version, times] = [version.to_string(), times.to_string()];
    let mut process = Process::start("inline-fill", path, &[&version, &times]);
    process.says("ready");
    process
}

fn fill(path: &Path, version: u32, times: i64) {
    let mut process = fills(path, version, times);
    process.go();
    process.end();
}

/// Whether the process has died, and not gone on to its end.
fn died(task: &str, path: &Path, more: &[&str]) -> bool {
    let status = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
        .arg(task)
        .arg(path)
        .args(more)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_ne!(status.code(), Some(101), "it has panicked");
    !status.success()
}

/// The only generation is the live one, and where the store is.
async fn assert_alone(path: &Path, version: u32) {
    let store = open(path).await;
    let name = ProjectionName::new("fills").unwrap();
    let found = store.find_projection(&name).await.unwrap().unwrap();
    let live = found.live().unwrap();
    assert_eq!((found.generations.len(), live.version), (1, version));
    assert_eq!(live.checkpoint, store.head().await.unwrap());
}

#[tokio::test]
async fn a_crash_at_any_point_of_an_append_leaves_it_and_what_is_made_of_it_or_neither() {
    let mut statements = 0;
    loop {
        let (_folder, path) = folder();
        if !died("inline-crash", &path, &[&statements.to_string()]) {
            break;
        }
        assert_eq!(whole(&path).await, Ok(1), "{statements}");
        fill(&path, 1, 1);
        assert_eq!(whole(&path).await, Ok(2), "{statements}");
        statements += 1;
    }
    assert!(statements > 10, "the append has statements: {statements}");
    for (point, events) in [("before", 1), ("after", 3)] {
        let (_folder, path) = folder();
        assert!(died("inline-crash", &path, &[point]), "{point}");
        assert_eq!(whole(&path).await, Ok(events), "{point}");
        fill(&path, 1, 1);
        assert_eq!(whole(&path).await, Ok(events + 1), "{point}");
        assert_alone(&path, 1).await;
    }
}

#[tokio::test]
async fn a_crash_at_any_point_of_the_steps_before_an_append_leaves_what_they_have_delivered() {
    let mut wholes = Vec::new();
    loop {
        let (_folder, path) = folder();
        let passed = wholes.len().to_string();
        if !died("inline-crash-behind", &path, &[&passed]) {
            break;
        }
        fill(&path, 1, 1);
        wholes.push(whole(&path).await.unwrap());
    }
    // Only after its own commit the append is there.
    assert!(wholes.len() > 30, "{wholes:?}");
    assert_eq!(wholes.pop(), Some(1204));
    assert!(wholes.iter().all(|events| *events == 1202), "{wholes:?}");
}

#[tokio::test]
async fn an_opening_that_is_killed_at_any_point_is_gone_on_with() {
    // The first step begins the build, the second one goes on with it, and the third one switches to it.
    for step in ["0", "1", "2"] {
        let mut statements = 0;
        for point in (0..).map(|number: u32| number.to_string()) {
            let (_folder, path) = folder();
            if !died("inline-crash-in-opening", &path, &[step, &point]) {
                break;
            }
            fill(&path, 1, 1);
            assert_eq!(whole(&path).await, Ok(1201), "{point} of {step}");
            statements += 1;
        }
        assert!(statements > 3, "step {step} has statements: {statements}");
        for point in ["before", "after"] {
            let (_folder, path) = folder();
            assert!(died("inline-crash-in-opening", &path, &[step, point]));
            fill(&path, 1, 1);
            assert_eq!(whole(&path).await, Ok(1201), "{point} of {step}");
            assert_alone(&path, 1).await;
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_in_the_read_model() {
    let (_folder, path) = folder();
    let mut before = 0;
    for _ in 0..3 {
        let mut process = Process::start("inline-for-ever", &path, &[]);
        let mut acknowledged = 0;
        while acknowledged < 30 {
            acknowledged = process.says("stored").parse().unwrap();
        }
        process.kill();
        let events = whole(&path).await.unwrap();
        assert!(events >= before + 3 * (acknowledged + 1), "{events}");
        before = events;
    }
}

#[tokio::test]
async fn processes_that_append_at_once_leave_each_event_once_and_in_order() {
    let (_folder, path) = folder();
    let mut both = [(), ()].map(|()| {
        let mut process = Process::start("inline-fill-twice", &path, &["75"]);
        process.says("ready");
        process
    });
    let mut without = Process::ready("fill", &path);
    without.go();
    without.says("stored");
    for process in &mut both {
        process.go();
    }
    for process in &mut both {
        process.says("half");
    }
    // Whatever comes now is of the one without the projection, and the other two have not seen it.
    let store = open(&path).await;
    let half = store.head().await.unwrap();
    while store.head().await.unwrap() == half {
        without.says("stored");
    }
    for process in &mut both {
        process.go();
    }
    for process in &mut both {
        process.says("all");
    }
    // What it has appended last comes with the next append.
    let all = store.head().await.unwrap();
    while store.head().await.unwrap() == all {
        without.says("stored");
    }
    without.kill();
    for mut process in both {
        process.go();
        process.end();
    }
    fill(&path, 1, 1);
    let stored = store.head().await.unwrap().unwrap();
    assert_eq!(
        whole(&path).await,
        Ok(i64::try_from(stored.number()).unwrap())
    );
    // Of the one without the projection there is one at the least before, between and after the halves of both.
    assert!(stored.number() >= 304, "{stored}");
    assert_alone(&path, 1).await;
}

#[tokio::test]
async fn processes_that_open_a_later_version_at_once_build_it_once() {
    let (_folder, path) = folder();
    Process::start("build", &path, &["5000", "1"]).end();
    fill(&path, 1, 1);
    let mut all = [2, 2, 2].map(|version| fills(&path, version, 10));
    for process in &mut all {
        process.go();
    }
    for process in all {
        process.end();
    }
    assert_eq!(whole(&path).await, Ok(5031));
    assert_alone(&path, 2).await;
    let raw = connect(&path);
    let by = "SELECT min(made_by), max(made_by) FROM fills";
    let by: (u32, u32) = raw
        .query_row(by, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(by, (2, 2));
    let store = open(&path).await;
    let name = ProjectionName::new("fills").unwrap();
    let found = store.find_projection(&name).await.unwrap().unwrap();
    assert_eq!(
        found.live,
        Some(Generation::from_number(2)),
        "no other was begun"
    );
}

/// The greatest resident set of a process that builds a read model of so many events of 1 MiB, in KiB.
#[cfg(target_os = "linux")]
fn peak(events: u64) -> u64 {
    let (_folder, path) = folder();
    Process::start("inline-fill-large", &path, &[&events.to_string()]).end();
    let mut process = Process::start("inline-peak", &path, &[]);
    let peak = process.says("peak").parse().unwrap();
    process.end();
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn a_build_of_large_events_takes_no_more_memory_for_more_of_them() {
    let (less, more) = (peak(24), peak(96));
    assert!(
        more * 10 <= less * 12,
        "{more} KiB for four times as many as {less} KiB are for"
    );
}
