//! The states along a history whose beginning a snapshot stands for.

use eventsource_core::{
    AsOf, LoadError, MemoryStore, Repository, Snapshot, prelude::*, snapshot::every,
};
use serde::{Deserialize, Serialize};

use crate::{broken_history::TrimmedStore, domain::version};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "jar.filled")]
struct Filled {
    coins: u64,
}

/// Deliberately not `Clone`.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
struct Jar {
    coins: u64,
}

impl Apply<Filled> for Jar {
    fn apply(&mut self, event: &Filled) {
        self.coins += event.coins;
    }
}

struct Fill(u64);

impl Handle<Fill> for Jar {
    fn handle(&self, command: &Fill) -> Decision<Self> {
        Ok(Filled { coins: command.0 }.into())
    }
}

/// Jar 7 with thirty events, each with as many coins as its version says.
async fn jars() -> Repository<Jar> {
    filled(MemoryStore::new()).await
}

async fn filled(store: MemoryStore) -> Repository<Jar> {
    let jars = Repository::<Jar>::new(store).snapshot(every(10));
    for coins in 1..=30 {
        jars.execute(&7, Fill(coins)).await.expect("filled");
        jars.snapshots_settled().await;
    }
    jars
}

async fn are_right(jars: &Repository<Jar>, from: u64) {
    let mut states = jars.history(&7).since(version(from)).states();
    for number in from..=30 {
        let change = states.next().await.expect("readable").expect("an entry");
        let coins = |version: u64| version * (version + 1) / 2;
        assert_eq!(change.entry.version, version(number));
        assert_eq!(change.before.map(|jar| jar.coins), Some(coins(number - 1)));
        assert_eq!(change.after.map(|jar| jar.coins), Some(coins(number)));
    }
    assert!(states.next().await.expect("ended").is_none());
}

#[tokio::test]
async fn they_are_the_same_from_a_snapshot_as_from_the_beginning() {
    let jars = jars().await;
    let plain = Repository::<Jar>::new(std::sync::Arc::clone(jars.store()));
    for from in 1..=30 {
        are_right(&jars, from).await;
        are_right(&plain, from).await;
    }
    for beyond in [31, 32, 40] {
        let mut states = jars.history(&7).since(version(beyond)).states();
        assert!(states.next().await.expect("readable").is_none());
    }
    let mut reversed = jars.history(&7).between(version(9), version(8)).states();
    let error = reversed.next().await.map(|_| ()).expect_err("reversed");
    assert!(matches!(error, LoadError::Reversed { .. }), "{error:?}");
}

#[tokio::test]
async fn behind_a_trim_they_begin_where_the_snapshot_is_and_nowhere_before() {
    let store = MemoryStore::new();
    filled(store.clone()).await;
    let jars = Repository::<Jar>::new(TrimmedStore(store, version(30))).snapshot(every(10));
    jars.execute(&7, Fill(31)).await.expect("filled");
    let mut states = jars.history(&7).since(version(31)).states();
    let change = states.next().await.expect("readable").expect("an entry");
    assert_eq!(change.before.map(|jar| jar.coins), Some(465));
    assert_eq!(change.after.map(|jar| jar.coins), Some(496));
    assert!(states.next().await.expect("ended").is_none());

    let mut early = jars.history(&7).since(version(20)).states();
    let error = early.next().await.map(|_| ()).expect_err("trimmed");
    assert!(matches!(error, LoadError::Trimmed { .. }), "{error:?}");
    assert!(early.next().await.expect("ended").is_none());
    let error = jars.history(&7).await.expect_err("trimmed");
    let is_it = matches!(&error, LoadError::HistoryTrimmed { first, .. } if *first == version(30));
    assert!(is_it, "{error:?}");
    let left = jars
        .history(&7)
        .since(version(30))
        .await
        .expect("a history");
    assert_eq!(left.len(), 2);
    let as_of = AsOf::Version(version(30));
    assert_eq!(
        jars.load_as_of(&7, as_of).await.expect("a state").coins,
        465
    );
}
