//! What holds for the accounts whatever happens to them: histories by chance, of the commands that they know.

use bank::{
    account::{Account, Credit, Open, Withdraw},
    bank_account::{
        BalancePrinted, BankAccount, Block, Book, OpenWithOverdraft, Unblock, WithdrawOrDecline,
    },
    ledger::Kind,
};
use eventsource_testing::{prelude::*, proptest::prelude::*};

/// Mostly what somebody would move, now and then anything.
fn any_haler() -> impl Strategy<Value = i64> {
    prop_oneof![9 => 1..100_000_i64, 1 => any::<i64>()]
}

fn any_credit() -> impl Strategy<Value = Credit> {
    any_haler().prop_map(|haler| Credit { haler })
}

fn any_withdraw() -> impl Strategy<Value = Withdraw> {
    any_haler().prop_map(|haler| Withdraw { haler })
}

fn any_booked_credit() -> impl Strategy<Value = Book<Credit>> {
    let booked = |(movement, trans_id, haler, k_symbol)| Book {
        movement,
        printed: BalancePrinted {
            trans_id,
            kind: Kind::Credit,
            operation: "VKLAD".to_owned(),
            k_symbol,
            haler,
        },
    };
    (any_credit(), any::<u64>(), any::<i64>(), ".{0,8}").prop_map(booked)
}

#[test]
fn an_account_is_never_overdrawn() {
    let account = histories::<Account>()
        .command(Just(Open))
        .command(any_credit())
        .command(any_withdraw());
    account
        .invariant("the balance is never negative", |account| {
            account.balance >= 0
        })
        .check();
}

#[test]
fn an_account_of_the_bank_is_overdrawn_only_where_that_was_granted() {
    histories::<BankAccount>()
        .command(Just(Open))
        .command(Just(OpenWithOverdraft))
        .command(any_credit())
        .command(any_withdraw())
        .command(any_withdraw().prop_map(WithdrawOrDecline))
        .command(any_booked_credit())
        .command(Just(Block))
        .command(Just(Unblock))
        .invariant(
            "the balance is negative only with an overdraft",
            |account| account.overdraft || account.plain.balance >= 0,
        )
        .invariant(
            "nothing happens to an account that is not open",
            |account| account.plain.open,
        )
        .check();
}
