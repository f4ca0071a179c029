//! The texts of failures, word by word, and the lines that they point at.

use eventsource_testing::{prelude::*, scenario::Decided};
use expect_test::{ExpectFile, expect_file};

use crate::{
    bank::*,
    support::{Failure, failure},
};

#[track_caller]
fn assert_text<T>(expected: &ExpectFile, scenario: impl FnOnce() -> T) -> Failure {
    let failure = failure(scenario);
    failure.is_text(expected);
    failure
}

fn withdraw(cents: i64) -> Decided<Account> {
    Scenario::<Account>::new()
        .given((opened(), deposited(500)))
        .when(Withdraw(cents))
}

fn withdraw_abroad() -> Decided<Account> {
    Scenario::<Account>::new()
        .given((opened(), deposited(500)))
        .when(WithdrawAbroad(200))
}

#[test]
fn a_wrong_field() {
    assert_text(&expect_file!["golden/wrong_field.txt"], || {
        Scenario::<Account>::new()
            .when(Deposit(200))
            .then(deposited(220))
    });
}

#[test]
fn a_missing_event() {
    assert_text(&expect_file!["golden/missing_event.txt"], || {
        withdraw(200).then((withdrawn(200), fee(20)))
    });
}

#[test]
fn an_extra_event() {
    assert_text(&expect_file!["golden/extra_event.txt"], || {
        withdraw_abroad().then(withdrawn(220))
    });
}

#[test]
fn an_event_though_nothing_was_expected() {
    assert_text(&expect_file!["golden/not_nothing.txt"], || {
        withdraw(200).then_nothing()
    });
}

#[test]
fn nothing_though_an_event_was_expected() {
    assert_text(&expect_file!["golden/nothing.txt"], || {
        Scenario::<Account>::new()
            .given((opened(), Closed))
            .when(Close)
            .then(Closed)
    });
}

// D24: a comparison that is blind to the order passes here.
#[test]
fn the_order_is_compared() {
    assert_text(&expect_file!["golden/wrong_order.txt"], || {
        withdraw_abroad().then((fee(20), withdrawn(200)))
    });
}

// D24: a comparison that is blind to multiplicity passes here.
#[test]
fn the_number_is_compared() {
    assert_text(&expect_file!["golden/wrong_number.txt"], || {
        Scenario::<Account>::new()
            .when(Deposit(5))
            .then([deposited(5), deposited(5)])
    });
}

#[test]
fn a_refusal_though_events_were_expected() {
    assert_text(&expect_file!["golden/refused.txt"], || {
        withdraw(800).then(withdrawn(800))
    });
}

#[test]
fn acceptance_though_an_error_was_expected() {
    assert_text(&expect_file!["golden/accepted.txt"], || {
        withdraw(200).then_error(AccountError::NotOpen)
    });
}

#[test]
fn acceptance_without_events_is_no_error_either() {
    assert_text(&expect_file!["golden/accepted_nothing.txt"], || {
        let closed = Scenario::<Account>::new().when(Close);
        closed.then_refused(matching!(AccountError::InsufficientFunds { missing } if *missing > 5))
    });
}

#[test]
fn another_error() {
    assert_text(&expect_file!["golden/other_error.txt"], || {
        withdraw(800).then_error(AccountError::InsufficientFunds { missing: 200 })
    });
}

#[test]
fn a_stored_event_of_an_unknown_name() {
    let line = line!() + 4;
    let failure = assert_text(&expect_file!["golden/unknown_name.txt"], || {
        Scenario::<Account>::new()
            .given(opened())
            .given_stored("account.deposted", 1, json!({"cents": 5}))
            .when(Withdraw(5))
            .then(withdrawn(5))
    });
    assert_eq!((failure.file.as_str(), failure.line), (file!(), line));
}

#[test]
fn a_stored_event_of_another_shape() {
    assert_text(&expect_file!["golden/unknown_shape.txt"], || {
        Scenario::<Account>::new().given_stored("account.withdrawn", 1, json!({"euros": 5}))
    });
}

#[test]
fn a_stored_event_of_newer_code() {
    assert_text(&expect_file!["golden/newer.txt"], || {
        Scenario::<Account>::new().given_stored("account.withdrawn", 2, json!({"cents": 5}))
    });
}

#[test]
fn events_in_whatever_order_that_are_others() {
    assert_text(&expect_file!["golden/any_order.txt"], || {
        withdraw_abroad().then_in_any_order((fee(20), withdrawn(220), fee(5)))
    });
}

#[test]
fn events_that_are_not_like_the_pattern() {
    assert_text(&expect_file!["golden/pattern.txt"], || {
        withdraw_abroad().then_events(matching!([AccountEvent::Withdrawn(_)]))
    });
}

#[test]
fn a_given_command_that_is_refused() {
    let line = line!() + 6;
    let failure = assert_text(&expect_file!["golden/given_refused.txt"], || {
        Scenario::<Account>::new()
            .given(opened())
            .given_command(Deposit(5))
            .given_command(Withdraw(10))
            .when(Withdraw(5))
            .then(withdrawn(5))
    });
    assert_eq!((failure.file.as_str(), failure.line), (file!(), line));
}

// D24: a scenario that compares nothing would pass.
#[test]
fn a_forgotten_then() {
    assert_text(&expect_file!["golden/forgotten_then.txt"], || {
        drop(withdraw(200));
    });
    assert_text(&expect_file!["golden/forgotten_then_refused.txt"], || {
        drop(withdraw(800));
    });
}

// D24: so would one without a command.
#[test]
fn a_forgotten_when() {
    assert_text(&expect_file!["golden/forgotten_when.txt"], || {
        drop(Scenario::<Account>::new().given(opened()));
    });
}

#[test]
fn a_forgotten_then_is_silent_while_another_panic_is_on_its_way() {
    let failure = failure(|| {
        let _forgotten = withdraw(200);
        let text = "something else".to_owned();
        panic!("{text}");
    });
    assert_eq!(failure.text, "something else");
}

#[test]
fn a_failure_points_at_the_line_of_the_verb() {
    use AccountError::NotOpen;
    let at = |line: u32, failure: Failure| {
        assert_eq!((failure.file.as_str(), failure.line), (file!(), line));
    };
    let d = || withdraw(200);
    at(line!(), failure(|| d().then(fee(1))));
    at(line!(), failure(|| d().then_nothing()));
    at(line!(), failure(|| d().then_error(NotOpen)));
    at(line!(), failure(|| d().then_refused(matching!(NotOpen))));
    at(line!(), failure(|| d().then_events(matching!([_, _]))));
    at(line!(), failure(|| d().then_in_any_order(fee(1))));
    let o = || d().then(withdrawn(200));
    at(line!(), failure(|| o().and_next_version(1)));
    at(line!(), failure(|| o().and_retry_nothing()));
    at(line!(), failure(|| o().and_retry_error(NotOpen)));
    at(line!(), failure(|| d().then_refused(matching!(_))));
    at(line!(), failure(|| o().when(Close).then_nothing()));
}
