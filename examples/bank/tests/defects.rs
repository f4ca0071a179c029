//! What goes wrong in other systems, tried on this bank.

use std::sync::Arc;

use bank::{
    account::{Account, AccountError, AccountId, Credit, Open, Withdraw},
    bank::Bank,
    bank_account::{BankAccount, BankError, WithdrawOrDecline},
    check::Expected,
    date::Date,
    import::{compare, import},
    ledger::Ledger,
    report::Sums,
};
use eventsource_core::prelude::*;
use eventsource_sqlite::SqliteStore;

/// D1: the state after executing is the state after loading, and no event is applied twice.
#[tokio::test]
async fn four_deposits_of_ten_are_forty_after_executing_and_after_loading() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let accounts = Repository::<BankAccount>::new(store.clone());
    let id = AccountId(1);
    let mut unit = accounts.begin(&id).await.unwrap();
    unit.execute(Open).unwrap();
    for _ in 0..4 {
        unit.execute(Credit { haler: 10 }).unwrap();
    }
    let executed = unit.state().cloned().unwrap();
    unit.commit().await.unwrap();
    assert_eq!(executed.plain.balance, 40);
    assert_eq!(*accounts.load(&id).await.unwrap(), executed);
    // Another command goes on from there, and a new process sees the same.
    accounts.execute(&id, Credit { haler: 10 }).await.unwrap();
    store.close().await;
    let reopened = SqliteStore::open(&path).await.unwrap();
    let loaded = Repository::<BankAccount>::new(reopened.clone())
        .load(&id)
        .await
        .unwrap();
    assert_eq!(
        (loaded.plain.balance, loaded.version()),
        (50, Version::new(6))
    );
    reopened.close().await;
}

/// D28: what is decided in one unit sees what was decided before it, and a refusal is not swallowed.
#[tokio::test]
async fn a_unit_that_deposits_1000_and_withdraws_200_leaves_800() {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let id = AccountId(1);
    let mut unit = accounts.begin(&id).await.unwrap();
    unit.execute(Open).unwrap();
    unit.execute(Credit { haler: 1_000 }).unwrap();
    unit.execute(Withdraw { haler: 200 }).unwrap();
    let before = unit.state().cloned();
    let refused = unit.execute(Withdraw { haler: 801 }).unwrap_err();
    let missing = AccountError::InsufficientFunds { missing: 1 };
    assert_eq!(refused.refusal(), Some(&missing));
    assert_eq!(unit.state(), before.as_ref());
    assert_eq!(unit.events().len(), 3);
    unit.commit().await.unwrap();
    let loaded = accounts.load(&id).await.unwrap();
    assert_eq!((loaded.balance, loaded.version()), (800, Version::new(3)));
}

/// D8: the state of an account folds the events of that account only.
#[tokio::test]
async fn an_account_folds_its_own_events_only() {
    let accounts = Repository::<BankAccount>::new(MemoryStore::new());
    for id in [1, 11, 111].map(AccountId) {
        accounts.execute(&id, Open).await.unwrap();
        let haler = i64::try_from(id.0).unwrap();
        accounts.execute(&id, Credit { haler }).await.unwrap();
    }
    for id in [1, 11, 111].map(AccountId) {
        let loaded = accounts.load(&id).await.unwrap();
        assert_eq!(u64::try_from(loaded.plain.balance), Ok(id.0));
        assert_eq!(loaded.version(), Version::new(2));
    }
    let nobody = accounts.load(&AccountId(2)).await.unwrap();
    assert_eq!((nobody.plain.open, nobody.version()), (false, None));
}

/// D29: a past balance counts what went out as gone, and the bounds of a day and of the versions are inclusive.
#[tokio::test]
async fn a_past_balance_is_what_it_was_at_the_end_of_that_day() {
    let accounts = Repository::<BankAccount>::new(MemoryStore::new());
    let id = AccountId(1);
    let day = |text: &str| text.parse::<Date>().unwrap();
    let at = |time| accounts.within(Context::new().occurred_at(time));
    at(day("2025-01-01").start())
        .execute(&id, Open)
        .await
        .unwrap();
    at(day("2025-01-31").start())
        .execute(&id, Credit { haler: 500 })
        .await
        .unwrap();
    at(day("2025-01-31").end())
        .execute(&id, Withdraw { haler: 200 })
        .await
        .unwrap();
    at(day("2025-02-01").start())
        .execute(&id, Withdraw { haler: 100 })
        .await
        .unwrap();
    for (date, balance) in [
        ("2025-01-30", 0),
        ("2025-01-31", 300),
        ("2025-02-01", 200),
        ("2026-02-01", 200),
    ] {
        let occurred = AsOf::Occurred(day(date).end());
        let past = accounts.load_as_of(&id, occurred).await.unwrap();
        assert_eq!(past.plain.balance, balance, "{date}");
    }
    let before = AsOf::Occurred(day("2024-12-31").end());
    assert!(!accounts.load_as_of(&id, before).await.unwrap().plain.open);
    for (version, balance) in [(1, 0), (2, 500), (3, 300), (4, 200)] {
        let version = AsOf::Version(Version::new(version).unwrap());
        let past = accounts.load_as_of(&id, version).await.unwrap();
        assert_eq!(past.plain.balance, balance, "{version:?}");
    }
    let beyond = AsOf::Version(Version::new(5).unwrap());
    assert!(accounts.load_as_of(&id, beyond).await.is_err());
}

/// A refusal stores nothing, and so is decided anew; a declined withdrawal is stored, and stays declined.
#[tokio::test]
async fn a_declined_withdrawal_stays_declined_when_it_is_asked_again() {
    let accounts = Repository::<BankAccount>::new(MemoryStore::new());
    let id = AccountId(1);
    accounts.execute(&id, Open).await.unwrap();
    let withdraw = Withdraw { haler: 100 };
    let keyed = |key: &str| {
        let key = eventsource_core::AppendKey::new(key).unwrap();
        accounts.within(Context::new().with_key(key))
    };
    let refused = keyed("refused").execute(&id, withdraw).await.unwrap_err();
    assert!(matches!(refused.refusal(), Some(BankError::Account(_))));
    let declined = keyed("declined")
        .execute(&id, WithdrawOrDecline(withdraw))
        .await
        .unwrap();
    accounts.execute(&id, Credit { haler: 100 }).await.unwrap();
    let again = keyed("declined")
        .execute(&id, WithdrawOrDecline(withdraw))
        .await
        .unwrap();
    assert!(!again.is_first());
    assert_eq!(again.version(), declined.version());
    assert_eq!(accounts.load(&id).await.unwrap().plain.balance, 100);
    keyed("refused").execute(&id, withdraw).await.unwrap();
    assert_eq!(accounts.load(&id).await.unwrap().plain.balance, 0);
}

/// Sums hide what two accounts have swapped; the comparison with the rows of the file does not.
#[tokio::test]
async fn rows_that_are_swapped_between_accounts_are_found() {
    let ledger = |amounts: [i64; 2]| {
        let rows = (1..)
            .zip(amounts)
            .map(|(n, haler)| format!("{n},1,2025-01-31,{n},PRIJEM,,,{haler},{haler}"));
        let header =
            "account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler";
        let lines: Vec<String> = [header.to_owned()].into_iter().chain(rows).collect();
        Ledger::parse(lines.join("\n").as_bytes()).unwrap()
    };
    let (stored, swapped) = (ledger([500, 300]), ledger([300, 500]));
    let bank = Bank::new(Arc::new(MemoryStore::new()));
    import(&bank, &stored, |_, _| {}).await.unwrap();
    assert_eq!(compare(&bank, &stored).await.unwrap(), 2);
    let day: Date = "2025-01-31".parse().unwrap();
    let sums = Sums::as_of(&bank, day).await.unwrap();
    assert!(Expected::of(&swapped, day).compare(&sums).is_ok());
    let found = compare(&bank, &swapped).await.unwrap_err().to_string();
    assert!(found.contains("but the rows of the file say"), "{found}");
    bank.accounts
        .execute(&AccountId(2), Credit { haler: 1 })
        .await
        .unwrap();
    assert!(compare(&bank, &stored).await.is_err());
}
