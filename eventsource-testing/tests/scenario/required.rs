//! Checks that are required, and have to be asked for.

use eventsource_testing::prelude::*;

use crate::{
    bank::{Account, AccountError, Deposit, Withdraw, deposited, opened, withdrawn},
    support::failure,
};

fn requiring(check: Check) -> Scenario<Account> {
    let scenario = Scenario::new().requires(check);
    scenario.given((opened(), deposited(5)))
}

#[test]
fn a_required_retry_may_come_after_then() {
    let missing = AccountError::InsufficientFunds { missing: 5 };
    let outcome = requiring(Check::Retry)
        .when(Withdraw(5))
        .then(withdrawn(5))
        .and_retry_error(missing);
    assert_eq!(outcome.verdict(Check::Retry), Verdict::Passed);
}

#[test]
fn what_is_asked_for_by_one_command_is_not_required_of_the_next() {
    let outcome = requiring(Check::Concurrent)
        .meanwhile(withdrawn(4))
        .when(Withdraw(1))
        .then(withdrawn(1))
        .when(Deposit(5))
        .then(deposited(5));
    assert_eq!(outcome.verdict(Check::Concurrent), Verdict::Off);
}

#[test]
fn what_is_required_may_be_asked_for_by_a_later_command() {
    let _passed = requiring(Check::Retry)
        .when(Deposit(5))
        .then(deposited(5))
        .when(Withdraw(10))
        .then(withdrawn(10))
        .and_retry_refused(matching!(AccountError::InsufficientFunds { .. }));
}

#[test]
fn what_is_required_has_to_be_asked_for() {
    for (check, hint) in [
        (Check::Retry, "`.and_retry_nothing()`"),
        (Check::Concurrent, "`.meanwhile(events)`"),
    ] {
        let play = || requiring(check).when(Deposit(5)).then(deposited(5));
        let says = format!("requires the check `{check}`, and nothing asks for it");
        failure(play).says(&[&says, "required.rs:", hint]);
        failure(|| play().when(Deposit(6)).then(deposited(6))).says(&[&says]);
        let off = || requiring(check).without(check).when(Deposit(5));
        failure(|| off().then(deposited(5))).says(&["is required, but is off"]);
    }
}
