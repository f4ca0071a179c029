//! A broken domain for each check: the check finds it, and, but for where that is said, nothing else does.

mod decisions;
mod events;
mod folds;
mod snapshots;

use std::fmt::Write as _;

use eventsource_testing::prelude::*;
use expect_test::expect_file;

use crate::support::{Failure, failure};

/// A scenario on a broken domain.
pub(crate) struct Planted {
    /// What is broken, and what finds it.
    says: &'static str,
    check: Check,
    /// Plays it, without one of the checks.
    play: fn(Option<Check>),
}

/// Plants broken domains. `only` is found by this check and by no other; `also` by more, or it is there without the check.
macro_rules! planted {
    ($($(#[$doc:meta])* $name:ident: $kind:ident $check:ident in $of:ty, |$scenario:ident| $play:expr;)*) => {
        pub(super) const PLANTED: &[super::Planted] = &[$(super::Planted {
            says: stringify!($name),
            check: Check::$check,
            play: $name::play,
        }),*];

        $(
            #[test]
            $(#[$doc])*
            fn $name() {
                super::$kind(Check::$check, $name::play);
            }

            mod $name {
                use super::*;

                pub(super) fn play(without: Option<Check>) {
                    let scenario = Scenario::<$of>::new();
                    let $scenario = match without {
                        Some(check) => scenario.without(check),
                        None => scenario,
                    };
                    drop($play);
                }
            }
        )*
    };
}
use planted;

/// The scenario fails by this check, and passes without it.
#[track_caller]
fn only(check: Check, play: fn(Option<Check>)) -> Failure {
    let found = also(check, play);
    assert_eq!(checks_in(&found.text), [check]);
    play(Some(check));
    found
}

/// The scenario fails by this check.
#[track_caller]
fn also(check: Check, play: fn(Option<Check>)) -> Failure {
    let found = failure(|| play(None));
    found.says(&[&format!("check `{check}`")]);
    found
}

fn all_checks() -> impl Iterator<Item = Check> {
    Check::AUTOMATIC.iter().chain(Check::ON_DEMAND).copied()
}

/// The checks that a failure names.
fn checks_in(text: &str) -> Vec<Check> {
    all_checks()
        .filter(|check| text.contains(&format!("check `{check}`")))
        .collect()
}

#[test]
fn every_check_finds_something_that_was_planted() {
    let planted = [
        folds::PLANTED,
        decisions::PLANTED,
        events::PLANTED,
        snapshots::PLANTED,
    ];
    let planted: Vec<&Planted> = planted.into_iter().flatten().collect();
    let found: Vec<Vec<Check>> = planted
        .iter()
        .map(|one| checks_in(&failure(|| (one.play)(None)).text))
        .collect();
    let mut table = String::new();
    for check in all_checks() {
        writeln!(table, "{check}").expect("a text");
        let mut rows = 0;
        for (one, found) in planted
            .iter()
            .zip(&found)
            .filter(|(one, _)| one.check == check)
        {
            assert!(found.contains(&check), "{}", one.says);
            let others = found.iter().filter(|other| **other != check);
            let others = others.map(|other| format!(", and so does {other}"));
            let others = others.collect::<String>();
            writeln!(table, "    {}{others}", one.says.replace('_', " ")).expect("a text");
            rows += 1;
        }
        assert!(rows > 0, "nothing is planted for the check `{check}`");
    }
    println!("{table}");
    expect_file!["../golden/planted.txt"].assert_eq(&table);
}
