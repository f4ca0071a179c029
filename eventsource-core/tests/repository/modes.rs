//! Whatever is kept of a state, it is the same state.

use std::time::Duration;

use eventsource_core::{
    Events, Loaded, Origin, SnapshotPolicy,
    prelude::*,
    snapshot::{after, every, never, on_each_save, replayed_more_than},
};

use crate::{
    domain::{Account, Deposit, Deposited, Open, Refusal, Withdraw, Withdrawn, version},
    watched::Watched,
};

/// Every rule by itself, and rules together.
pub(crate) fn policies() -> Vec<SnapshotPolicy> {
    let year = Duration::from_secs(365 * 86_400);
    vec![
        never(),
        every(0),
        every(1),
        every(2),
        every(3),
        on_each_save(),
        after(Duration::ZERO),
        after(year),
        replayed_more_than(0),
        replayed_more_than(2),
        every(4).or(replayed_more_than(1)),
        after(year).or(every(2)),
        never().or(on_each_save()),
    ]
}

/// A repository in every mode, each on an empty store: without snapshots and in every policy, with and without a cache.
fn modes() -> Vec<(String, Repository<Account>)> {
    let mut modes = Vec::new();
    let policies = policies().into_iter().map(Some);
    for policy in [None].into_iter().chain(policies) {
        for cached in [false, true] {
            let mut accounts = Repository::new(MemoryStore::new());
            let name = format!("{policy:?}, cached: {cached}");
            if let Some(policy) = policy.clone() {
                accounts = accounts.snapshot(policy);
            }
            if cached {
                accounts = accounts.cache(4);
            }
            modes.push((name, accounts));
        }
    }
    modes
}

/// What the account has by now, as everybody sees it.
async fn is_seen(
    accounts: &Repository<Account>,
    id: u64,
    (cents, applied): (i64, u32),
    mode: &str,
) {
    let expected = Account {
        open: true,
        cents,
        applied,
    };
    // A repository that keeps nothing reads all of it from the first event.
    let plain = Repository::<Account>::new(accounts.store().clone());
    let loaded = plain.load(&id).await.expect("the account");
    assert_eq!(loaded.origin(), Origin::Beginning);
    assert_eq!(loaded.state(), &expected, "as it is stored: {mode}");
    let loaded = accounts.load(&id).await.expect("the account");
    assert_eq!(loaded.state(), &expected, "as it is loaded: {mode}");
    assert_eq!(
        loaded.version(),
        Some(version(u64::from(applied))),
        "{mode}"
    );
    let decided = accounts.decide(&id, |account: Loaded<Account>| {
        let is_right = account.state() == &expected;
        async move {
            if is_right {
                Ok(Events::none())
            } else {
                Err(())
            }
        }
    });
    decided
        .await
        .unwrap_or_else(|_| panic!("as it is decided on: {mode}"));
}

/// D1: with a snapshot or a cache of states, each new event was applied twice.
#[tokio::test]
async fn the_state_after_a_command_is_the_state_that_is_loaded_in_every_mode() {
    for settled in [true, false] {
        for (mode, accounts) in modes() {
            let mode = format!("{mode}, settled: {settled}");
            let settle = || async {
                if settled {
                    accounts.snapshots_settled().await;
                }
            };
            accounts.execute(&1, Open).await.expect("opened");
            settle().await;
            for deposit in 1..=4_u32 {
                accounts.execute(&1, Deposit(10)).await.expect("a deposit");
                settle().await;
                is_seen(&accounts, 1, (10 * i64::from(deposit), 1 + deposit), &mode).await;
            }
            // Nothing to do, and refused: neither changes anything.
            accounts
                .execute(&1, Deposit(0))
                .await
                .expect("nothing to do");
            accounts
                .execute(&1, Withdraw(41))
                .await
                .expect_err("too much");
            is_seen(&accounts, 1, (40, 5), &mode).await;

            let mut unit = accounts.begin(&1).await.expect("a unit");
            unit.execute(Withdraw(5)).expect("withdrawn");
            unit.execute(Deposit(10)).expect("a deposit");
            unit.execute(Withdraw(46)).expect_err("too much");
            unit.commit().await.expect("stored");
            settle().await;
            is_seen(&accounts, 1, (45, 7), &mode).await;

            let decided = accounts.decide(&1, |account: Loaded<Account>| async move {
                let cents = account.cents;
                tokio::task::yield_now().await;
                Ok::<_, Refusal>(Events::from([Deposited { cents }, Deposited { cents: 1 }]))
            });
            decided.await.expect("decided");
            settle().await;
            is_seen(&accounts, 1, (91, 9), &mode).await;

            accounts.execute(&2, Open).await.expect("opened");
            for _ in 0..2 {
                let both = accounts.decide_both(&1, &2, |one: &Account, two: &Account| {
                    let cents = one.cents - two.cents - 50;
                    Ok::<_, Refusal>((Withdrawn { cents }.into(), Deposited { cents }.into()))
                });
                both.await.expect("decided");
                settle().await;
            }
            is_seen(&accounts, 1, (91 - 41 + 41, 11), &mode).await;
            is_seen(&accounts, 2, (0, 3), &mode).await;
        }
    }
}

#[tokio::test]
async fn a_load_reads_the_last_event_of_its_snapshot_and_fewer_than_were_to_be_beyond_it() {
    for events in [1, 2, 3, 7, 300] {
        for together in [1, 3] {
            let store = Watched::new(MemoryStore::new());
            let accounts = Repository::<Account>::new(store.clone()).snapshot(every(events));
            accounts.execute(&1, Open).await.expect("opened");
            accounts.snapshots_settled().await;
            for _ in 0..40 {
                let deposits = vec![Deposited { cents: 1 }; together];
                let decide = |_| async { Ok::<_, ()>(Events::from(deposits.clone())) };
                accounts.decide(&1, decide).await.expect("decided");
                accounts.snapshots_settled().await;
                store.events();
                let loaded = accounts.load(&1).await.expect("the account");
                assert!(
                    loaded.events_read() <= 1 + events,
                    "{} for {events}",
                    loaded.events_read()
                );
                assert_eq!(loaded.events_read(), store.events());
            }
        }
    }
}

#[tokio::test]
async fn each_policy_takes_a_snapshot_when_it_says_and_not_otherwise() {
    let year = Duration::from_secs(365 * 86_400);
    // After an opening, five deposits, and a load: how many snapshots, and of which version the last one.
    let cases = [
        (never(), 0, None),
        (every(1), 6, Some(6)),
        (every(2), 3, Some(6)),
        (every(4), 1, Some(4)),
        (every(7), 0, None),
        (on_each_save(), 6, Some(6)),
        (after(Duration::ZERO), 6, Some(6)),
        (after(year), 1, Some(1)),
        // The deposit that has read four events takes it before it saves its own.
        (replayed_more_than(3), 1, Some(4)),
        (every(4).or(after(year)), 2, Some(5)),
    ];
    for (policy, saves, last) in cases {
        let store = Watched::new(MemoryStore::new());
        let accounts = Repository::<Account>::new(store.clone()).snapshot(policy.clone());
        accounts.execute(&1, Open).await.expect("opened");
        accounts.snapshots_settled().await;
        for _ in 0..5 {
            accounts.execute(&1, Deposit(1)).await.expect("a deposit");
            accounts.snapshots_settled().await;
        }
        accounts.load(&1).await.expect("the account");
        accounts.snapshots_settled().await;
        let reader = Repository::<Account>::new(store.clone()).snapshot(never());
        let origin = reader.load(&1).await.expect("the account").origin();
        let expected = last.map_or(Origin::Beginning, |last| Origin::Snapshot(version(last)));
        assert_eq!((store.saves(), origin), (saves, expected), "{policy:?}");
    }
}
