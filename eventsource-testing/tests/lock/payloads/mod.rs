//! Golden payloads: what is written, what is refused, what is found.

mod today;

use std::{fs, path::Path};

use eventsource_core::{Aggregates, Registry};
use eventsource_testing::payloads::{self, PayloadProblem};
use expect_test::expect;
use tempfile::TempDir;

use crate::support::names::*;

mod first {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "deposited", sample = Self { euros: 2 })]
    pub(super) struct Deposited {
        pub(super) euros: u32,
    }

    #[derive(Debug, Default, Aggregate)]
    #[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Deposited))]
    pub(super) struct Account;

    impl<E> Apply<E> for Account {
        fn apply(&mut self, _: &E) {}
    }
}

/// The second version, with a step that can be wrong.
macro_rules! second {
    ($module:ident, $factor:literal) => {
        mod $module {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
            #[event(name = "deposited", version = 2, sample = Self { cents: 700 })]
            pub(super) struct Deposited {
                #[event(was(euros: u32, before = 2, with = |euros| u64::from(euros) * $factor))]
                pub(super) cents: u64,
            }

            #[derive(Debug, Default, Aggregate)]
            #[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Deposited))]
            pub(super) struct Account;

            impl<E> Apply<E> for Account {
                fn apply(&mut self, _: &E) {}
            }
        }
    };
}
second!(second, 100);
second!(wrong, 10);

mod retired {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "opened", sample = Self)]
    pub(super) struct Opened;

    #[derive(Debug, Default, Aggregate)]
    #[aggregate(
        name = "account",
        id = u64,
        error = std::convert::Infallible,
        events(Opened),
        retired("deposited", from = first::Deposited, into = |old: first::Deposited| (0..old.euros).map(|_| Opened.into()).collect::<Vec<AccountEvent>>()),
    )]
    pub(super) struct Account;

    impl<E> Apply<E> for Account {
        fn apply(&mut self, _: &E) {}
    }
}

fn check<A: Aggregates>(folder: &Path, bless: bool) -> Result<Vec<String>, Vec<PayloadProblem>> {
    let registry = Registry::of::<A>().expect("no name is shared");
    let written = payloads::check(&registry, folder, bless).map_err(|error| error.problems)?;
    let short = |path: &Path| {
        let path = path.strip_prefix(folder).unwrap_or(path);
        path.display().to_string()
    };
    Ok(written.iter().map(|path| short(path)).collect())
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).expect("the file is there")
}

/// The payloads of the first version.
fn begun() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let problems = check::<first::Account>(folder.path(), false).expect_err("nothing is there");
    assert!(
        matches!(&problems[..], [PayloadProblem::NotCommitted { .. }]),
        "{problems:?}"
    );
    let written = check::<first::Account>(folder.path(), true).expect("the sample is written");
    assert_eq!(written, ["deposited/v1.json", "deposited/v1.today.json"]);
    assert_eq!(
        check::<first::Account>(folder.path(), false).ok(),
        Some(Vec::new())
    );
    folder
}

#[test]
fn the_first_sight_is_written_when_it_is_blessed() {
    let folder = begun();
    assert_eq!(text(folder.path(), "deposited/v1.json"), "{\"euros\":2}\n");
    assert_eq!(
        text(folder.path(), "deposited/v1.today.json"),
        "[\n  {\"event\": \"deposited\", \"version\": 1, \"payload\": {\"euros\":2}}\n]\n"
    );
}

#[test]
fn a_new_version_may_say_what_older_events_are_today() {
    let folder = begun();
    let problems = check::<second::Account>(folder.path(), false).expect_err("today is another");
    assert!(
        matches!(
            &problems[..],
            [
                PayloadProblem::Differs { moved_on: true, .. },
                PayloadProblem::NotCommitted { .. }
            ]
        ),
        "{problems:?}"
    );
    let written = check::<second::Account>(folder.path(), true).expect("the version is new");
    assert_eq!(
        written,
        [
            "deposited/v1.today.json",
            "deposited/v2.json",
            "deposited/v2.today.json"
        ]
    );
    assert_eq!(
        text(folder.path(), "deposited/v1.json"),
        "{\"euros\":2}\n",
        "what was stored stays"
    );
    assert!(text(folder.path(), "deposited/v1.today.json").contains("\"cents\":200"));
    assert_eq!(
        check::<second::Account>(folder.path(), false).ok(),
        Some(Vec::new())
    );
}

#[test]
fn a_step_that_does_otherwise_is_refused_blessed_or_not() {
    let folder = begun();
    check::<second::Account>(folder.path(), true).expect("the version is new");
    let words = [false, true].map(|bless| {
        let problems =
            check::<wrong::Account>(folder.path(), bless).expect_err("the step is another");
        let [
            problem @ PayloadProblem::Differs {
                moved_on: false, ..
            },
        ] = &problems[..]
        else {
            panic!("{problems:?}");
        };
        let words = problem.to_string();
        words.replace(&folder.path().display().to_string(), "payloads")
    });
    assert_eq!(words[0], words[1]);
    expect![[r#"
        payloads/deposited/v1.today.json: the golden payload of `deposited` version 1 is another event today than it was
              /0/payload/cents: expected 200, is 20
            what differs has no newer version, so that stored events mean something else than before: mend the step, or write a new version; blessing does not accept this"#]].assert_eq(&words[0]);
    assert!(text(folder.path(), "deposited/v1.today.json").contains("\"cents\":200"));
}

#[test]
fn an_older_version_without_an_example_has_to_be_written_by_hand() {
    let folder = TempDir::new().expect("a folder");
    let problems = check::<second::Account>(folder.path(), true).expect_err("version 1 is missing");
    let [
        problem @ PayloadProblem::Missing {
            version: 1,
            is_written: false,
            ..
        },
    ] = &problems[..]
    else {
        panic!("{problems:?}");
    };
    let words = problem
        .to_string()
        .replace(&folder.path().display().to_string(), "payloads");
    expect![[r#"
        payloads/deposited/v1.json is missing
            write it by hand: the JSON of one `Deposited` as version 1 stored it, best one from a real store, without personal data; or give it to a scenario, `given_stored(..)`, and run `EVENTSOURCE_BLESS=1 cargo test`"#]].assert_eq(&words);
    fs::write(folder.path().join("deposited/v1.json"), "{\"euros\": 1}").expect("written");
    check::<second::Account>(folder.path(), true).expect("by hand is well");
}

#[test]
fn an_event_that_was_retired_keeps_its_example() {
    let folder = begun();
    let problems =
        check::<retired::Account>(folder.path(), false).expect_err("it is two events today");
    assert!(
        matches!(&problems[0], PayloadProblem::Differs { moved_on: true, .. }),
        "{problems:?}"
    );
    check::<retired::Account>(folder.path(), true).expect("the list is another");
    let today = text(folder.path(), "deposited/v1.today.json");
    assert_eq!(today.matches("\"event\": \"opened\"").count(), 2, "{today}");
}

#[test]
fn a_payload_that_is_not_read_any_more_is_never_written_anew() {
    let folder = begun();
    let path = folder.path().join("deposited/v1.json");
    fs::write(&path, "{\"euros\":\"2.50\"}").expect("written");
    for bless in [false, true] {
        let problems = check::<first::Account>(folder.path(), bless).expect_err("it is no number");
        assert!(
            matches!(&problems[..], [PayloadProblem::Unreadable { .. }]),
            "{problems:?}"
        );
        assert!(!problems[0].to_string().contains("2.50"));
    }
    assert_eq!(
        text(folder.path(), "deposited/v1.json"),
        "{\"euros\":\"2.50\"}"
    );
}

#[test]
fn a_payload_that_was_lost_is_not_made_up_again() {
    let folder = begun();
    let lost = folder.path().join("deposited/v1.json");
    fs::remove_file(&lost).expect("it was there");
    for bless in [false, true] {
        let problems = check::<first::Account>(folder.path(), bless).expect_err("it is gone");
        assert!(
            matches!(&problems[..], [PayloadProblem::Lost { path, .. }] if *path == lost),
            "{problems:?}"
        );
    }
    assert!(!lost.exists());
    // Where it was never stored, both go.
    fs::remove_file(folder.path().join("deposited/v1.today.json")).expect("it was there");
    check::<first::Account>(folder.path(), true).expect("nothing of it is left");
}

#[test]
fn nothing_is_written_while_something_is_wrong() {
    let folder = begun();
    let stray = folder.path().join("was_renamed/v1.json");
    fs::create_dir_all(folder.path().join("was_renamed")).expect("made");
    fs::rename(folder.path().join("deposited/v1.json"), &stray).expect("renamed");
    fs::remove_file(folder.path().join("deposited/v1.today.json")).expect("it was there");
    let problems = check::<first::Account>(folder.path(), true).expect_err("it was renamed");
    assert!(
        matches!(&problems[..], [PayloadProblem::Stray { path }] if *path == stray),
        "{problems:?}"
    );
    assert!(!folder.path().join("deposited/v1.json").exists());
}

#[test]
fn the_reason_stands_before_what_to_do() {
    let folder = begun();
    fs::write(folder.path().join("deposited/v1.json"), "{}").expect("written");
    let registry = Registry::of::<first::Account>().expect("no name is shared");
    let error = payloads::check(&registry, folder.path(), false).expect_err("it is not read");
    let words = error.to_string();
    expect![[r#"
        the golden payloads are not as they should be:

          payloads/deposited/v1.json is not read any more: the payload of `deposited` does not have the shape of its schema version 1: missing field `euros` at line 1 column 2
              it is what was stored: mend the event, not the file; where the event's shape changed, the test `every_stored_shape_is_locked` says what to write"#]].assert_eq(&words.replace(&folder.path().display().to_string(), "payloads"));
}

#[test]
fn files_that_belong_to_nothing_are_found() {
    let folder = begun();
    for stray in [
        "deposited/v9.json",
        "deposited/note.txt",
        "depositd/v1.json",
    ] {
        let path = folder.path().join(stray);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, "{}").expect("written");
        let problems =
            check::<first::Account>(folder.path(), true).expect_err("it belongs to nothing");
        assert!(
            matches!(&problems[..], [PayloadProblem::Stray { path: found }] if *found == path),
            "{problems:?}"
        );
        fs::remove_file(&path).expect("removed");
    }
}

#[test]
fn an_expectation_that_is_not_json_is_found() {
    let folder = begun();
    fs::write(
        folder.path().join("deposited/v1.today.json"),
        "<<<<<<< ours\n",
    )
    .expect("written");
    let problems = check::<first::Account>(folder.path(), true).expect_err("it is not JSON");
    assert!(
        matches!(&problems[..], [PayloadProblem::NotJson { .. }]),
        "{problems:?}"
    );
}
