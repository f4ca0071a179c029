//! Storms on repositories over a file, in one process and in two. `EVENTSOURCE_LONG=1` makes them longer.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-core/tests/storms/bent.rs"]
mod bent;
#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;
#[path = "../../../eventsource-core/tests/storms/conflicts.rs"]
mod conflicts;
#[path = "../../../eventsource-core/tests/storms/domain.rs"]
mod domain;
#[path = "../../../eventsource-core/tests/storms/keys.rs"]
mod keys;
#[path = "../../../eventsource-core/tests/storms/ledger.rs"]
mod ledger;
#[path = "../../../eventsource-core/tests/storms/outcomes.rs"]
mod outcomes;
#[path = "../../../eventsource-core/tests/storms/storm.rs"]
mod storm;
#[path = "../../../eventsource-core/tests/storms/unknown.rs"]
mod unknown;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use eventsource_core::{
    CommandId, Context, EventStoreExt, IdSource, RetryPolicy, UuidV7, async_trait,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use bent::{Bend, Bent};
use domain::{Move, Store, cached};
use ledger::{Told, assert_loads, verified};
use storm::{Storm, times};

/// Keeps the folder as long as the store.
#[derive(Debug)]
struct In(#[expect(dead_code, reason = "it goes with this")] TempDir);

#[async_trait]
impl Bend for In {}

/// An empty store on a file of its own.
async fn open() -> Store {
    let (folder, path) = common::folder();
    let store = SqliteStore::open(path).await.unwrap();
    Store::new(Arc::new(Bent::new(Arc::new(store), In(folder))))
}

/// The same, and the engine fails by chance.
async fn faulty() -> Store {
    let (folder, path) = common::folder();
    let options = SqliteOptions::new(path).with_faults(outcomes::engine(2));
    let store = SqliteStore::open_with(options).await.unwrap();
    Store::new(Arc::new(Bent::new(Arc::new(store), In(folder))))
}

unknown::unknown_outcomes!(open);
keys::commands_with_ids!(open);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_doubled_among_64_tasks() {
    conflicts::nothing_is_lost_or_doubled_among_64_tasks(open, 8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_command_is_lost_or_applied_twice_whatever_fails() {
    let commands = times(2_000, 100_000);
    outcomes::no_command_is_lost_or_applied_twice_whatever_fails(faulty().await, commands).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_applied_twice_by_those_who_give_up_early() {
    let (store, commands) = (open().await, times(1_000, 20_000));
    outcomes::nothing_is_lost_or_applied_twice_by_those_who_give_up_early(store, commands).await;
}

#[tokio::test]
async fn a_command_id_is_known_after_a_restart() {
    let (_folder, path) = common::folder();
    let context = Context::new().with_command_id(CommandId::new(UuidV7.next_id()));
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let store = common::open(&path).await;
        let purses = cached(store.clone()).within(context.clone());
        let receipt = purses.execute(&1, Move::one(1, 10)).await;
        receipts.push(receipt.unwrap());
        assert_eq!(store.read_all().await.unwrap().len(), 1);
        store.close().await;
    }
    assert!(receipts[0].is_first() && !receipts[1].is_first());
    assert_eq!(receipts[0].streams, receipts[1].streams);
}

/// Three repositories with caches of their own, two of them here and one in another process.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_doubled_among_64_tasks_in_two_processes() {
    for seed in 0..times(1, 10) {
        let (_folder, path) = common::folder();
        let store = common::open(&path).await;
        let mut child = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
            .arg("storm")
            .arg(&path)
            .arg(seed.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        let patient = RetryPolicy::default().with_attempts(u32::MAX);
        let quick = patient.with_delays(Duration::ZERO, Duration::ZERO);
        let repositories = [(); 2].map(|()| cached(store.clone()).with_retry(quick));
        let gale = Storm {
            seed,
            tasks: 0..44,
            commands: times(8, 100),
            purses: 2,
        };
        writeln!(child.stdin.as_mut().unwrap(), "go").unwrap();
        let here = gale.rage(&store, &repositories).await;
        let there = lines.map(|line| serde_json::from_str::<Told>(&line.unwrap()).unwrap());
        let there: Vec<_> = there.collect();
        assert!(child.wait().unwrap().success());
        // They were at it at the same time: each began before the other had ended.
        let span = |told: &[Told]| {
            let begun = told.iter().map(|told| told.window.0).min().unwrap();
            (begun, told.iter().map(|told| told.window.1).max().unwrap())
        };
        let (mine, other) = (span(&here), span(&there));
        assert!(mine.0 < other.1 && other.0 < mine.1, "{mine:?} {other:?}");
        let told = [here, there].concat();
        conflicts::assert_stormy(&told);
        assert_loads(&store, &repositories).await;
        let snapshots = verified(&store, &told).await;
        assert!(snapshots.expect("the history explains what was told") > 0);
        store.close().await;
    }
}
