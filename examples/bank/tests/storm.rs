//! Many writers at the same accounts.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use bank::{
    account::{AccountError, AccountId, Credit, Open, Withdraw},
    bank_account::{BankAccount, BankError},
};
use eventsource_core::{RetryPolicy, prelude::*};
use eventsource_sqlite::SqliteStore;

const TASKS: u64 = 64;
const COMMANDS: u64 = 10_000;
const ACCOUNTS: u64 = 100;

/// D26: the memory checks versions as every store does.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_among_64_tasks_in_memory() {
    storm(MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_among_64_tasks_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("bank.db"))
        .await
        .unwrap();
    storm(store.clone()).await;
    store.close().await;
}

async fn storm(store: impl EventStore) {
    let retry = RetryPolicy::default().with_attempts(u32::MAX);
    let accounts = Repository::<BankAccount>::new(store).with_retry(retry);
    for id in (0..ACCOUNTS).map(AccountId) {
        accounts
            .execute(&id, Open)
            .await
            .expect("it is opened once");
    }
    let next = Arc::new(AtomicU64::new(0));
    let events = Arc::new(AtomicU64::new(ACCOUNTS));
    let balances: Arc<Vec<AtomicI64>> =
        Arc::new((0..ACCOUNTS).map(|_| AtomicI64::new(0)).collect());
    let refused = Arc::new(AtomicU64::new(0));
    let tasks = (0..TASKS).map(|_| {
        let (accounts, next) = (accounts.clone(), Arc::clone(&next));
        let (events, balances, refused) = (
            Arc::clone(&events),
            Arc::clone(&balances),
            Arc::clone(&refused),
        );
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= COMMANDS {
                    return;
                }
                // Numbers that are spread, and as many withdrawals as credits, so that some are refused.
                let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
                let account = mixed % ACCOUNTS;
                let haler = i64::try_from(1 + mixed / ACCOUNTS % 1_000).expect("small");
                let id = AccountId(account);
                let (done, change) = match number % 2 {
                    0 => (accounts.execute(&id, Credit { haler }).await, haler),
                    _ => (accounts.execute(&id, Withdraw { haler }).await, -haler),
                };
                match done {
                    Ok(receipt) => {
                        events.fetch_add(receipt.events(), Ordering::Relaxed);
                        let balance = &balances[usize::try_from(account).expect("small")];
                        balance.fetch_add(change, Ordering::Relaxed);
                    }
                    Err(error) => {
                        let reason = error.refusal();
                        let poor =
                            BankError::Account(AccountError::InsufficientFunds { missing: 0 });
                        let same = reason.map(std::mem::discriminant)
                            == Some(std::mem::discriminant(&poor));
                        assert!(same, "{error:?}");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no task panics");
    }
    let mut versions = 0;
    for (id, balance) in (0..).map(AccountId).zip(balances.iter()) {
        let loaded = accounts.load(&id).await.expect("it is there");
        assert_eq!(
            loaded.plain.balance,
            balance.load(Ordering::Relaxed),
            "{id:?}"
        );
        assert!(loaded.plain.balance >= 0, "{id:?}");
        versions += Version::number(loaded.version());
    }
    assert_eq!(versions, events.load(Ordering::Relaxed));
    let refused = refused.load(Ordering::Relaxed);
    assert_eq!(versions, ACCOUNTS + COMMANDS - refused);
    assert!(
        refused > 0,
        "nothing was refused, so refusals were not tried"
    );
}
