//! Units of work: several commands, one append.

use eventsource_core::{
    Context, EventStoreExt, Events, ExecuteError, Handle, MemoryStore, Repository, RetryPolicy,
    Version,
};

use crate::domain::{
    Account, Deposit, Meddled, Open, Refusal, Withdraw, accounts, key, other_deposit, stored,
};

// D28
#[tokio::test]
async fn later_commands_see_the_events_of_earlier_ones_so_that_the_balance_is_800() {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Open).expect("opened");
    unit.execute(Deposit(1000)).expect("deposited");
    unit.execute(Withdraw(200)).expect("withdrawn");
    let receipt = unit.commit().await.expect("stored");
    assert_eq!((receipt.events(), receipt.version()), (3, Version::new(3)));
    let balance = accounts.load(&1).await.expect("the account").cents;
    println!("{balance}");
    assert_eq!(balance, 800);
}

// D28
#[tokio::test]
async fn inside_one_handler_later_parts_see_earlier_ones() {
    struct Move {
        deposit: i64,
        withdraw: i64,
    }
    impl Handle<Move> for Account {
        fn handle(&self, command: &Move) -> eventsource_core::Decision<Self> {
            let mut draft = Events::begin(self.clone());
            draft.handle(&Deposit(command.deposit))?;
            draft.handle(&Withdraw(command.withdraw))?;
            Ok(draft.into())
        }
    }
    let accounts = accounts().await;
    accounts
        .execute(
            &1,
            Move {
                deposit: 1000,
                withdraw: 200,
            },
        )
        .await
        .expect("moved");
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 800);
    let refused = accounts
        .execute(
            &1,
            Move {
                deposit: 1,
                withdraw: 900,
            },
        )
        .await;
    assert_eq!(
        refused.expect_err("not enough").refusal(),
        Some(&Refusal::Missing { missing: 99 })
    );
    assert_eq!(
        accounts.load(&1).await.expect("the account").version(),
        Version::new(3)
    );
}

#[tokio::test]
async fn a_refused_command_leaves_the_unit_as_it_was() {
    let accounts = accounts().await;
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Deposit(10)).expect("deposited");
    let refused = unit.execute(Withdraw(11)).expect_err("not enough");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 1 }));
    assert_eq!(
        (unit.state().map(|s| s.cents), unit.events().len()),
        (Some(10), 1)
    );
    unit.execute(Withdraw(10)).expect("enough");
    assert_eq!(unit.commit().await.expect("stored").events(), 2);
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 0);
}

#[tokio::test]
async fn a_dropped_unit_stores_nothing() {
    let accounts = accounts().await;
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Deposit(10)).expect("deposited");
    drop(unit);
    assert_eq!(
        accounts.store().read_all().await.expect("one event").len(),
        1
    );
}

#[tokio::test]
async fn an_empty_unit_is_an_empty_receipt() {
    let accounts = accounts().await;
    let unit = accounts.begin(&1).await.expect("a unit");
    assert!(unit.commit().await.expect("nothing to do").is_empty());
}

#[tokio::test]
async fn after_a_conflict_the_accepted_commands_are_decided_again_as_a_whole() {
    let accounts = accounts().await;
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Deposit(10)).expect("deposited");
    unit.execute(Withdraw(50))
        .expect_err("not yet enough, and not asked again");
    unit.execute(Withdraw(4)).expect("withdrawn");
    accounts
        .store()
        .append(other_deposit(100))
        .await
        .expect("another writer");
    let receipt = unit.commit().await.expect("stored");
    assert_eq!((receipt.events(), receipt.version()), (2, Version::new(4)));
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 106);
}

#[tokio::test]
async fn a_command_that_is_refused_on_the_newer_state_refuses_the_unit() {
    let accounts = accounts().await;
    accounts.execute(&1, Deposit(10)).await.expect("deposited");
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Deposit(1)).expect("deposited");
    unit.execute(Withdraw(11)).expect("withdrawn");
    accounts
        .store()
        .append(stored("account.withdrawn", 1, "{\"cents\":10}"))
        .await
        .expect("another writer");
    let refused = unit.commit().await.expect_err("not enough by now");
    assert_eq!(refused.refusal(), Some(&Refusal::Missing { missing: 10 }));
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 0);
}

#[tokio::test]
async fn commits_are_retried_so_often_and_no_more() {
    let store = MemoryStore::new();
    Repository::<Account>::new(store.clone())
        .execute(&1, Open)
        .await
        .expect("opened");
    let meddled = Meddled::new(store, |_| Some(other_deposit(1)));
    let accounts = Repository::<Account>::new(meddled).with_retry(RetryPolicy::never());
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Deposit(10)).expect("deposited");
    let error = unit.commit().await.expect_err("too late");
    assert!(
        matches!(error, ExecuteError::Conflict { attempts: 1, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_unit_under_a_key_that_is_stored_decides_nothing_and_returns_the_first_receipt() {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let once = accounts.within(Context::new().with_key(key("opening")));
    for first in [true, false] {
        let mut unit = once.begin(&1).await.expect("a unit");
        assert_eq!(unit.already().is_none(), first);
        // The second time it would be refused, were it decided.
        unit.execute(Open).expect("opened");
        unit.execute(Deposit(10)).expect("deposited");
        let receipt = unit.commit().await.expect("a receipt");
        assert_eq!((receipt.is_first(), receipt.events()), (first, 2));
    }
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 10);
}
