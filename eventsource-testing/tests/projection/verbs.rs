//! What scenarios accept, in each place where a read model can lie.

use eventsource_testing::{prelude::*, projection::ProjectionOutcome};

use crate::{
    domain::{
        Account, BalanceRows, Balances, Closed, Index, Order, Owners, Welcome, deposited, opened,
        placed, rows,
    },
    drawer::Drawer,
};

/// The verdicts of a scenario that has something to look at wherever it can.
#[track_caller]
fn all_passed_but(outcome: &ProjectionOutcome, others: &[(ProjectionCheck, &str)]) {
    for check in ProjectionCheck::ALL {
        let other = others.iter().find(|(other, _)| other == check);
        let expected = other.map_or(Verdict::Passed, |(_, why)| {
            Verdict::NoSubject((*why).to_owned())
        });
        assert_eq!(outcome.verdict(*check), expected, "{check}");
    }
}

const NOT_TWICE: (ProjectionCheck, &str) = (
    ProjectionCheck::Twice,
    "a read model in memory is built anew after a crash",
);
const NOT_FROM_NOW: (ProjectionCheck, &str) = (
    ProjectionCheck::FromNow,
    "a projection begins with the first event",
);

#[test]
fn a_model_in_memory_takes_events_of_several_aggregates_in_their_order() {
    let outcome = ProjectionScenario::<Balances>::new()
        .given::<Account>(1, (opened("ann"), deposited(300)))
        .given::<Order>(7, placed(1, 100))
        .given::<Account>(2, deposited(50))
        .when::<Account>(1, [deposited(1), deposited(2)])
        .then_eq(Balances(rows([("1", 203), ("2", 50)])));
    all_passed_but(&outcome, &[NOT_TWICE, NOT_FROM_NOW]);
}

#[test]
fn a_model_in_memory_is_read_or_looked_at() {
    let told = || {
        ProjectionScenario::<Balances>::new()
            .given::<Account>(1, deposited(300))
            .when::<Order>(7, placed(1, 100))
    };
    told().then_reads(|balances| balances.0.get("1").copied(), Some(200));
    told().then_state(|balances| assert_eq!(balances.0.len(), 1));
    ProjectionScenario::of(|| Balances(rows([("0", 7)])))
        .given::<Account>(1, deposited(300))
        .then_eq(Balances(rows([("0", 7), ("1", 300)])));
}

#[test]
fn events_of_old_versions_and_retired_ones_arrive_as_todays() {
    ProjectionScenario::<Balances>::new()
        .given_stored::<Account>(
            1,
            "account.opened_funded",
            1,
            json!({"owner": "ann", "cents": 5}),
        )
        .given_stored::<Account>(1, "deposit.made", 1, json!({"units": 2}))
        .given_stored::<Account>(1, "account.viewed", 1, json!(null))
        .when_stored::<Account>(1, "account.deposited", 2, json!({"cents": 1}))
        .then_eq(Balances(rows([("1", 206)])));
    ProjectionScenario::<BalanceRows>::new()
        .on(Drawer::default())
        .given_stored::<Account>(
            1,
            "account.opened_funded",
            1,
            json!({"owner": "ann", "cents": 5}),
        )
        .when_stored::<Account>(1, "deposit.made", 1, json!({"units": 2}))
        // The last one of its batch has no part.
        .when_stored::<Account>(1, "account.viewed", 1, json!(null))
        .then_rows(
            async |store| store.rows("balance-rows").await,
            rows([("1", 205)]),
        );
}

#[test]
fn a_model_in_a_transaction_is_read_from_its_store() {
    let outcome = ProjectionScenario::<BalanceRows>::new()
        .on(Drawer::default())
        .given::<Account>(1, (opened("ann"), deposited(300)))
        .given::<Account>(2, deposited(50))
        .when::<Order>(7, placed(1, 100))
        .when::<Account>(2, deposited(5))
        .then_rows(
            async |store| store.rows("balance-rows").await,
            rows([("1", 200), ("2", 55)]),
        );
    all_passed_but(&outcome, &[NOT_FROM_NOW]);
}

#[test]
fn what_is_outside_is_read_from_its_fake() {
    let outcome =
        ProjectionScenario::<Owners>::with_fake(Index::default, |index| Owners(index.clone()))
            .given::<Account>(1, (opened("ann"), deposited(300)))
            .when::<Account>(2, opened("bob"))
            .then_reads(Index::all, vec!["1: ann".to_owned(), "3: bob".to_owned()]);
    all_passed_but(&outcome, &[NOT_FROM_NOW]);
}

#[test]
fn a_reaction_does_nothing_for_what_was_given() {
    let outcome =
        ReactionScenario::<Welcome>::with_fake(Index::default, |index| Welcome(index.clone()))
            .given::<Account>(1, opened("ann"))
            .when::<Account>(2, opened("bob"))
            .when::<Account>(1, Closed)
            .when::<Account>(3, opened("cid"))
            .then_reads(
                |index| index.entries().values().cloned().collect::<Vec<_>>().len(),
                2,
            );
    all_passed_but(&outcome, &[]);
    ReactionScenario::<Welcome>::with_fake(Index::default, |index| Welcome(index.clone()))
        .given::<Account>(1, opened("ann"))
        .then_reads(Index::all, Vec::new());
}

#[test]
fn envelopes_tell_the_time_that_the_clock_said() {
    use eventsource_core::prelude::*;

    #[derive(Debug, Default, PartialEq, Projection)]
    #[projection(name = "times", version = 1, from(Account), events(Opened), ignores(..))]
    struct Times(Vec<String>);

    use crate::domain::Opened;

    impl Project<Opened> for Times {
        fn project(&mut self, _: &Opened, envelope: &Envelope<'_>) {
            self.0.push(envelope.occurred_at.to_string());
        }
    }

    ProjectionScenario::<Times>::new()
        .given::<Account>(1, opened("ann"))
        .clock_at("2026-03-01T12:00:00Z")
        .given::<Account>(2, opened("bob"))
        .then_eq(Times(vec![
            "2026-01-01T00:00:00.000000Z".to_owned(),
            "2026-03-01T12:00:00.000000Z".to_owned(),
        ]));
}

#[test]
fn a_check_that_has_nothing_to_look_at_says_so() {
    let outcome = ProjectionScenario::<Balances>::new().then_eq(Balances::default());
    for check in ProjectionCheck::ALL {
        let verdict = outcome.verdict(*check);
        assert!(
            matches!(verdict, Verdict::NoSubject(_)),
            "{check}: {verdict:?}"
        );
    }
    let outcome = ProjectionScenario::<Balances>::new()
        .without(ProjectionCheck::Rebuilt)
        .given::<Account>(1, deposited(1))
        .then_eq(Balances(rows([("1", 1)])));
    let alone = |why: &str| Verdict::NoSubject(why.to_owned());
    assert_eq!(
        outcome.verdict(ProjectionCheck::Splits),
        alone("one event comes in one batch")
    );
    assert_eq!(
        outcome.verdict(ProjectionCheck::Resumed),
        alone("no event is behind the first one")
    );
    assert_eq!(outcome.verdict(ProjectionCheck::Rebuilt), Verdict::Off);
    assert_eq!(
        outcome.verdict(ProjectionCheck::Coverage),
        Verdict::Limited("it lists `order.placed`, of which none came".to_owned())
    );
}

#[test]
fn many_events_come_in_some_of_the_splits() {
    let told = ProjectionScenario::<Balances>::new();
    let told = (1..=40).fold(told, |told, id| told.given::<Account>(id % 3, deposited(1)));
    let outcome = told.then_reads(|balances| balances.0.values().sum::<i64>(), 40);
    assert_eq!(
        outcome.verdict(ProjectionCheck::Splits),
        Verdict::Limited("64 of 2^39 splits were tried, drawn by a fixed seed".to_owned())
    );
}

#[test]
fn without_the_first_check_what_comes_before_a_failure_is_read() {
    let outcome = ProjectionScenario::<BalanceRows>::new()
        .without(ProjectionCheck::Once)
        .on(Drawer::default())
        .given::<Account>(1, deposited(300))
        .given::<Order>(7, placed(2, 1))
        .given::<Account>(1, deposited(5))
        .then_rows(
            async |store| store.rows("balance-rows").await,
            rows([("1", 300)]),
        );
    assert_eq!(
        outcome.verdict(ProjectionCheck::Twice),
        Verdict::NoSubject("an event cannot be delivered".to_owned())
    );
}

#[tokio::test]
async fn a_scenario_runs_within_a_runtime() {
    ProjectionScenario::<BalanceRows>::new()
        .on(Drawer::default())
        .given::<Account>(1, deposited(300))
        .then_rows(
            async |store| store.rows("balance-rows").await,
            rows([("1", 300)]),
        );
}
