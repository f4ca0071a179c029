//! Repositories on a file: long streams through snapshots, decisions over two aggregates, trims.

mod common;

use std::convert::Infallible;

use eventsource_core::{
    EventStoreExt, ExecuteError, Keep, LoadError, Origin, Repository, RetryPolicy, Snapshot,
    SnapshotQuery, StoredSnapshot,
    prelude::*,
    snapshot::{every, on_each_save},
};
use eventsource_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};

use common::{folder, open};

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(name = "purse.filled")]
struct Filled {
    coins: i64,
}

#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "purse", id = u64, error = Infallible, events(Filled))]
struct Purse {
    coins: i64,
    applied: u64,
}

impl Apply<Filled> for Purse {
    fn apply(&mut self, event: &Filled) {
        self.coins += event.coins;
        self.applied += 1;
    }
}

impl Handle<Filled> for Purse {
    fn handle(&self, command: &Filled) -> Decision<Self> {
        Ok(command.clone().into())
    }
}

async fn fill(purses: &Repository<Purse>, id: u64, coins: i64) {
    purses
        .execute(&id, Filled { coins })
        .await
        .expect("it is filled");
}

async fn coins(purses: &Repository<Purse>, id: u64) -> i64 {
    purses.load(&id).await.expect("a purse").coins
}

async fn opened() -> (tempfile::TempDir, SqliteStore) {
    let (folder, path) = folder();
    let store = open(&path).await;
    (folder, store)
}

/// 20,000 events, and a million under `EVENTSOURCE_LONG=1`. It is counted, and not timed.
#[tokio::test]
async fn a_load_from_a_long_stream_reads_no_more_than_those_of_the_policy_and_one() {
    let is_long = std::env::var_os("EVENTSOURCE_LONG").is_some_and(|value| value == "1");
    let (events, most) = (if is_long { 1_000_000 } else { 20_000 }, 50);
    let (_folder, store) = opened().await;
    let purses = Repository::<Purse>::new(store).snapshot(every(most));
    for _ in 0..events / 1_000 {
        let many = |_| async { Ok::<_, ()>(Events::from(vec![Filled { coins: 1 }; 1_000])) };
        purses.decide(&1, many).await.expect("stored");
        purses.snapshots_settled().await;
    }
    for more in 1..=2 * most {
        fill(&purses, 1, 1).await;
        purses.snapshots_settled().await;
        let loaded = purses.load(&1).await.expect("a purse");
        assert!(loaded.events_read() <= 1 + most, "{}", loaded.events_read());
        assert!(matches!(loaded.origin(), Origin::Snapshot(_)));
        assert_eq!(loaded.applied, events + more);
    }
}

#[tokio::test]
async fn a_decision_over_two_whose_second_expectation_fails_writes_nothing_to_either() {
    let (_folder, store) = opened().await;
    let other = Repository::<Purse>::new(store.clone());
    fill(&other, 1, 100).await;
    fill(&other, 2, 1).await;
    let hasty = Repository::<Purse>::new(store.clone())
        .with_retry(RetryPolicy::never())
        .cache(4);
    let both = |one: &Purse, two: &Purse| {
        let (one, two) = (-one.coins, one.coins + two.coins - two.coins);
        Ok::<_, Infallible>((Filled { coins: one }.into(), Filled { coins: two }.into()))
    };
    for (stale, coins_then) in [(2, (100, 6)), (1, (105, 6))] {
        hasty.load(&1).await.expect("a purse");
        hasty.load(&2).await.expect("a purse");
        fill(&other, stale, 5).await;
        let before = store.read_all().await.expect("readable").len();
        let error = hasty.decide_both(&1, &2, both).await.expect_err("behind");
        assert!(matches!(error, ExecuteError::Conflict { .. }), "{error:?}");
        assert_eq!(store.read_all().await.expect("readable").len(), before);
        assert_eq!((coins(&other, 1).await, coins(&other, 2).await), coins_then);
    }
    hasty.decide_both(&1, &2, both).await.expect("moved");
    assert_eq!((coins(&other, 1).await, coins(&other, 2).await), (0, 111));
}

#[tokio::test]
async fn a_trimmed_stream_is_whole_through_its_snapshot_also_in_a_file_that_was_opened_again() {
    let (folder, path) = folder();
    let store = open(&path).await;
    let purses = Repository::<Purse>::new(store.clone()).snapshot(on_each_save());
    for by in 1..=5 {
        fill(&purses, 1, by).await;
        purses.snapshots_settled().await;
    }
    let trimmed = purses.trim(&1).await.expect("trimmed");
    assert_eq!((trimmed.first.get(), trimmed.removed), (5, 4));
    drop(purses);
    store.close().await;

    let store = open(&path).await;
    let purses = Repository::<Purse>::new(store.clone()).snapshot(on_each_save());
    assert_eq!(coins(&purses, 1).await, 15);
    fill(&purses, 1, 6).await;
    purses.snapshots_settled().await;
    let plain = Repository::<Purse>::new(store.clone());
    let error = plain.load(&1).await.expect_err("no state");
    assert!(
        matches!(error, LoadError::Trimmed { missed: None, .. }),
        "{error:?}"
    );

    // A snapshot that is damaged stands for nothing.
    let stream = StreamId::of::<Purse>(&1).expect("a stream");
    let snapshots = store.snapshots().expect("it keeps snapshots");
    let query = SnapshotQuery::newest(stream, Purse::FINGERPRINT);
    let found = snapshots.find_snapshot(&query).await.expect("readable");
    let mut damaged: StoredSnapshot = found.expect("one was taken");
    damaged.bytes[0] ^= 1;
    let saved = snapshots.save_snapshot(damaged, Keep::Latest(1)).await;
    saved.expect("saved");
    let error = purses.load(&1).await.expect_err("no state");
    assert!(
        matches!(
            error,
            LoadError::Trimmed {
                missed: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
    drop(folder);
}
