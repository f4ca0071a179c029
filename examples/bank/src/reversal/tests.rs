//! The rules of reversals, given, when, then; and where they are executed.

use std::sync::Arc;

use eventsource_core::{
    CountingIds, EventName, IdSource, NewEvent, Position, StoredPayload, prelude::*,
};
use eventsource_testing::prelude::*;

use super::*;
use crate::{
    account::{Open, Opened},
    bank_account::{Blocked, OverdraftGranted},
};

#[test]
fn a_movement_is_reversed_once() {
    let (event, recorded) = recorded(r#"{"haler":500}"#, "account.credited");
    let reversal = Reversal::of(&recorded).unwrap();
    assert_eq!(reversal.account(), AccountId(7));
    let reverse = reversal.command;
    let change_haler = -500;
    let given = || Scenario::<BankAccount>::new().given((Opened, Credited { haler: 500 }));
    given()
        .when(reverse)
        .then(Reversed {
            event,
            change_haler,
        })
        .and_state(|account| assert_eq!(account.plain.balance, 0));
    given()
        .given((
            Reversed {
                event,
                change_haler,
            },
            Credited { haler: 500 },
        ))
        .when(reverse)
        .then_error(BankError::AlreadyReversed { event });
}

#[test]
fn a_reversed_withdrawal_comes_back_also_to_a_blocked_account() {
    let (event, recorded) = recorded(r#"{"haler":300}"#, "account.withdrawn");
    let reverse = Reversal::of(&recorded).unwrap().command;
    let history = (
        Opened,
        Credited { haler: 500 },
        Withdrawn { haler: 300 },
        Blocked,
    );
    Scenario::<BankAccount>::new()
        .given(history)
        .when(reverse)
        .then(Reversed {
            event,
            change_haler: 300,
        })
        .and_state(|account| assert_eq!(account.plain.balance, 500));
}

#[test]
fn a_credit_that_is_spent_is_not_taken_back_without_an_overdraft() {
    let (event, recorded) = recorded(r#"{"haler":500}"#, "account.credited");
    let reverse = Reversal::of(&recorded).unwrap().command;
    let spent = || (Credited { haler: 500 }, Withdrawn { haler: 300 });
    Scenario::<BankAccount>::new()
        .given(Opened)
        .given(spent())
        .when(reverse)
        .then_error(AccountError::InsufficientFunds { missing: 300 }.into());
    Scenario::<BankAccount>::new()
        .given((Opened, OverdraftGranted))
        .given(spent())
        .when(reverse)
        .then(Reversed {
            event,
            change_haler: -500,
        });
}

#[test]
fn only_a_movement_can_be_reversed() {
    let (event, reversal) = recorded(
        r#"{"event":"00000000-0000-0000-0000-000000000001","change_haler":5}"#,
        "movement.reversed",
    );
    let refused = Reversal::of(&reversal).unwrap_err();
    assert!(matches!(refused, NotReversible::NoMovement { event: of, .. } if of == event));
    let (_, mut foreign) = recorded(r#"{"haler":500}"#, "account.credited");
    foreign.stream = StreamId::new("shop.order", "7").unwrap();
    let refused = Reversal::of(&foreign).unwrap_err();
    assert!(matches!(refused, NotReversible::Foreign { .. }));
}

/// An event of account 7, as a store would give it.
fn recorded(payload: &str, name: &str) -> (EventId, RecordedEvent) {
    let id = EventId::new(CountingIds::default().next_id());
    let event = NewEvent::new(
        id,
        EventName::new(name).expect("a name"),
        1,
        StoredPayload::json(payload.as_bytes()),
        Timestamp::EPOCH,
    );
    let stream = StreamId::of::<BankAccount>(&AccountId(7)).expect("a stream");
    let position = Position::from_number(1).expect("not 0");
    let recorded = RecordedEvent::new(event, stream, Version::FIRST, position, Timestamp::EPOCH);
    (id, recorded)
}

/// Two accounts that are alike: what was credited to one can be taken back from that one only.
#[tokio::test]
async fn a_reversal_reaches_the_account_of_its_movement_and_no_other() {
    let [bank, other] = [(); 2].map(|()| Bank::new(Arc::new(MemoryStore::new())));
    for bank in [&bank, &other] {
        for account in [1, 2].map(AccountId) {
            bank.accounts.execute(&account, Open).await.unwrap();
            let credit = Credit { haler: 500 };
            bank.accounts.execute(&account, credit).await.unwrap();
        }
    }
    let stream = StreamId::of::<BankAccount>(&AccountId(1)).unwrap();
    let movement = bank.store.last(Read::stream(stream)).await.unwrap();
    let reversal = Reversal::of(&movement.unwrap()).unwrap();
    assert_eq!(reversal.account(), AccountId(1));
    reversal.execute(&bank, Context::new()).await.unwrap();
    for (account, balance) in [(1, 0), (2, 500)] {
        let loaded = bank.accounts.load(&AccountId(account)).await.unwrap();
        assert_eq!(loaded.plain.balance, balance, "account {account}");
    }
    let again = reversal.execute(&bank, Context::new()).await.unwrap_err();
    assert!(matches!(&again, ReversalError::Execute(error)
        if matches!(error.refusal(), Some(BankError::AlreadyReversed { .. }))));

    // The same account of another bank has a movement of the same amount there, but not this one.
    let head = other.store.head().await.unwrap();
    let elsewhere = reversal.execute(&other, Context::new()).await.unwrap_err();
    assert!(matches!(elsewhere, ReversalError::NotHere { .. }));
    assert_eq!(other.store.head().await.unwrap(), head);
    let empty = Bank::new(Arc::new(MemoryStore::new()));
    let nowhere = reversal.execute(&empty, Context::new()).await.unwrap_err();
    assert!(matches!(nowhere, ReversalError::NotHere { .. }));
}
