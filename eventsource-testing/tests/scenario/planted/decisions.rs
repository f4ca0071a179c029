//! Handlers and commands that are broken.

use std::sync::{
    OnceLock,
    atomic::{AtomicI64, Ordering::SeqCst},
};

use eventsource_core::{IdSource, UuidV7, prelude::*};
use eventsource_testing::prelude::*;
use expect_test::expect_file;

use super::{
    folds::{Add, Added, Overdrawn, Sound, added, counts},
    planted,
};
use crate::{
    bank::{Account, AccountError, Deposit, Withdraw, deposited, opened, withdrawn},
    support::failure,
};

static CLOCK: AtomicI64 = AtomicI64::new(0);
static REFUSALS: AtomicI64 = AtomicI64::new(0);

counts! {
    /// Decides by a counter, which stands for a clock.
    DecidesByClock, apply |n, event| n + event.n, handle |_| Ok(added(CLOCK.fetch_add(1, SeqCst), 0));
    /// Refuses by a counter.
    RefusesByClock, apply |n, event| n + event.n, handle |_| Err(Overdrawn(REFUSALS.fetch_add(1, SeqCst)));
}

/// Counts its decisions in the state.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "tally", id = u64, error = Overdrawn, events(Added))]
struct Tally {
    asked: AtomicI64,
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        self.asked.load(SeqCst) == other.asked.load(SeqCst)
    }
}

impl Apply<Added> for Tally {
    fn apply(&mut self, _: &Added) {}
}

impl Handle<Add> for Tally {
    fn handle(&self, command: &Add) -> Decision<Self> {
        self.asked.fetch_add(1, SeqCst);
        Ok(added(command.0, 0).into())
    }
}

/// Withdraws what there is, and remembers what that was when it was first asked.
#[derive(Default)]
struct WithdrawAll {
    cents: OnceLock<i64>,
}

impl Handle<WithdrawAll> for Account {
    fn handle(&self, command: &WithdrawAll) -> Decision<Self> {
        Ok(withdrawn(*command.cents.get_or_init(|| self.cents)).into())
    }
}

/// Decides in another way once another writer was there: on every second state that it sees.
#[derive(Default)]
struct Undecided {
    asked: AtomicI64,
}

impl Handle<Undecided> for Account {
    fn handle(&self, command: &Undecided) -> Decision<Self> {
        Ok(deposited(1 + command.asked.fetch_add(1, SeqCst) / 2).into())
    }
}

/// Adds, and does something else when it is asked for the third time.
#[derive(Default)]
struct AddTwice {
    asked: AtomicI64,
    then_refuses: bool,
}

impl Handle<AddTwice> for Sound {
    fn handle(&self, command: &AddTwice) -> Decision<Self> {
        match command.asked.fetch_add(1, SeqCst) {
            0 | 1 => Ok(added(1, 0).into()),
            _ if command.then_refuses => Err(Overdrawn(1)),
            _ => Ok(added(99, 0).into()),
        }
    }
}

/// Gives one id again and again.
#[derive(Debug)]
struct OneId;

impl IdSource for OneId {
    fn next_id(&self) -> uuid::Uuid {
        eventsource_core::CountingIds::default().next_id()
    }
}

planted! {
    pure_decision_finds_a_hidden_clock: only PureDecision in DecidesByClock,
        |scenario| scenario.when(Add(1)).then_events(matching!([_]));
    pure_decision_finds_a_refusal_by_a_hidden_clock: only PureDecision in RefusesByClock,
        |scenario| scenario.when(Add(1)).then_refused(matching!(_));
    pure_decision_finds_a_handler_that_changes_the_state: only PureDecision in Tally,
        |scenario| scenario.without(Check::Replay).when(Add(1)).then(added(1, 0));
    pure_decision_finds_what_is_decided_otherwise_in_a_repository: only PureDecision in Sound,
        |scenario| scenario.when(AddTwice::default()).then(added(1, 0));
    pure_decision_finds_a_refusal_in_a_repository: only PureDecision in Sound,
        |scenario| scenario
            .when(AddTwice { then_refuses: true, ..AddTwice::default() })
            .then(added(1, 0));
    metadata_finds_an_id_that_is_given_twice: only Metadata in Sound,
        |scenario| scenario.ids_from(OneId).when(Add(1)).then(added(1, 0));
    retry_finds_a_command_that_is_done_again: also Retry in Account,
        |scenario| scenario.given(opened()).when(Deposit(5)).then(deposited(5)).and_retry_nothing();
    retry_finds_another_refusal_than_the_declared_one: also Retry in Account,
        |scenario| scenario
            .given((opened(), deposited(5)))
            .when(Withdraw(5))
            .then(withdrawn(5))
            .and_retry_error(AccountError::NotOpen);
    retry_finds_a_refusal_that_was_not_declared: also Retry in Account,
        |scenario| scenario
            .given((opened(), deposited(5)))
            .when(Withdraw(5))
            .then(withdrawn(5))
            .and_retry_nothing();
    concurrent_finds_a_command_that_keeps_its_first_decision: also Concurrent in Account,
        |scenario| scenario
            .given((opened(), deposited(500)))
            .meanwhile(withdrawn(400))
            .when(WithdrawAll::default())
            .then(withdrawn(100));
    concurrent_finds_a_command_that_decides_otherwise_after_a_conflict: also Concurrent in Account,
        |scenario| scenario
            .without(Check::PureDecision)
            .given(opened())
            .meanwhile(deposited(400))
            .when(Undecided::default())
            .then_events(matching!([_]));
    concurrent_finds_a_command_that_meets_no_other_writer: also Concurrent in Account,
        |scenario| scenario
            .given(opened())
            .meanwhile(deposited(400))
            .when(Withdraw(100))
            .then(withdrawn(100));
    concurrent_finds_another_writer_that_writes_nothing: only Concurrent in Account,
        |scenario| scenario
            .given(opened())
            .meanwhile(Events::none())
            .when(Deposit(5))
            .then(deposited(5));
}

#[test]
fn a_refusal_by_a_clock_is_no_other_words() {
    failure(|| pure_decision_finds_a_refusal_by_a_hidden_clock::play(None))
        .says(&["the handler decided otherwise when it was asked again"]);
    failure(|| pure_decision_finds_a_handler_that_changes_the_state::play(None))
        .says(&["the handler changed the state while it decided"]);
}

#[test]
fn what_a_repository_decides_otherwise_is_shown() {
    failure(|| pure_decision_finds_what_is_decided_otherwise_in_a_repository::play(None))
        .is_text(&expect_file!["../golden/check_pure_decision.txt"]);
    failure(|| pure_decision_finds_a_refusal_in_a_repository::play(None))
        .says(&["repository: refused: 1 is too much"]);
}

#[test]
fn without_the_check_for_decisions_events_that_a_repository_decided_otherwise_are_told() {
    let outcome = Scenario::<Sound>::new()
        .without(Check::PureDecision)
        .when(AddTwice {
            asked: 1.into(),
            ..AddTwice::default()
        })
        .then(added(1, 0));
    let told = "the handler decided otherwise when a repository asked it";
    assert_eq!(
        outcome.verdict(Check::Metadata),
        Verdict::Limited(told.to_owned())
    );
}

#[test]
fn what_is_wrong_with_ids_retries_and_races_is_told() {
    failure(|| metadata_finds_an_id_that_is_given_twice::play(None))
        .is_text(&expect_file!["../golden/check_metadata.txt"]);
    failure(|| retry_finds_a_command_that_is_done_again::play(None))
        .is_text(&expect_file!["../golden/check_retry.txt"]);
    failure(|| concurrent_finds_a_command_that_keeps_its_first_decision::play(None))
        .is_text(&expect_file!["../golden/check_concurrent.txt"]);
    failure(|| concurrent_finds_a_command_that_meets_no_other_writer::play(None))
        .is_text(&expect_file!["../golden/check_no_race.txt"]);
}

#[test]
fn a_command_that_meets_another_writer_is_decided_on_what_that_left() {
    let outcome = Scenario::<Account>::new()
        .given((opened(), deposited(500)))
        .meanwhile(withdrawn(400))
        .when(Withdraw(200))
        .then_error(AccountError::InsufficientFunds { missing: 100 });
    assert_eq!(outcome.verdict(Check::Concurrent), Verdict::Passed);
    // What was asked for once is not asked for again.
    let outcome = outcome.when(Withdraw(100)).then(withdrawn(100));
    assert_eq!(outcome.verdict(Check::Concurrent), Verdict::Off);
    Scenario::<Account>::new()
        .given((opened(), deposited(500)))
        .meanwhile([withdrawn(100), withdrawn(100)])
        .when(Withdraw(200))
        .then(withdrawn(200))
        .and_state(|account| assert_eq!(account.cents, 100));
}

#[test]
fn a_retry_may_do_nothing_or_be_refused_as_declared() {
    let withdrawn_all = || {
        Scenario::<Account>::new()
            .given((opened(), deposited(5)))
            .when(Withdraw(5))
            .then(withdrawn(5))
    };
    let missing = AccountError::InsufficientFunds { missing: 5 };
    let outcome = withdrawn_all().and_retry_error(missing);
    assert_eq!(outcome.verdict(Check::Retry), Verdict::Passed);
    withdrawn_all().and_retry_refused(matching!(AccountError::InsufficientFunds { .. }));
    Scenario::<Account>::new()
        .given(opened())
        .when(crate::bank::Close)
        .then(crate::bank::Closed)
        .and_retry_nothing();
}

#[test]
fn what_is_asked_for_can_be_switched_off() {
    let outcome = Scenario::<Account>::new()
        .without(Check::Retry)
        .without(Check::Concurrent)
        .given(opened())
        .meanwhile(deposited(1))
        .meanwhile(deposited(2))
        .when(Deposit(5))
        .then(deposited(5))
        .and_next_version(5)
        .and_retry_nothing();
    for check in Check::ON_DEMAND {
        assert_eq!(outcome.verdict(*check), Verdict::Off);
    }
}

#[test]
fn ids_of_production_are_good_enough() {
    let _passed = Scenario::<Sound>::new()
        .ids_from(UuidV7)
        .requires(Check::Metadata)
        .when(Add(1))
        .then(added(1, 0));
}
