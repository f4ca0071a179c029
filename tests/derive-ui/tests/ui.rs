//! Compiles the cases: each of `fail` must fail with the messages beside it, each of `pass` must compile and run.

use std::path::{Path, PathBuf};

/// Messages of the compiler are part of the expected text, so it belongs to one version.
#[rustversion::attr(not(stable(1.95)), ignore = "stderr is pinned to 1.95")]
#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fail/*/*.rs");
    cases.pass("tests/pass/*/*.rs");
}

/// Cases in which the compiler itself reports one mistake more than once, each with the reason.
const MORE_THAN_ONE: &[(&str, usize, &str)] = &[
    (
        "aggregate/one_event_under_two_paths",
        3,
        "that two paths are one type is seen when the impls meet, and two impls and a constant do",
    ),
    (
        "history/serde_getter",
        2,
        "serde knows `getter` beside `remote` only, which is refused, too",
    ),
    (
        "history/past_of_a_plain_type",
        3,
        "the derive of serde asks for `Deserialize` where it reads a field, an element and a missing field",
    ),
];

#[test]
fn one_mistake_is_one_error() {
    for case in cases("stderr") {
        let text = std::fs::read_to_string(&case).unwrap();
        let errors = text
            .lines()
            .filter(|line| line.starts_with("error"))
            // The second place of one mistake.
            .filter(|line| !line.ends_with("is first used here") && !line.ends_with("is here"))
            .count();
        let name = name(&case);
        let expected = MORE_THAN_ONE
            .iter()
            .find(|(exception, ..)| *exception == name)
            .map_or(1, |(_, errors, _)| *errors);
        assert_eq!(errors, expected, "{name}");
    }
}

// D8
#[test]
fn a_forgotten_id_is_a_compile_error() {
    says(
        "aggregate/id_forgotten",
        "error: missing `id` on aggregate `Account`",
    );
}

// D9
#[test]
fn an_unknown_item_in_a_list_is_a_compile_error() {
    says(
        "aggregate/unknown_item_in_events",
        "error: unknown item `skipped` in `events(..)`",
    );
}

// D10
#[test]
fn two_events_of_one_stored_name_are_a_compile_error() {
    says(
        "aggregate/two_events_of_one_stored_name",
        "error[E0080]: evaluation panicked: `Opened` and `Closed` are both stored under the name \"account.opened\"",
    );
}

// D15
#[test]
fn a_changed_shape_under_an_old_number_is_a_compile_error() {
    let text = first_line("history/pin");
    assert!(
        text.contains("was pinned as 00000000: write `version = 2`"),
        "{text}"
    );
}

// D18
#[test]
fn a_chain_with_a_hole_is_a_compile_error() {
    says(
        "history/gap",
        "error: nothing says what changed in version 3 of `Deposited`",
    );
}

#[test]
fn an_event_that_a_projection_lists_and_does_not_handle_is_a_compile_error() {
    for (case, subject) in [
        ("projection/handler_missing", "projection `Balances`"),
        (
            "projection/handler_missing_at_least_once",
            "projection `Balances`",
        ),
        ("reaction/handler_missing", "reaction `Mailer`"),
    ] {
        let first = format!("error[E0277]: {subject} has no handler for the event `Closed`");
        says(case, &first);
    }
    says(
        "projection/handler_missing_in_a_transaction",
        "error[E0277]: projection `Balances` has no handler for the event `Closed` in a transaction of type `Tx`",
    );
}

#[test]
fn an_event_of_which_a_projection_says_nothing_is_a_compile_error() {
    for (case, subject) in [
        ("projection/event_forgotten", "projection `Balances`"),
        ("reaction/event_forgotten", "reaction `Mailer`"),
    ] {
        let text = first_line(case);
        let expected = format!(
            "{subject} says nothing of the event \"account.closed\" of aggregate `Account`: list it in `events(..)`, or \
             name it in `ignores(..)`"
        );
        assert!(text.ends_with(&expected), "{text}");
    }
}

#[test]
fn an_event_that_no_aggregate_of_a_projection_lists_is_a_compile_error() {
    for case in [
        "projection/event_of_no_aggregate",
        "projection/event_of_another_aggregate",
        "reaction/event_of_no_aggregate",
    ] {
        let text = first_line(case);
        let expected = "aggregate `Account` does not list the event `Placed`";
        assert!(text.ends_with(expected), "{text}");
    }
}

#[test]
fn a_handler_for_an_ignored_event_is_a_compile_error() {
    for case in [
        "projection/handler_of_an_ignored_event",
        "projection/handler_of_an_ignored_event_in_a_transaction",
        "projection/handler_of_an_ignored_event_at_least_once",
        "reaction/handler_of_an_ignored_event",
    ] {
        let text = first_line(case);
        let expected = "`Closed` is ignored, and has a handler: list it in `events(..)`, remove the handler, or ignore it by two dots";
        assert!(text.ends_with(expected), "{text}");
    }
}

/// The first line of what a case says.
fn says(case: &str, first: &str) {
    assert_eq!(first_line(case), first);
}

fn first_line(case: &str) -> String {
    let fail = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fail");
    let text = std::fs::read_to_string(fail.join(case).with_extension("stderr"));
    let text = text.expect("a case has its message beside it");
    text.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn every_case_has_its_message() {
    let names = |ending| -> Vec<String> { cases(ending).iter().map(|path| name(path)).collect() };
    assert_eq!(
        names("rs"),
        names("stderr"),
        "a case without its message, or the reverse"
    );
    for (exception, ..) in MORE_THAN_ONE {
        assert!(
            names("rs").iter().any(|name| name == exception),
            "{exception}"
        );
    }
}

/// The files of `fail` that end in `ending`, in order.
fn cases(ending: &str) -> Vec<PathBuf> {
    let fail = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fail");
    let mut files: Vec<PathBuf> = entries(&fail)
        .flat_map(|folder| entries(&folder))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == ending)
        })
        .collect();
    files.sort();
    files
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder).expect("a folder of cases");
    entries.map(|entry| entry.expect("a case").path())
}

/// `aggregate/id_forgotten`.
fn name(case: &Path) -> String {
    let case = case.with_extension("");
    let folder = case.parent().and_then(Path::file_name).unwrap_or_default();
    let file = case.file_name().unwrap_or_default();
    format!("{}/{}", folder.display(), file.display())
}
