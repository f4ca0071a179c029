//! What is sound passes, and says what was played.

use eventsource_testing::prelude::*;

use crate::domain::{Account, Created, any_deposit, any_open, any_withdraw};

#[test]
fn a_sound_account_passes_and_its_refused_commands_are_counted() {
    let tally = histories::<Account>()
        .command(any_open())
        .command(any_deposit())
        .command(any_withdraw())
        .invariant("the balance is never negative", |account| {
            account.cents >= 0
        })
        .invariant("only an open account has a balance", |account| account.open)
        .config(|config| config.cases = 100)
        .check();
    assert_eq!(tally.histories(), 100);
    assert_eq!(tally.commands(), tally.accepted() + tally.refused());
    // Each accepted command makes one event happen.
    assert_eq!(tally.accepted(), tally.events());
    assert!(tally.accepted() > 0 && tally.refused() > 0);
    let shown = tally.to_string();
    assert!(shown.starts_with("100 histories of "), "{shown}");
    assert!(shown.contains("\n  Deposit   "), "{shown}");
    assert!(shown.contains("the first: it is not open"), "{shown}");
}

#[test]
fn an_aggregate_that_an_event_creates_is_created_once_in_each_history() {
    let tally = histories::<Created>()
        .command_new(any_open())
        .command(any_deposit())
        .invariant("the balance is never negative", |account| {
            account.cents >= 0
        })
        .cases(50)
        .check();
    assert!(tally.accepted() > 0);
    let shown = tally.to_string();
    assert!(shown.contains(" out of place"), "{shown}");
    assert!(!shown.contains("the first"), "{shown}");
}

#[test]
fn a_history_is_not_longer_than_it_may_be() {
    let tally = histories::<Account>()
        .command(any_open())
        .length(1)
        .config(|config| config.cases = 30)
        .check();
    assert_eq!(
        (tally.commands(), tally.accepted(), tally.events()),
        (30, 30, 30)
    );
}
