//! The rules of the accounts, given, when, then.

use bank::{
    account::{Account, AccountError, Credit, Credited, Open, Opened, Withdraw, Withdrawn},
    bank_account::{
        BalancePrinted, BankAccount, BankError, Block, Blocked, Book, DeclineReason,
        OpenWithOverdraft, OverdraftGranted, Unblock, Unblocked, WithdrawOrDecline,
        WithdrawalDeclined,
    },
    ledger::Kind,
};
use eventsource_testing::prelude::*;

#[test]
fn an_account_is_opened_once() {
    Scenario::<Account>::new().when(Open).then(Opened);
    Scenario::<Account>::new()
        .given(Opened)
        .when(Open)
        .then_error(AccountError::AlreadyOpen);
}

#[test]
fn an_account_that_was_never_opened_takes_nothing() {
    Scenario::<Account>::new()
        .when(Credit { haler: 1 })
        .then_error(AccountError::NotOpen);
    Scenario::<BankAccount>::new()
        .when(Block)
        .then_error(AccountError::NotOpen.into());
}

#[test]
fn an_account_cannot_be_overdrawn() {
    let given = || Scenario::<Account>::new().given((Opened, Credited { haler: 500 }));
    given()
        .when(Withdraw { haler: 800 })
        .then_error(AccountError::InsufficientFunds { missing: 300 });
    given()
        .when(Withdraw { haler: 500 })
        .then(Withdrawn { haler: 500 })
        .and_state(|account| assert_eq!(account.balance, 0));
}

#[test]
fn what_is_no_amount_is_refused() {
    for haler in [0, -1, i64::MIN] {
        Scenario::<Account>::new()
            .given(Opened)
            .when(Withdraw { haler })
            .then_error(AccountError::NotPositive(haler));
    }
    let haler = i64::MAX;
    Scenario::<Account>::new()
        .given((Opened, Credited { haler }))
        .when(Credit { haler: 1 })
        .then_error(AccountError::TooMuch(1));
}

#[test]
fn an_overdraft_is_a_property_of_the_account() {
    Scenario::<BankAccount>::new()
        .when(OpenWithOverdraft)
        .then((Opened, OverdraftGranted));
    Scenario::<BankAccount>::new()
        .given((Opened, OverdraftGranted, Credited { haler: 500 }))
        .when(Withdraw { haler: 800 })
        .then(Withdrawn { haler: 800 })
        .and_state(|account| assert_eq!(account.plain.balance, -300));
    Scenario::<BankAccount>::new()
        .given((Opened, Credited { haler: 500 }))
        .when(Withdraw { haler: 800 })
        .then_error(AccountError::InsufficientFunds { missing: 300 }.into());
}

#[test]
fn an_overdraft_forgives_nothing_but_the_missing_money() {
    let given = || Scenario::<BankAccount>::new().given((Opened, OverdraftGranted));
    given()
        .when(Withdraw { haler: 0 })
        .then_error(AccountError::NotPositive(0).into());
    let haler = i64::MAX;
    given()
        .given((Withdrawn { haler }, Withdrawn { haler: 1 }))
        .when(Withdraw { haler: 1 })
        .then_error(AccountError::TooMuch(1).into());
}

#[test]
fn a_blocked_account_lets_money_in_but_not_out() {
    let given = || Scenario::<BankAccount>::new().given((Opened, Credited { haler: 500 }, Blocked));
    given()
        .when(Withdraw { haler: 100 })
        .then_error(BankError::Blocked);
    given()
        .when(Credit { haler: 100 })
        .then(Credited { haler: 100 });
    given().when(Block).then_nothing();
    given().when(Unblock).then(Unblocked);
    given()
        .given(Unblocked)
        .when(Withdraw { haler: 100 })
        .then(Withdrawn { haler: 100 });
}

#[test]
fn a_declined_withdrawal_is_an_event_and_moves_nothing() {
    let haler = 800;
    let given = || Scenario::<BankAccount>::new().given((Opened, Credited { haler: 500 }));
    let declined = |reason| WithdrawalDeclined { haler, reason };
    given()
        .when(WithdrawOrDecline(Withdraw { haler }))
        .then(declined(DeclineReason::InsufficientFunds))
        .and_state(|account| assert_eq!((account.plain.balance, account.declined), (500, 1)));
    given()
        .given(Blocked)
        .when(WithdrawOrDecline(Withdraw { haler }))
        .then(declined(DeclineReason::Blocked));
    given()
        .when(WithdrawOrDecline(Withdraw { haler: 500 }))
        .then(Withdrawn { haler: 500 });
    // What makes no sense is refused, not declined.
    given()
        .when(WithdrawOrDecline(Withdraw { haler: -1 }))
        .then_error(AccountError::NotPositive(-1).into());
}

#[test]
fn a_row_of_a_ledger_is_a_movement_and_a_printed_balance() {
    let printed = BalancePrinted {
        trans_id: 17,
        kind: Kind::Credit,
        operation: "VKLAD".to_owned(),
        k_symbol: String::new(),
        haler: 910,
    };
    let movement = Credit { haler: 900 };
    let book = Book {
        movement,
        printed: printed.clone(),
    };
    Scenario::<BankAccount>::new()
        .given((Opened, OverdraftGranted))
        .when(book)
        .then((Credited { haler: 900 }, printed))
        .and_state(|account| {
            assert_eq!((account.plain.balance, account.printed), (900, Some(910)));
        });
}

/// The stored format of each event, as databases have it.
#[test]
fn what_is_stored_stays_readable() {
    Scenario::<BankAccount>::new()
        .given_stored("account.opened", 1, json!(null))
        .given_stored("overdraft.granted", 1, json!(null))
        .given_stored("account.credited", 1, json!({ "haler": 500 }))
        .given_stored("account.withdrawn", 1, json!({ "haler": 700 }))
        .given_stored(
            "balance.printed",
            1,
            json!({ "trans_id": 17, "kind": "VYBER", "operation": "VYBER KARTOU", "k_symbol": "", "haler": -200 }),
        )
        .given_stored("account.blocked", 1, json!(null))
        .given_stored("withdrawal.declined", 1, json!({ "haler": 1, "reason": "blocked" }))
        .given_stored("withdrawal.declined", 1, json!({ "haler": 1, "reason": "insufficient_funds" }))
        .given_stored(
            "movement.reversed",
            1,
            json!({ "event": "00000000-0000-0000-0000-000000000001", "change_haler": 700 }),
        )
        .given_stored("account.unblocked", 1, json!(null))
        .when(Block)
        .then(Blocked)
        .and_state(|account| {
            assert_eq!(account.plain.balance, 500);
            assert_eq!((account.printed, account.declined), (Some(-200), 2));
            assert_eq!((account.overdraft, account.reversed.len()), (true, 1));
        });
}
