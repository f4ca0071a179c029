//! Decisions over two aggregates of two types, of which each has snapshots of its own.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use eventsource_core::{Origin, Spawner, Task, prelude::*, snapshot::on_each_save};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Account, Deposited, Refusal, Withdrawn, version},
    pairs::accounts_in,
    watched::Watched,
};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "jar.filled")]
struct Filled {
    coins: i64,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "jar", id = u64, error = Infallible, events(Filled))]
struct Jar {
    coins: i64,
}

impl Apply<Filled> for Jar {
    fn apply(&mut self, event: &Filled) {
        self.coins += event.coins;
    }
}

struct Fill(i64);

impl Handle<Fill> for Jar {
    fn handle(&self, command: &Fill) -> Decision<Self> {
        Ok(Filled { coins: command.0 }.into())
    }
}

/// Counts the tasks that it does at once.
#[derive(Debug, Default)]
struct Counting(AtomicU32);

impl Spawner for Counting {
    fn spawn(&self, task: Task) {
        self.0.fetch_add(1, Ordering::SeqCst);
        drop(tokio::spawn(task));
    }
}

/// Everything that is in the account goes into the jar.
type Both = Result<(Events<Account>, Events<Jar>), Refusal>;

fn put_by(account: &Account, _: &Jar) -> Both {
    let cents = account.cents;
    if !account.open {
        return Err(Refusal::NotOpen);
    }
    Ok((Withdrawn { cents }.into(), Filled { coins: cents }.into()))
}

#[tokio::test]
async fn a_repository_takes_snapshots_of_its_own_aggregates_only() {
    let store = Watched::new(MemoryStore::new());
    let spawner = Arc::new(Counting::default());
    let accounts = accounts_in(store.clone())
        .await
        .snapshot(on_each_save())
        .with_spawner(Arc::<Counting>::clone(&spawner));
    accounts.decide_both(&1, &7, put_by).await.expect("put by");
    accounts.snapshots_settled().await;
    assert_eq!((spawner.0.load(Ordering::SeqCst), store.saves()), (1, 1));
    let account = accounts.load(&1).await.expect("the account");
    assert_eq!(account.origin(), Origin::Snapshot(version(3)));
}

#[tokio::test]
async fn the_other_aggregate_is_loaded_from_its_own_snapshot_also_where_its_first_events_are_gone()
{
    for cached in [false, true] {
        let store = Watched::new(MemoryStore::new());
        let jars = Repository::<Jar>::new(store.clone()).snapshot(on_each_save());
        for coins in 1..=4 {
            jars.execute(&7, Fill(coins)).await.expect("filled");
            jars.snapshots_settled().await;
        }
        jars.trim(&7).await.expect("trimmed");
        let mut accounts = accounts_in(store.clone()).await.snapshot(on_each_save());
        if cached {
            accounts = accounts.cache(4);
        }
        for _ in 0..3 {
            accounts.decide_both(&1, &7, put_by).await.expect("put by");
            let back = |account: &Account, jar: &Jar| {
                assert_eq!((account.cents, jar.coins), (0, 110));
                Ok::<_, Infallible>((
                    Deposited { cents: 100 }.into(),
                    Filled { coins: -100 }.into(),
                ))
            };
            accounts
                .decide_both(&1, &7, back)
                .await
                .expect("taken back");
        }
        assert_eq!(jars.load(&7).await.expect("the jar").coins, 10);
    }
}
