//! One decision over two aggregates, and one append to both.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use eventsource_core::{
    Applied, Capabilities, Capability, EventStoreExt, ExecuteError, LoadError, Origin, RetryPolicy,
    prelude::*,
};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Account, Deposit, Deposited, Meddled, Open, Refusal, Withdrawn, key, other_deposit, version,
    },
    watched::Watched,
};

fn at_once() -> RetryPolicy {
    RetryPolicy::default().with_delays(Duration::ZERO, Duration::ZERO)
}

/// Accounts 1 and 2, open, the first with 100.
pub(crate) async fn accounts_in(store: impl EventStore) -> Repository<Account> {
    let accounts = Repository::<Account>::new(store).with_retry(at_once());
    accounts.execute(&1, Open).await.expect("opened");
    accounts.execute(&1, Deposit(100)).await.expect("a deposit");
    accounts.execute(&2, Open).await.expect("opened");
    accounts
}

pub(crate) fn transfer(cents: i64) -> impl Fn(&Account, &Account) -> Both {
    move |from, to| match (to.open, from.cents - cents) {
        (false, _) => Err(Refusal::NotOpen),
        (true, missing @ ..0) => Err(Refusal::Missing { missing: -missing }),
        (true, _) => Ok((Withdrawn { cents }.into(), Deposited { cents }.into())),
    }
}

pub(crate) type Both = Result<(Events<Account>, Events<Account>), Refusal>;

async fn cents(accounts: &Repository<Account>) -> (i64, i64) {
    let one = accounts.load(&1).await.expect("the account").cents;
    (one, accounts.load(&2).await.expect("the account").cents)
}

async fn stored(accounts: &Repository<Account>) -> usize {
    accounts.store().read_all().await.expect("readable").len()
}

#[tokio::test]
async fn what_is_decided_over_two_is_stored_in_both_or_in_none() {
    for cached in [false, true] {
        let mut accounts = accounts_in(MemoryStore::new()).await;
        if cached {
            accounts = accounts.cache(8);
        }
        let receipt = accounts
            .decide_both(&1, &2, transfer(30))
            .await
            .expect("moved");
        let streams: Vec<_> = receipt
            .streams
            .iter()
            .map(|one| one.stream.id().to_owned())
            .collect();
        assert_eq!(
            (receipt.events(), streams),
            (2, vec!["1".to_owned(), "2".to_owned()])
        );
        assert_eq!(cents(&accounts).await, (70, 30));
        let error = accounts
            .decide_both(&1, &2, transfer(71))
            .await
            .expect_err("too much");
        assert_eq!(error.refusal(), Some(&Refusal::Missing { missing: 1 }));
        let error = accounts
            .decide_both(&1, &3, transfer(1))
            .await
            .expect_err("not open");
        assert_eq!(error.refusal(), Some(&Refusal::NotOpen));
        let nothing = |_: &Account, _: &Account| -> Both { Ok((Events::none(), Events::none())) };
        let receipt = accounts
            .decide_both(&1, &2, nothing)
            .await
            .expect("nothing to do");
        assert!(receipt.is_empty());
        assert_eq!(
            (cents(&accounts).await, stored(&accounts).await),
            ((70, 30), 5)
        );
    }
}

/// A store in which account 1 gets 1 more right before each of the first appends.
async fn meddled(times: u32) -> (Meddled, Repository<Account>) {
    let store = MemoryStore::new();
    let accounts = accounts_in(store.clone()).await;
    let mut left = times;
    let meddled = Meddled::new(store, move |_| {
        left = left.checked_sub(1)?;
        Some(other_deposit(1))
    });
    (meddled, accounts)
}

#[tokio::test]
async fn a_conflict_with_either_writes_nothing_to_either_and_is_decided_again() {
    // The account that another writer changes is the first one, then the second.
    for (first, second, after) in [(1, 2, (71, 30)), (2, 1, (131, -30))] {
        let (store, accounts) = meddled(1).await;
        let hasty = Repository::<Account>::new(store).with_retry(RetryPolicy::never());
        let any = |from: &Account, _: &Account| -> Both {
            let cents = 30 + i64::from(from.applied > 9);
            Ok((Withdrawn { cents }.into(), Deposited { cents }.into()))
        };
        let error = hasty
            .decide_both(&first, &second, any)
            .await
            .expect_err("too late");
        let ExecuteError::Conflict {
            attempts: 1,
            source,
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(source.streams.len(), 1);
        assert_eq!(source.streams[0].stream.id(), "1");
        assert_eq!(
            (cents(&accounts).await, stored(&accounts).await),
            ((101, 0), 4)
        );
        hasty
            .decide_both(&first, &second, any)
            .await
            .expect("moved");
        assert_eq!(cents(&accounts).await, after);
    }
}

#[tokio::test]
async fn it_is_decided_again_on_what_the_conflict_has_brought() {
    let (store, accounts) = meddled(3).await;
    let store = Watched::new(store);
    let patient = Repository::<Account>::new(store.clone()).with_retry(at_once());
    let calls = AtomicU32::new(0);
    let all = |from: &Account, _: &Account| -> Both {
        calls.fetch_add(1, Ordering::SeqCst);
        let cents = from.cents;
        Ok((Withdrawn { cents }.into(), Deposited { cents }.into()))
    };
    patient
        .decide_both(&1, &2, all)
        .await
        .expect("the fourth attempt");
    assert_eq!(calls.load(Ordering::SeqCst), 4);
    assert_eq!(cents(&accounts).await, (0, 103));
    // Two events of the first account and one of the other, and then that the other has no more.
    assert_eq!(store.events(), 3 + 3);
}

#[tokio::test]
async fn what_is_refused_is_refused_on_a_pair_that_was_there_at_one_time() {
    for cached in [false, true] {
        // Each time it is confirmed, the first account has just got 1 more; 3 more are enough.
        let (store, accounts) = meddled(3).await;
        let mut patient = Repository::<Account>::new(store).with_retry(at_once());
        if cached {
            patient = patient.cache(8);
        }
        patient
            .decide_both(&1, &2, transfer(103))
            .await
            .expect("enough by now");
        assert_eq!(cents(&accounts).await, (0, 103));
        // Also where there was nothing to do.
        let (store, accounts) = meddled(1).await;
        let mut patient = Repository::<Account>::new(store).with_retry(at_once());
        if cached {
            patient = patient.cache(8);
        }
        let odd = |from: &Account, _: &Account| -> Both {
            let is_odd = from.cents % 2 == 1;
            let moved = is_odd.then_some(Withdrawn { cents: 1 });
            Ok((moved.into(), Events::none()))
        };
        assert_eq!(
            patient
                .decide_both(&1, &2, odd)
                .await
                .expect("odd by now")
                .events(),
            1
        );
        assert_eq!(cents(&accounts).await, (100, 0));
    }
}

#[tokio::test]
async fn one_that_gets_nothing_is_checked_all_the_same_and_kept() {
    let store = Watched::new(MemoryStore::new());
    let accounts = accounts_in(store.clone()).await;
    let (hot, other) = (accounts.clone().cache(8), accounts);
    hot.load(&1).await.expect("the account");
    hot.load(&2).await.expect("the account");
    let if_second_is_empty = |_: &Account, second: &Account| -> Both {
        let first = (second.cents == 0).then_some(Withdrawn { cents: 10 });
        Ok((first.into(), Events::none()))
    };
    store.reads();
    hot.decide_both(&1, &2, if_second_is_empty)
        .await
        .expect("withdrawn");
    hot.decide_both(&1, &2, if_second_is_empty)
        .await
        .expect("withdrawn");
    assert_eq!(store.reads(), 0);
    assert_eq!(
        hot.load(&2).await.expect("the account").origin(),
        Origin::Cache(version(1))
    );
    assert_eq!(cents(&other).await, (80, 0));
    other.execute(&2, Deposit(1)).await.expect("a deposit");
    let receipt = hot
        .decide_both(&1, &2, if_second_is_empty)
        .await
        .expect("nothing to do");
    assert!(receipt.is_empty());
    assert_eq!(cents(&other).await, (80, 1));
}

#[tokio::test]
async fn under_a_key_it_is_done_once() {
    let accounts = accounts_in(MemoryStore::new()).await;
    let once = accounts.within(Context::new().with_key(key("transfer-1")));
    let first = once.decide_both(&1, &2, transfer(60)).await.expect("moved");
    let second = once
        .decide_both(&1, &2, transfer(60))
        .await
        .expect("the first receipt");
    assert_eq!(
        (first.applied, second.applied),
        (Applied::Now, Applied::Already)
    );
    assert_eq!(first.streams, second.streams);
    assert_eq!(cents(&accounts).await, (40, 60));
    let error = once
        .decide_both(&1, &3, transfer(1))
        .await
        .expect_err("another pair");
    assert!(matches!(error, ExecuteError::KeyReused { .. }), "{error:?}");
}

#[tokio::test]
async fn one_aggregate_is_no_pair() {
    let accounts = accounts_in(MemoryStore::new()).await;
    let error = accounts
        .decide_both(&1, &1, transfer(1))
        .await
        .expect_err("itself");
    assert!(
        matches!(&error, ExecuteError::SameStream { stream } if stream.id() == "1"),
        "{error:?}"
    );
    assert_eq!(stored(&accounts).await, 3);
}

#[tokio::test]
async fn a_store_that_cannot_says_so_before_anything_is_loaded_or_decided() {
    let store = Watched::new(MemoryStore::new());
    let accounts = accounts_in(store.clone()).await;
    store.declare(Capabilities::none());
    store.forget_counts();
    let never = |_: &Account, _: &Account| -> Both { panic!("it was decided") };
    let error = accounts
        .decide_both(&1, &2, never)
        .await
        .expect_err("unsupported");
    assert!(
        matches!(&error, ExecuteError::Unsupported(it) if it.capability == Capability::MultiStreamAppend),
        "{error:?}"
    );
    assert_eq!((store.reads(), store.appends()), (0, 0));
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "hold.placed")]
struct Placed {
    cents: i64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "hold.taken")]
struct Taken;

/// What was set aside for somebody: there is none before it was placed.
#[derive(Debug, Clone, PartialEq, Aggregate)]
#[aggregate(name = "hold", id = u64, error = Infallible, created_by = Placed, events(Placed, Taken))]
struct Hold {
    cents: i64,
}

impl Create<Placed> for Hold {
    fn create(event: &Placed) -> Self {
        Self { cents: event.cents }
    }
}

impl Apply<Taken> for Hold {
    fn apply(&mut self, _: &Taken) {
        self.cents = 0;
    }
}

impl HandleNew<Placed> for Hold {
    fn handle(command: &Placed) -> Decision<Self> {
        Ok(Placed {
            cents: command.cents,
        }
        .into())
    }
}

#[tokio::test]
async fn the_two_may_be_of_two_types_and_each_has_to_exist() {
    let store = MemoryStore::new();
    let accounts = accounts_in(store.clone()).await;
    let holds = Repository::<Hold>::new(store).cache(4);
    let capture = |hold: &Hold, account: &Account| {
        let taken = (hold.cents > 0).then_some(Taken);
        let cents = hold.cents.min(account.cents);
        Ok::<_, Infallible>((taken.into(), Withdrawn { cents }.into()))
    };
    let error = holds
        .decide_both(&1, &1, capture)
        .await
        .expect_err("no hold");
    assert!(
        matches!(&error, ExecuteError::Load(LoadError::NotFound { stream }) if stream.id() == "1"),
        "{error:?}"
    );
    assert_eq!(stored(&accounts).await, 3);
    holds
        .create(&1, Placed { cents: 25 })
        .await
        .expect("placed");
    let receipt = holds.decide_both(&1, &1, capture).await.expect("taken");
    assert_eq!(receipt.events(), 2);
    assert_eq!(holds.load(&1).await.expect("the hold").cents, 0);
    assert_eq!(cents(&accounts).await, (75, 0));

    // A decision that would create it a second time fits no state, and nothing is stored.
    let again =
        |_: &Account, _: &Hold| Ok::<_, Infallible>((Events::none(), Placed { cents: 1 }.into()));
    let error = accounts
        .decide_both(&1, &1, again)
        .await
        .expect_err("a mistake");
    assert!(matches!(error, ExecuteError::Fold { .. }), "{error:?}");
    assert_eq!(stored(&accounts).await, 6);
}
