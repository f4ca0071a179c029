//! States that are kept in the repository: they lie behind, they are of another history, they are forgotten, and no
//! decision is ever wrong for it.

use std::{sync::Mutex, time::Duration};

use eventsource_core::{
    Append, AsOf, EventStoreExt, ExecuteError, Keep, Loaded, NewEvent, Origin, RetryPolicy,
    Snapshot, SnapshotQuery, prelude::*, snapshot::on_each_save,
};

use crate::{
    domain::{Account, Deposit, Deposited, Open, Refusal, Withdraw, version},
    watched::Watched,
};

fn at_once() -> RetryPolicy {
    RetryPolicy::default().with_delays(Duration::ZERO, Duration::ZERO)
}

/// Two repositories on one store, of which the first has a cache that has just seen account 1, open.
async fn two() -> (Watched, Repository<Account>, Repository<Account>) {
    let store = Watched::new(MemoryStore::new());
    let hot = Repository::new(store.clone())
        .with_retry(at_once())
        .cache(8);
    let other = Repository::new(store.clone());
    hot.execute(&1, Open).await.expect("opened");
    (store, hot, other)
}

async fn cents(accounts: &Repository<Account>) -> i64 {
    accounts.load(&1).await.expect("the account").cents
}

#[tokio::test]
async fn a_command_on_a_kept_state_reads_nothing() {
    let (store, hot, _) = two().await;
    store.forget_counts();
    for _ in 0..3 {
        hot.execute(&1, Deposit(10)).await.expect("a deposit");
    }
    assert_eq!((store.reads(), store.appends()), (0, 3));
    let loaded = hot.load(&1).await.expect("the account");
    assert_eq!((loaded.cents, loaded.applied), (30, 4));
    assert_eq!(loaded.origin(), Origin::Cache(version(4)));
    // That its last event is still there is asked each time.
    assert_eq!((loaded.events_read(), store.events()), (1, 1));
}

#[tokio::test]
async fn a_kept_state_that_lies_behind_costs_a_conflict_that_brings_what_it_lacks() {
    let (store, hot, other) = two().await;
    for _ in 0..5 {
        other.execute(&1, Deposit(10)).await.expect("a deposit");
    }
    store.forget_counts();
    let receipt = hot
        .execute(&1, Withdraw(0))
        .await
        .expect("the second attempt");
    assert_eq!(receipt.version(), Some(version(7)));
    assert_eq!(
        (store.events(), store.appends()),
        (0, 2),
        "nothing is read again"
    );
    assert_eq!(cents(&hot).await, 50);
}

#[tokio::test]
async fn what_is_refused_on_a_state_that_lies_behind_is_decided_again() {
    let (store, hot, other) = two().await;
    other.execute(&1, Deposit(50)).await.expect("a deposit");
    // On what it has seen, there is nothing to withdraw.
    hot.execute(&1, Withdraw(40)).await.expect("money by now");
    assert_eq!(cents(&other).await, 10);
    other.execute(&1, Deposit(50)).await.expect("a deposit");
    hot.decide(&1, |account: Loaded<Account>| async move {
        Ok::<_, Refusal>(match account.cents {
            60 => Deposited { cents: 1 }.into(),
            _ => Events::none(),
        })
    })
    .await
    .expect("decided");
    assert_eq!(cents(&other).await, 61);
    // What is refused on the newest state is refused, and is asked of the store once.
    store.reads();
    let refused = hot.execute(&1, Withdraw(62)).await.expect_err("too much");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 1 }));
    assert_eq!(store.reads(), 1);
}

#[tokio::test]
async fn what_is_accepted_on_a_state_that_lies_behind_is_refused_on_the_newest() {
    let (_, hot, other) = two().await;
    hot.execute(&1, Deposit(50)).await.expect("a deposit");
    other.execute(&1, Withdraw(50)).await.expect("withdrawn");
    let refused = hot.execute(&1, Withdraw(20)).await.expect_err("all gone");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 20 }));
    assert_eq!(cents(&hot).await, 0);
}

#[tokio::test]
async fn a_store_whose_conflicts_bring_nothing_costs_a_read() {
    let (store, hot, other) = two().await;
    store.bring_nothing();
    other.execute(&1, Deposit(50)).await.expect("a deposit");
    store.appends();
    hot.execute(&1, Withdraw(0))
        .await
        .expect("the second attempt");
    assert_eq!(
        store.appends(),
        2,
        "the state that lay behind is not used again"
    );
    assert_eq!(cents(&hot).await, 50);
}

#[tokio::test]
async fn a_kept_state_heals_also_where_no_command_is_tried_twice() {
    let (_, hot, other) = two().await;
    let hot = hot.with_retry(RetryPolicy::never());
    other.execute(&1, Deposit(50)).await.expect("a deposit");
    let error = hot.execute(&1, Deposit(1)).await.expect_err("behind");
    assert!(error.is_conflict(), "{error:?}");
    hot.execute(&1, Deposit(1))
        .await
        .expect("the caller's own retry");

    hot.execute(&2, Open).await.expect("opened");
    other.execute(&1, Deposit(50)).await.expect("a deposit");
    other.execute(&2, Deposit(7)).await.expect("a deposit");
    let swap = |one: &Account, two: &Account| {
        let (one, two) = (
            Deposited { cents: two.cents },
            Deposited { cents: one.cents },
        );
        Ok::<_, Refusal>((one.into(), two.into()))
    };
    let error = hot.decide_both(&1, &2, swap).await.expect_err("behind");
    assert!(error.is_conflict(), "{error:?}");
    hot.decide_both(&1, &2, swap)
        .await
        .expect("the caller's own retry");
    assert_eq!(cents(&hot).await, 108);
}

/// The first events of the store, under the same ids, with the newest snapshot of account 1.
async fn backup(store: &Watched, events: usize) -> MemoryStore {
    let backup = MemoryStore::new();
    let all = store.store().read_all().await.expect("readable");
    for event in all.iter().take(events) {
        let copy = NewEvent::new(
            event.id,
            event.name.clone(),
            event.schema_version,
            event.payload.clone(),
            event.occurred_at,
        );
        let append = Append::to(event.stream.clone(), Expected::Any, [copy]);
        backup.append(append).await.expect("stored");
    }
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    let newest = SnapshotQuery::newest(stream, Account::FINGERPRINT);
    let (from, to) = (
        store.store(),
        backup.snapshots().expect("it keeps snapshots"),
    );
    let from = from.snapshots().expect("it keeps snapshots");
    if let Some(found) = from.find_snapshot(&newest).await.expect("readable") {
        to.save_snapshot(found, Keep::All).await.expect("saved");
    }
    backup
}

#[tokio::test]
async fn an_older_copy_of_the_store_under_a_running_repository_is_found_out() {
    for with_snapshots in [false, true] {
        for by_a_load in [false, true] {
            let (store, mut hot, _) = two().await;
            if with_snapshots {
                hot = hot.snapshot(on_each_save());
            }
            for _ in 0..4 {
                hot.execute(&1, Deposit(10)).await.expect("a deposit");
                hot.snapshots_settled().await;
            }
            store.put_back(backup(&store, 2).await);
            if by_a_load {
                let loaded = hot.load(&1).await.expect("the account");
                assert_eq!((loaded.cents, loaded.version()), (10, Some(version(2))));
                assert_eq!(loaded.origin(), Origin::Beginning);
            }
            let receipt = hot.execute(&1, Deposit(1)).await.expect("a deposit");
            assert_eq!(receipt.version(), Some(version(3)));
            let refused = hot.execute(&1, Withdraw(12)).await.expect_err("too much");
            assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 1 }));
            hot.snapshots_settled().await;
            assert_eq!(cents(&hot).await, 11);
        }
    }
}

#[tokio::test]
async fn what_is_appended_is_kept_in_place_of_a_later_state_of_another_history() {
    let (store, hot, other) = two().await;
    for _ in 0..3 {
        hot.execute(&1, Deposit(10)).await.expect("a deposit");
    }
    let (newer, older) = (store.store(), backup(&store, 2).await);
    store.put_back(older.clone());
    hot.load(&1).await.expect("the account");
    hot.decide(&1, |_| {
        let (store, hot, newer, older) = (&store, &hot, newer.clone(), older.clone());
        async move {
            // A clone has still seen the newer one.
            store.put_back(newer);
            assert_eq!(cents(hot).await, 30);
            store.put_back(older);
            Ok::<_, Refusal>(Deposited { cents: 1 }.into())
        }
    })
    .await
    .expect("decided");
    // It reaches the version that the other history had.
    other.execute(&1, Deposit(1)).await.expect("a deposit");
    let refused = hot.execute(&1, Withdraw(13)).await.expect_err("too much");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 1 }));
}

#[tokio::test]
async fn clones_share_what_is_kept_and_other_repositories_do_not() {
    let (store, hot, other) = two().await;
    let clone = hot.clone();
    store.reads();
    clone.execute(&1, Deposit(1)).await.expect("a deposit");
    hot.execute(&1, Deposit(1)).await.expect("a deposit");
    assert_eq!(store.reads(), 0);
    other.execute(&1, Deposit(1)).await.expect("a deposit");
    assert_eq!(store.reads(), 1);
}

#[tokio::test]
async fn what_is_forgotten_is_read_again() {
    let store = Watched::new(MemoryStore::new());
    let few = Repository::<Account>::new(store.clone()).cache(2);
    for id in 0..50 {
        few.execute(&id, Open).await.expect("opened");
        few.execute(&id, Deposit(10)).await.expect("a deposit");
    }
    store.reads();
    for id in 0..50 {
        few.execute(&id, Withdraw(10))
            .await
            .expect("the state as it was");
    }
    assert!(
        (48..=50).contains(&store.reads()),
        "two of them were kept at the most"
    );
}

#[tokio::test]
async fn where_there_is_no_event_yet_nothing_is_kept() {
    let (store, hot, other) = two().await;
    assert_eq!(
        hot.load(&2).await.expect("none yet").origin(),
        Origin::Beginning
    );
    other.execute(&2, Open).await.expect("opened");
    store.reads();
    let loaded = hot.load(&2).await.expect("the account");
    assert_eq!((loaded.origin(), store.reads()), (Origin::Beginning, 1));
    // A command on nothing is decided on nothing, and not on a state that was kept.
    hot.execute(&3, Deposit(1)).await.expect_err("not open");
    other.execute(&3, Open).await.expect("opened");
    hot.execute(&3, Deposit(1)).await.expect("open by now");
}

#[tokio::test]
async fn states_of_the_past_are_not_kept_and_kept_states_are_not_of_the_past() {
    let (_, hot, _) = two().await;
    hot.execute(&1, Deposit(10)).await.expect("a deposit");
    let then = hot.load_as_of(&1, AsOf::Version(version(1))).await;
    assert_eq!(then.expect("the account").cents, 0);
    assert_eq!(cents(&hot).await, 10);
    hot.execute(&1, Withdraw(10))
        .await
        .expect("decided on what is there now");
}

#[tokio::test]
async fn a_handle_on_a_state_does_not_change_with_the_account() {
    let (_, hot, _) = two().await;
    let before = hot.load(&1).await.expect("the account");
    hot.execute(&1, Deposit(10)).await.expect("a deposit");
    let after = hot.load(&1).await.expect("the account");
    hot.execute(&1, Deposit(10)).await.expect("a deposit");
    assert_eq!((before.cents, after.cents, cents(&hot).await), (0, 10, 20));
}

/// The commands of a unit are decided on a state that lies behind, twice: no command is lost for it.
#[tokio::test]
async fn a_unit_that_is_refused_on_a_state_that_lies_behind_is_decided_again_as_a_whole() {
    let (store, hot, other) = two().await;
    store.bring_nothing();
    let mut unit = hot.begin(&1).await.expect("a unit");
    unit.execute(Deposit(1)).expect("a deposit");
    unit.execute(Deposit(2)).expect("a deposit");
    // A clone of the repository keeps a newer state, on which the second withdrawal would be refused.
    hot.execute(&1, Deposit(100)).await.expect("a deposit");
    other.execute(&1, Deposit(100)).await.expect("a deposit");
    let receipt = unit.commit().await.expect("stored");
    assert_eq!(receipt.events(), 2);
    assert_eq!(cents(&other).await, 203);
}

#[tokio::test]
async fn a_unit_that_is_refused_after_a_conflict_says_so_and_stores_nothing() {
    let (store, hot, other) = two().await;
    store.bring_nothing();
    hot.execute(&1, Deposit(10)).await.expect("a deposit");
    let mut unit = hot.begin(&1).await.expect("a unit");
    unit.execute(Deposit(1)).expect("a deposit");
    unit.execute(Withdraw(11)).expect("withdrawn");
    hot.execute(&1, Withdraw(10)).await.expect("withdrawn");
    // What is kept by now lies behind, and the unit is refused on it; on the newest it is refused, too.
    other.execute(&1, Deposit(5)).await.expect("a deposit");
    let error = unit.commit().await.map(|_| ()).expect_err("refused");
    assert!(
        matches!(
            error,
            ExecuteError::Refused(Refusal::Missing { missing: 5 })
        ),
        "{error:?}"
    );
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    assert_eq!(
        store
            .store()
            .read_stream(&stream)
            .await
            .expect("readable")
            .len(),
        4
    );
}

#[tokio::test]
async fn a_later_state_that_is_kept_stays_where_an_earlier_one_is_brought_up() {
    let (_, hot, _) = two().await;
    let origins = Mutex::new(Vec::new());
    hot.decide(&1, |account: Loaded<Account>| {
        let (hot, origins) = (&hot, &origins);
        async move {
            if account.cents == 0 {
                // A clone is faster, twice. The conflict brings both, and what is kept is newer than what was decided on.
                hot.execute(&1, Deposit(1)).await.expect("a deposit");
                hot.execute(&1, Deposit(1)).await.expect("a deposit");
            }
            let origin = hot.load(&1).await.expect("the account").origin();
            origins.lock().expect("not poisoned").push(origin);
            Ok::<_, Refusal>(Deposited { cents: 5 }.into())
        }
    })
    .await
    .expect("decided");
    let origins = origins.into_inner().expect("not poisoned");
    assert_eq!(origins, [Origin::Cache(version(3)); 2]);
    assert_eq!(cents(&hot).await, 7);
}

#[tokio::test]
async fn what_a_conflict_has_brought_is_kept_also_where_the_command_is_refused_then() {
    let (store, hot, other) = two().await;
    hot.execute(&1, Deposit(50)).await.expect("a deposit");
    other.execute(&1, Withdraw(50)).await.expect("withdrawn");
    hot.execute(&1, Withdraw(20)).await.expect_err("all gone");
    store.forget_counts();
    hot.execute(&1, Deposit(1)).await.expect("a deposit");
    assert_eq!((store.reads(), store.appends()), (0, 1));
}

#[tokio::test]
async fn a_unit_that_conflicts_goes_on_from_what_is_kept() {
    let (store, hot, other) = two().await;
    for _ in 0..20 {
        hot.execute(&1, Deposit(1)).await.expect("a deposit");
    }
    let mut unit = hot.begin(&1).await.expect("a unit");
    unit.execute(Withdraw(20)).expect("withdrawn");
    other.execute(&1, Deposit(1)).await.expect("a deposit");
    store.forget_counts();
    unit.commit().await.expect("the second attempt");
    // The last event of what is kept, and the one that it lacks.
    assert_eq!((store.events(), cents(&other).await), (2, 1));
}
