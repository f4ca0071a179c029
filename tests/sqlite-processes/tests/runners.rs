//! Runners of one read model in several processes: one is active, and another one takes over.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;
mod fills;
mod process;

use std::path::Path;

use common::{folder, open};
use eventsource_core::{Lease, LeaseName, LeaseStore};
use fills::{connect, whole};
use process::Process;

async fn lease(path: &Path) -> Lease {
    let name = LeaseName::new("projection fills").unwrap();
    let found = open(path).await.find_lease(&name).await.unwrap();
    found.expect("somebody has it")
}

/// Which processes have taken events in, each as often as it began anew, in their order.
fn turns(path: &Path) -> Vec<String> {
    let raw = connect(path);
    let mut rows = raw
        .prepare("SELECT process FROM fills ORDER BY place")
        .unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    let mut turns: Vec<String> = rows.map(Result::unwrap).collect();
    turns.dedup();
    turns
}

fn rows(path: &Path) -> i64 {
    let sql = "SELECT count(*) FROM fills";
    connect(path).query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_runner_takes_over_from_one_that_was_killed_and_each_event_is_there_once() {
    const KILLS: usize = 3;
    let (_folder, path) = folder();
    let mut writer = Process::ready("fill", &path);
    writer.go();
    let names: Vec<_> = (0..=KILLS)
        .map(|number| format!("runner {number}"))
        .collect();
    let mut active = Process::start("run", &path, &[&names[0], "first"]);
    active.says("active");
    for (number, names) in names.windows(2).enumerate() {
        let mut second = Process::start("run", &path, &[&names[1], "second"]);
        assert_eq!(second.says("waits"), names[0]);
        // Writers go on, and it is killed wherever it is.
        for _ in 0..20 + 7 * number {
            writer.says("stored");
        }
        let held = lease(&path).await;
        assert_eq!(held.holder, names[0].as_str());
        active.kill();
        let until = held.until.as_micros();
        let took = second.says("active").parse::<i64>().unwrap();
        assert!(took >= until, "it took over at {took}, before {until}");
        for _ in 0..20 {
            writer.says("stored");
        }
        active = second;
    }
    writer.go();
    let said = writer.end();
    active.go();
    active.end();
    let last = said.last().unwrap().strip_prefix("stored ").unwrap();
    // With the one that the last runner has filled in.
    let all = last.parse::<i64>().unwrap() + 2;
    assert_eq!(whole(&path).await, Ok(all));
    assert_eq!(turns(&path), names);
}

/// The first runner's commit of an event sets out, and arrives when another one has taken over, which is about to commit
/// the same event. What becomes of it: the first one's answer, the second one's, and how many rows there were after each.
async fn delayed(fenced: &str, path: &Path) -> [(String, i64); 2] {
    let fill = || async {
        let mut writer = Process::ready("fill-one", path);
        writer.go();
        writer.end();
    };
    let mut slow = Process::start("run-held", path, &["slow", "0", fenced]);
    fill().await;
    slow.says("arrived");
    slow.go();
    slow.says("done");
    fill().await;
    slow.says("arrived");
    assert_eq!(rows(path), 1);
    // Its clock is ahead by more than the lease lasts.
    let mut quick = Process::start("run-held", path, &["quick", "2", "fenced"]);
    quick.says("arrived");
    assert_eq!(lease(path).await.holder, "quick");
    let mut seen = Vec::new();
    slow.go();
    seen.push((slow.says(""), rows(path)));
    if fenced == "fenced" {
        assert_eq!(slow.says("waits"), "quick");
    }
    quick.go();
    seen.push((quick.says(""), rows(path)));
    seen.try_into().unwrap()
}

#[tokio::test]
async fn a_commit_that_arrives_after_another_process_has_taken_over_is_refused_and_nothing_is_doubled()
 {
    let (_folder, path) = folder();
    let seen = delayed("fenced", &path).await;
    assert_eq!(seen, [("fenced".to_owned(), 1), ("done".to_owned(), 2)]);
    assert_eq!(whole(&path).await, Ok(2));
    assert_eq!(turns(&path), ["slow", "quick"]);
}

/// It is the fence that refuses: the checkpoint has not been moved yet.
#[tokio::test]
async fn without_its_fence_the_commit_of_one_that_has_lost_its_lease_would_stand() {
    let (_folder, path) = folder();
    let [slow, quick] = delayed("free", &path).await;
    assert_eq!(slow, ("done".to_owned(), 2));
    assert!(quick.0.contains("Moved") && quick.1 == 2, "{quick:?}");
    assert_eq!(turns(&path), ["slow"]);
}
