//! A broken projection or reaction for each check: the check finds it, and, but for where that is said, nothing else does.

pub(crate) mod memory;
pub(crate) mod outside;
pub(crate) mod transactions;

use std::fmt::Write as _;

use eventsource_testing::prelude::*;
use expect_test::expect_file;

use crate::support::{Failure, failure};

/// A scenario on something broken.
pub(crate) struct Planted {
    /// What is broken, and what finds it.
    pub(crate) says: &'static str,
    check: ProjectionCheck,
    /// Plays it, without one of the checks.
    pub(crate) play: fn(Option<ProjectionCheck>),
}

/// Plants what is broken. `only` is found by this check and by no other; `also` by more, or it is there without the
/// check.
macro_rules! planted {
    ($($(#[$doc:meta])* $name:ident: $kind:ident $check:ident, |$scenario:ident| $begin:expr => $play:expr;)*) => {
        pub(crate) const PLANTED: &[super::Planted] = &[$(super::Planted {
            says: stringify!($name),
            check: ProjectionCheck::$check,
            play: $name::play,
        }),*];

        $(
            #[test]
            $(#[$doc])*
            fn $name() {
                super::$kind(ProjectionCheck::$check, $name::play);
            }

            mod $name {
                use super::*;

                pub(super) fn play(without: Option<ProjectionCheck>) {
                    let scenario = $begin;
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
fn only(check: ProjectionCheck, play: fn(Option<ProjectionCheck>)) -> Failure {
    let found = also(check, play);
    assert_eq!(checks_in(&found.text), [check], "{}", found.text);
    play(Some(check));
    found
}

/// The scenario fails by this check.
#[track_caller]
fn also(check: ProjectionCheck, play: fn(Option<ProjectionCheck>)) -> Failure {
    let found = failure(|| play(None));
    found.says(&[&format!("check `{check}`")]);
    found
}

/// The checks that a failure names.
fn checks_in(text: &str) -> Vec<ProjectionCheck> {
    let all = ProjectionCheck::ALL.iter().copied();
    all.filter(|check| text.contains(&format!("check `{check}`:")))
        .collect()
}

#[test]
fn every_check_finds_something_that_was_planted() {
    let planted = [memory::PLANTED, transactions::PLANTED, outside::PLANTED];
    let planted: Vec<&Planted> = planted.into_iter().flatten().collect();
    let found: Vec<Vec<ProjectionCheck>> = planted
        .iter()
        .map(|one| checks_in(&failure(|| (one.play)(None)).text))
        .collect();
    let mut table = String::new();
    for check in ProjectionCheck::ALL {
        writeln!(table, "{check}").expect("a text");
        let mut rows = 0;
        let rest = planted.iter().zip(&found);
        for (one, found) in rest.filter(|(one, _)| one.check == *check) {
            assert!(found.contains(check), "{}", one.says);
            let others = found.iter().filter(|other| *other != check);
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
