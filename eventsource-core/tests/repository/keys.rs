//! Append keys: a command is executed once, however often it is asked for.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use eventsource_core::{
    Applied, Context, EventStoreExt, Events, ExecuteError, MemoryStore, Repository, Version,
};

use crate::domain::{
    Account, Deposit, Deposited, Meddled, Open, Refusal, Withdraw, accounts, key, other_deposit,
    stored,
};

#[tokio::test]
async fn a_second_command_of_one_key_is_answered_with_the_first_receipt_and_not_decided() {
    let accounts = accounts().await;
    let calls = AtomicU32::new(0);
    let deposit = |_| {
        calls.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Refusal>(Events::from(Deposited { cents: 5 })) }
    };
    let once = accounts.within(Context::new().with_key(key("payment-1")));
    let first = once.decide(&1, deposit).await.expect("the first");
    accounts
        .execute(&1, Deposit(100))
        .await
        .expect("another command in between");
    let second = once.decide(&1, deposit).await.expect("the second");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(
        (first.applied, second.applied),
        (Applied::Now, Applied::Already)
    );
    assert_eq!(first.streams, second.streams);
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 105);
}

#[tokio::test]
async fn a_key_answers_also_where_the_command_would_be_refused_by_now() {
    let accounts = accounts().await;
    accounts.execute(&1, Deposit(10)).await.expect("a deposit");
    let once = accounts.within(Context::new().with_key(key("withdraw-all")));
    once.execute(&1, Withdraw(10)).await.expect("the first");
    let second = once
        .execute(&1, Withdraw(10))
        .await
        .expect("the first receipt");
    assert_eq!(
        (second.applied, second.version()),
        (Applied::Already, Version::new(3))
    );
}

#[tokio::test]
async fn a_refused_command_leaves_its_key_free() {
    let accounts = accounts().await;
    let once = accounts.within(Context::new().with_key(key("withdraw")));
    once.execute(&1, Withdraw(10)).await.expect_err("no money");
    accounts.execute(&1, Deposit(10)).await.expect("a deposit");
    assert!(
        once.execute(&1, Withdraw(10))
            .await
            .expect("money by now")
            .is_first()
    );
}

#[tokio::test]
async fn a_key_of_another_stream_is_an_error_and_writes_nothing() {
    let accounts = accounts().await;
    let once = accounts.within(Context::new().with_key(key("open")));
    once.execute(&2, Open).await.expect("opened");
    let error = once.execute(&3, Open).await.expect_err("the key is taken");
    let ExecuteError::KeyReused { stream, first, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(stream.to_string(), "account-3");
    assert_eq!(first.streams[0].stream.to_string(), "account-2");
    assert_eq!(
        accounts.load(&3).await.expect("a default state").version(),
        None
    );
}

#[tokio::test]
async fn of_two_concurrent_commands_of_one_key_the_first_decision_stands() {
    // While the second one decides, the first one appends under the same key, though with another decision.
    let store = MemoryStore::new();
    Repository::<Account>::new(store.clone())
        .execute(&1, Open)
        .await
        .expect("opened");
    let mut first = Some(other_deposit(7).with_key(key("payment-1")));
    let accounts = Repository::<Account>::new(Meddled::new(store, move |_| first.take()));
    let receipt = accounts
        .within(Context::new().with_key(key("payment-1")))
        .execute(&1, Deposit(8))
        .await
        .expect("the first receipt");
    assert_eq!(
        (receipt.applied, receipt.version()),
        (Applied::Already, Version::new(2))
    );
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_with_one_key_store_one_decision() {
    let accounts = accounts().await;
    let barrier = Arc::new(tokio::sync::Barrier::new(16));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let once = accounts.within(Context::new().with_key(key("payment-1")));
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                once.execute(&1, Deposit(5)).await.expect("a receipt")
            })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        let receipt = task.await.expect("the task ends");
        assert_eq!(receipt.version(), Version::new(2));
        first += u32::from(receipt.is_first());
    }
    assert_eq!(first, 1);
    assert_eq!(
        accounts.store().read_all().await.expect("two events").len(),
        2
    );
}

/// Account 1, open, in a store in which another attempt of the same command is stored after its key was looked up and
/// before the state is loaded.
async fn overtaken(cents: i64, units: bool) -> Repository<Account> {
    let store = MemoryStore::new();
    let accounts = Repository::<Account>::new(store.clone());
    accounts.execute(&1, Open).await.expect("opened");
    accounts.execute(&1, Deposit(10)).await.expect("deposited");
    let withdrawn = format!("{{\"cents\":{cents}}}");
    let withdrawn = stored("account.withdrawn", 1, &withdrawn).with_key(key("withdraw"));
    let (mut first, mut reads) = (Some(withdrawn), 0);
    Repository::new(
        Meddled::new(store, move |_| {
            reads += 1;
            // A unit reads when it begins, and again after its conflict.
            if units && reads == 1 {
                None
            } else {
                first.take()
            }
        })
        .early(),
    )
}

#[tokio::test]
async fn a_refusal_that_is_the_echo_of_the_same_command_is_its_first_receipt() {
    let accounts = overtaken(10, false).await;
    let receipt = accounts
        .within(Context::new().with_key(key("withdraw")))
        .execute(&1, Withdraw(10))
        .await
        .expect("the first receipt");
    assert_eq!(
        (receipt.applied, receipt.version()),
        (Applied::Already, Version::new(3))
    );
}

#[tokio::test]
async fn a_refusal_of_the_domain_stays_one_under_a_key() {
    let accounts = overtaken(3, false).await;
    let refused = accounts
        .within(Context::new().with_key(key("another")))
        .execute(&1, Withdraw(10))
        .await
        .expect_err("7 are left");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 3 }));
}

#[tokio::test]
async fn a_unit_whose_key_is_stored_while_it_is_decided_again_returns_the_first_receipt() {
    let accounts = overtaken(10, true).await;
    let once = accounts.within(Context::new().with_key(key("withdraw")));
    let mut unit = once.begin(&1).await.expect("a unit");
    unit.execute(Withdraw(10)).expect("withdrawn");
    // Another writer makes the commit conflict; while it is decided again, the same command is stored elsewhere.
    accounts
        .store()
        .append(other_deposit(0))
        .await
        .expect("another writer");
    let receipt = unit.commit().await.expect("the first receipt");
    assert_eq!(
        (receipt.applied, receipt.version()),
        (Applied::Already, Version::new(4))
    );
}
