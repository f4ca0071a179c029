//! What scenarios accept.

use eventsource_core::prelude::*;
use eventsource_testing::{prelude::*, scenario::Verdict};

use crate::{bank::*, support::failure};

#[test]
fn a_decision_on_a_history() {
    Scenario::<Account>::new()
        .given(opened())
        .given([deposited(300), deposited(200)])
        .given_stored("account.withdrawn", 1, json!({"cents": 100}))
        .when(Withdraw(150))
        .then(withdrawn(150))
        .and_state(|account| assert_eq!(account.cents, 250));
}

#[test]
fn a_decision_on_a_new_stream() {
    let _passed = Scenario::<Account>::new()
        .id(576)
        .when(Deposit(5))
        .then(vec![deposited(5)]);
}

#[test]
fn a_refusal_by_value_and_by_pattern() {
    let broke = || Scenario::<Account>::new().given(opened()).when(Withdraw(5));
    broke()
        .then_error(AccountError::InsufficientFunds { missing: 5 })
        .and_state(|account| assert!(account.open));
    broke().then_refused(matching!(AccountError::InsufficientFunds { .. }));
    broke().then_refused(matching!(AccountError::InsufficientFunds { missing } if *missing == 5));
}

#[test]
fn acceptance_without_events() {
    Scenario::<Account>::new()
        .when(Close)
        .then_nothing()
        .and_state(|account| assert!(!account.open));
}

// D28: the second part of a decision sees the events of the first.
#[test]
fn a_decision_of_two_parts_applies_the_first_before_the_second() {
    Scenario::<Account>::new()
        .given(opened())
        .when(DepositThenWithdraw(1000, 200))
        .then((deposited(1000), withdrawn(200)))
        .and_state(|account| assert_eq!(account.cents, 800));
}

// D28: and when the second part is refused, the whole is, aloud.
#[test]
fn a_refused_second_part_refuses_the_whole() {
    Scenario::<Account>::new()
        .given(opened())
        .when(DepositThenWithdraw(1000, 1200))
        .then_error(AccountError::InsufficientFunds { missing: 200 });
}

// D2: the name is the one of the derive; a name typed otherwise is found at its line.
#[test]
fn a_stored_name_is_that_of_the_derive() {
    Scenario::<Account>::new()
        .given_stored(
            Deposited::SCHEMA.name,
            1,
            json!({"cents": 5, "channel": "web"}),
        )
        .when(Deposit(1))
        .then(deposited(1))
        .and_state(|account| assert_eq!(account.cents, 6));
    let misspelled = || Scenario::<Account>::new().given_stored("account.deposited_", 1, json!({}));
    failure(misspelled).says(&["has no event named `account.deposited_`"]);
}

/// A scenario that has something for every check.
fn rich() -> Scenario<Account> {
    Scenario::new()
        .given_stored("account.shut", 1, json!(null))
        .given(opened())
}

#[test]
fn every_check_runs_by_itself() {
    let outcome = rich().when(Deposit(5)).then(deposited(5));
    for check in Check::AUTOMATIC {
        assert_eq!(outcome.verdict(*check), Verdict::Passed, "{check}");
    }
    for check in Check::ON_DEMAND {
        assert_eq!(outcome.verdict(*check), Verdict::Off, "{check}");
    }
}

#[test]
fn a_check_that_is_switched_off_is_off_alone() {
    for off in Check::AUTOMATIC {
        let outcome = rich().without(*off).when(Deposit(5)).then(deposited(5));
        for check in Check::AUTOMATIC {
            let expected = match (off, check) {
                (off, check) if off == check => Verdict::Off,
                // A repository has to append, too.
                (Check::Append, Check::Metadata) => {
                    Verdict::NoSubject("nothing is to be stored".to_owned())
                }
                _ => Verdict::Passed,
            };
            assert_eq!(outcome.verdict(*check), expected, "{check} without {off}");
        }
    }
}

#[test]
fn a_failure_names_the_checks_that_are_off() {
    let scenario = || {
        Scenario::<Account>::new()
            .without(Check::Replay)
            .when(Deposit(5))
            .then_nothing()
    };
    failure(scenario).says(&["switched off: replay"]);
}

#[test]
fn what_could_never_be_stored_is_refused_at_its_line() {
    let version_0 = || Scenario::<Account>::new().given_stored("account.closed", 0, json!(null));
    failure(version_0).says(&["was stored with schema version 0, but versions start at 1"]);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "measured in release")]
fn a_scenario_of_ten_events_takes_well_under_100_microseconds() {
    const TIMES: u32 = 1000;
    let begun = std::time::Instant::now();
    for _ in 0..TIMES {
        let history: Vec<_> = (1..10).map(deposited).collect();
        let outcome = Scenario::<Account>::new()
            .given(history)
            .when(Deposit(5))
            .then(deposited(5));
        drop(outcome.and_state(|account| assert_eq!(account.cents, 50)));
    }
    let each = begun.elapsed() / TIMES;
    assert!(each.as_micros() < 100, "{each:?}");
}
