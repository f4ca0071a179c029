//! What failing scenarios say, word by word, and where.

use eventsource_testing::prelude::*;
use expect_test::expect_file;

use crate::{
    domain::{
        Account, BalanceRows, Balances, Closed, Index, Order, Owners, Welcome, deposited, opened,
        placed, rows,
    },
    drawer::Drawer,
    planted::{memory, outside, transactions},
    support::failure,
};

#[test]
fn what_differs_is_shown_below_what_was_told() {
    let mut line = 0;
    let failure = failure(|| {
        let told = ProjectionScenario::<Balances>::new()
            .without(ProjectionCheck::Splits)
            .given_stored::<Account>(
                1,
                "account.opened_funded",
                1,
                json!({"owner": "ann", "cents": 5}),
            )
            .given_stored::<Account>(1, "account.viewed", 1, json!(null))
            .when::<Account>(1, opened("bob"))
            .when::<Order>(7, placed(1, 2));
        line = line!() + 1;
        told.then_eq(Balances(rows([("1", 4)])))
    });
    failure.is_text(&expect_file!["golden/differs.txt"]);
    assert_eq!((failure.file.as_str(), failure.line), (file!(), line));
}

#[test]
fn a_forgotten_then_is_told() {
    failure(|| drop(ProjectionScenario::<Balances>::new().given::<Account>(1, deposited(1))))
        .is_text(&expect_file!["golden/forgotten_then.txt"]);
    failure(|| drop(ProjectionScenario::<BalanceRows>::new().on(Drawer::default())))
        .is_text(&expect_file!["golden/forgotten_then_in_store.txt"]);
    let welcome =
        || ReactionScenario::<Welcome>::with_fake(Index::default, |index| Welcome(index.clone()));
    failure(|| drop(welcome().when::<Account>(1, opened("ann"))))
        .is_text(&expect_file!["golden/forgotten_then_of_reaction.txt"]);
}

#[test]
fn what_cannot_be_told_is_refused_where_it_is_told() {
    let scenario = ProjectionScenario::<Balances>::new;
    failure(|| scenario().given_stored::<Account>(1, "account.gone", 1, json!(null)))
        .is_text(&expect_file!["golden/unknown_name.txt"]);
    failure(|| {
        scenario()
            .when::<Account>(1, deposited(1))
            .given::<Account>(1, deposited(2))
    })
    .is_text(&expect_file!["golden/given_late.txt"]);
    failure(|| scenario().clock_at("noon")).says(&["balances: "]);
}

#[test]
fn a_store_with_events_is_refused() {
    let store = Drawer::default();
    ProjectionScenario::<BalanceRows>::new()
        .on(store.clone())
        .given::<Account>(1, deposited(1))
        .then_rows(
            async |store| store.rows("balance-rows").await,
            rows([("1", 1)]),
        );
    failure(|| {
        ProjectionScenario::<BalanceRows>::new()
            .on(store.clone())
            .given::<Account>(1, deposited(1))
            .then_rows(
                async |store| store.rows("balance-rows").await,
                rows([("1", 1)]),
            )
    })
    .is_text(&expect_file!["golden/used_store.txt"]);
}

#[test]
fn events_of_which_none_can_come_are_refused() {
    failure(|| {
        ProjectionScenario::<Owners>::with_fake(Index::default, |index| Owners(index.clone()))
            .given::<Order>(7, placed(1, 2))
            .when::<Order>(8, placed(1, 3))
            .then_reads(Index::all, Vec::new())
    })
    .is_text(&expect_file!["golden/of_others.txt"]);
    // An event that is ignored may be told, to show that it is.
    ProjectionScenario::<Owners>::with_fake(Index::default, |index| Owners(index.clone()))
        .given::<Order>(7, placed(1, 2))
        .when::<Account>(1, Closed)
        .then_reads(Index::all, Vec::new());
}

#[test]
fn what_a_look_asserts_is_what_came() {
    failure(|| {
        ProjectionScenario::<Balances>::new()
            .given::<Account>(1, deposited(1))
            .then_state(|balances| assert!(balances.0.is_empty(), "somebody has something"))
    })
    .is_text(&expect_file!["golden/look.txt"]);
}

#[test]
fn a_required_check_without_a_subject_fails() {
    failure(|| {
        ProjectionScenario::<Balances>::new()
            .requires(ProjectionCheck::Twice)
            .given::<Account>(1, deposited(1))
            .then_eq(Balances(rows([("1", 1)])))
    })
    .is_text(&expect_file!["golden/required.txt"]);
}

/// One text for each check.
#[test]
fn each_check_says_what_it_has_found() {
    let found = [
        (
            "once",
            transactions::PLANTED,
            "once_finds_a_handler_that_fails",
        ),
        (
            "once_panic",
            memory::PLANTED,
            "once_finds_a_handler_that_panics",
        ),
        (
            "repeat",
            outside::PLANTED,
            "repeat_finds_ids_that_are_made_up",
        ),
        (
            "twice",
            outside::PLANTED,
            "twice_finds_a_reaction_without_ids",
        ),
        (
            "twice_undone",
            transactions::PLANTED,
            "twice_finds_a_counter_that_is_not_undone",
        ),
        (
            "twice_step",
            transactions::PLANTED,
            "twice_finds_a_store_that_takes_a_step_twice",
        ),
        (
            "splits",
            transactions::PLANTED,
            "splits_finds_what_depends_on_a_transaction",
        ),
        (
            "rebuilt",
            memory::PLANTED,
            "rebuilt_finds_a_sum_that_two_models_share",
        ),
        (
            "rebuilt_outside",
            outside::PLANTED,
            "rebuilt_finds_what_looks_back_too_short",
        ),
        (
            "resumed",
            transactions::PLANTED,
            "resumed_finds_what_is_kept_in_the_projection",
        ),
        (
            "from_now",
            outside::PLANTED,
            "from_now_finds_what_is_done_at_the_start",
        ),
        (
            "coverage",
            memory::PLANTED,
            "coverage_finds_a_listed_event_that_does_not_come",
        ),
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/projection/golden");
    for (file, planted, name) in found {
        let one = planted.iter().find(|one| one.says == name);
        let play = one.unwrap_or_else(|| panic!("{name} is not planted")).play;
        let path = std::path::PathBuf::from(format!("{folder}/check_{file}.txt"));
        let golden = expect_test::ExpectFile {
            path,
            position: file!(),
        };
        failure(|| play(None)).is_text(&golden);
    }
}
