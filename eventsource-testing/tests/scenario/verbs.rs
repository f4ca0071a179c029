//! What scenarios accept.

use eventsource_core::{Actor, CountingIds, prelude::*};
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
fn a_history_can_be_made_by_commands() {
    Scenario::<Account>::new()
        .given(opened())
        .given_commands([Deposit(300), Deposit(200)])
        .given_command(Withdraw(100))
        .given(deposited(1))
        .when(Withdraw(401))
        .then(withdrawn(401))
        .and_next_version(7);
}

#[test]
fn scenarios_go_on_with_what_came() {
    Scenario::<Account>::new()
        .without(Check::Upcast)
        .given(opened())
        .when(Deposit(100))
        .then(deposited(100))
        .and_next_version(3)
        .when(Withdraw(150))
        .then_error(AccountError::InsufficientFunds { missing: 50 })
        .and_next_version(3)
        .going_on()
        .given(deposited(50))
        .when(Withdraw(150))
        .then(withdrawn(150))
        .and_state(|account| assert_eq!(account.cents, 0))
        .and_next_version(5)
        .when(Close)
        .then(Closed);
    let third = || {
        Scenario::<Account>::new()
            .given(opened())
            .when(Deposit(100))
            .then(deposited(100))
            .when(Withdraw(150))
            .then(withdrawn(150))
    };
    failure(third).says(&[
        "2  account.deposited v1  { cents: 100",
        "when      Withdraw",
    ]);
    // What goes on and does not arrive is forgotten.
    failure(|| {
        Scenario::<Account>::new()
            .when(Close)
            .then_nothing()
            .going_on()
    })
    .says(&["account: the scenario at ", " has no `when`"]);
}

#[test]
fn the_next_version_counts_what_is_stored() {
    let outcome = || {
        Scenario::<Account>::new()
            .given(opened())
            .when(Close)
            .then(Closed)
    };
    outcome().and_next_version(3);
    failure(|| outcome().and_next_version(2)).says(&["the next version is 3, not 2"]);
}

#[test]
fn the_order_does_not_matter_where_it_is_said() {
    let abroad = || {
        let scenario = Scenario::<Account>::new().given((opened(), deposited(500)));
        scenario.when(WithdrawAbroad(200))
    };
    abroad().then_in_any_order((fee(20), withdrawn(200)));
    abroad().then_in_any_order((withdrawn(200), fee(20)));
    // Each event is still as many events as it was expected to be.
    failure(|| abroad().then_in_any_order((fee(20), fee(20)))).says(&["events differ"]);
    failure(|| abroad().then_in_any_order(fee(20))).says(&["events differ", "is one too many"]);
}

#[test]
fn events_of_a_type_can_be_ignored() {
    let abroad = || {
        let scenario = Scenario::<Account>::new().given((opened(), deposited(500)));
        scenario.when(WithdrawAbroad(200)).ignoring::<FeeCharged>()
    };
    abroad().then(withdrawn(200)).and_next_version(5);
    failure(|| abroad().then(withdrawn(201)))
        .says(&["events differ (1 expected, 1 actual, 1 ignored)"])
        .does_not_say("fee_charged` is one too many");
    failure(|| abroad().then((withdrawn(200), fee(20))))
        .says(&["`account.fee_charged` is expected, and ignored"]);
}

#[test]
fn a_field_can_be_ignored() {
    let deposit = || Scenario::<Account>::new().when(Deposit(200));
    let by = |channel: &str| Deposited {
        cents: 200,
        channel: channel.to_owned(),
    };
    failure(|| deposit().then(by("desk"))).says(&["channel: \"desk\""]);
    let ignoring = || deposit().ignoring_field::<Deposited>("channel");
    let _passed = ignoring().then(by("desk"));
    let _passed = ignoring().then_in_any_order(by("desk"));
    failure(|| ignoring().then(deposited(201)))
        .says(&["cents: 201"])
        .does_not_say("channel");
    // A field of another event is not ignored, and one that does not exist is no field.
    failure(|| {
        deposit()
            .ignoring_field::<Withdrawn>("channel")
            .then(by("desk"))
    })
    .says(&["channel: \"desk\""]);
    failure(|| {
        deposit()
            .ignoring_field::<Deposited>("chanel")
            .then(by("desk"))
    })
    .says(&["`account.deposited` has no field `chanel` that could be ignored"]);
}

#[test]
fn what_is_ignored_has_to_be_there() {
    let deposit = || Scenario::<Account>::new().when(Deposit(200));
    failure(|| deposit().ignoring::<FeeCharged>().then(deposited(200)))
        .says(&["no `account.fee_charged` came that could be ignored"]);
    let of_another = || deposit().ignoring_field::<Withdrawn>("gone");
    failure(|| of_another().then(deposited(200)))
        .says(&["no `account.withdrawn` came that has a field to be ignored"]);
    // What came instead says more.
    failure(|| deposit().ignoring::<FeeCharged>().then(deposited(7)))
        .says(&["events differ (1 expected, 1 actual)"]);
    let broke = || Scenario::<Account>::new().given(opened()).when(Withdraw(5));
    let missing = || AccountError::InsufficientFunds { missing: 5 };
    failure(|| broke().ignoring::<FeeCharged>().then_error(missing()))
        .says(&["a refusal has no events that could be ignored"]);
    failure(|| {
        broke()
            .ignoring_field::<Withdrawn>("cents")
            .then_refused(matching!(AccountError::InsufficientFunds { .. }))
    })
    .says(&["a refusal has no events that could be ignored"]);
}

#[test]
fn events_can_be_like_a_pattern() {
    let abroad = || {
        let scenario = Scenario::<Account>::new().given((opened(), deposited(500)));
        scenario.when(WithdrawAbroad(200))
    };
    let most = 200;
    abroad().then_events(
        matching!([AccountEvent::Withdrawn(Withdrawn { cents }), _] if *cents <= most),
    );
    abroad().then_events(matching!([] | [_, AccountEvent::FeeCharged(_)]));
    failure(|| abroad().then_events(matching!([AccountEvent::Withdrawn(_)]))).says(&[
        "the events are not like the pattern",
        "account.fee_charged v1 { cents: 20 }",
        "expected  events like [AccountEvent::Withdrawn(_)]",
    ]);
    let broke = || Scenario::<Account>::new().given(opened()).when(Withdraw(5));
    failure(|| {
        let ignoring = abroad().ignoring::<FeeCharged>();
        ignoring.then_events(matching!([AccountEvent::Withdrawn(_)]))
    })
    .says(&["a pattern is of all events, and cannot ignore some"]);
    failure(|| broke().then_events(matching!([_]))).says(&["refused, but events expected"]);
    failure(|| broke().then_refused(matching!(AccountError::NotOpen)))
        .says(&["expected  AccountError::NotOpen", "5 cents are missing"]);
}

#[test]
fn clock_ids_and_context_are_in_the_envelopes() {
    let context = Context::new().by(Actor::new("ann").expect("a name"));
    Scenario::<Account>::new()
        .clock_at("2026-03-01T12:00:00Z")
        .ids_from(CountingIds::from(100))
        .within(context)
        .given(opened())
        .when(WithdrawAbroad(5))
        .then((withdrawn(5), fee(20)))
        .and_recorded(|events| {
            let ids = events.iter().map(|event| event.id.as_uuid().as_u128());
            assert_eq!(ids.collect::<Vec<_>>(), [101, 102]);
            for event in events {
                let cause = event.causation_id.map(|cause| cause.as_uuid().as_u128());
                assert_eq!(cause, Some(100));
                assert_eq!(event.occurred_at.to_string(), "2026-03-01T12:00:00.000000Z");
                assert_eq!(event.recorded_at, event.occurred_at);
                assert_eq!(event.actor.as_ref().map(Actor::as_str), Some("ann"));
            }
            assert_eq!(events[1].version.get(), 3);
        })
        .going_on()
        .clock_at(Timestamp::EPOCH)
        .when(Deposit(1))
        .then(deposited(1))
        .and_recorded(|events| {
            assert_eq!(events[0].id.as_uuid().as_u128(), 104);
            assert_eq!(events[0].occurred_at, Timestamp::EPOCH);
        });
    failure(|| Scenario::<Account>::new().clock_at("noon")).says(&["`noon` is not a time"]);
    failure(|| {
        let scenario = Scenario::<Account>::new().without(Check::Metadata);
        scenario.when(Close).then_nothing().and_recorded(|_| {})
    })
    .says(&[
        "nothing was recorded",
        "leave out `.without(Check::Metadata)`",
    ]);
}

#[cfg(feature = "suite")]
#[tokio::test]
async fn a_scenario_works_within_a_runtime() {
    Scenario::<Account>::new()
        .given((opened(), deposited(500)))
        .meanwhile(withdrawn(400))
        .when(Withdraw(100))
        .then(withdrawn(100))
        .and_next_version(5);
}
