//! The page about testing shows failures as they come out.

mod mistakes;
#[path = "../../docs/parcels.rs"]
mod parcels;
mod side_effect;
#[path = "../scenario/support.rs"]
#[expect(dead_code, reason = "the tests of scenarios use the rest")]
mod support;

use std::{fs, path::Path};

use eventsource_core::{Aggregates, Registry};
use eventsource_testing::{lock, payloads};
use tempfile::TempDir;

use crate::support::failure;

const PAGE: &str = include_str!("../../docs/testing.md");

/// The page has this text as a block of its own.
#[track_caller]
fn is_shown(text: &str) {
    let folder = file!().trim_end_matches("main.rs");
    let text = text.replace(folder, "tests/");
    let text = text.trim_end();
    assert!(
        PAGE.contains(&format!("\n```text\n{text}\n```\n")),
        "docs/testing.md does not have this block:\n\n```text\n{text}\n```\n"
    );
}

#[test]
fn the_page_shows_a_wrong_expectation() {
    is_shown(&failure(mistakes::wrong_expectation).text);
}

#[test]
fn the_page_shows_a_forgotten_then() {
    is_shown(&failure(mistakes::forgotten_then).text);
}

#[test]
fn the_page_shows_a_side_effect_that_is_done_twice() {
    is_shown(&failure(side_effect::without_an_id).text);
}

/// An aggregate with two events, one of them with one field.
macro_rules! domain {
    ($module:ident, $field:ident, $collected:literal) => {
        mod $module {
            use eventsource_core::prelude::*;
            use serde::{Deserialize, Serialize};

            #[derive(Debug, Serialize, Deserialize, Event)]
            #[event(name = $collected, sample = Self)]
            pub(crate) struct Collected;

            #[derive(Debug, Serialize, Deserialize, Event)]
            #[event(name = "parcel.code_refused", sample = Self { $field: 1 })]
            pub(crate) struct CodeRefused {
                pub(crate) $field: u32,
            }

            #[derive(Debug, Default, Aggregate)]
            #[aggregate(name = "parcel", id = u64, error = std::convert::Infallible, events(Collected, CodeRefused))]
            pub(crate) struct Parcel;

            impl<E> Apply<E> for Parcel {
                fn apply(&mut self, _: &E) {}
            }
        }
    };
}
domain!(locked, attempt, "parcel.collected");
domain!(changed_field, number, "parcel.collected");
domain!(renamed_event, attempt, "parcel.fetched");

/// The files of a program, written at first sight.
struct Program {
    folder: TempDir,
}

impl Program {
    fn locked() -> Self {
        let folder = TempDir::new().expect("a folder");
        let program = Self { folder };
        program.check::<locked::Parcel>(true).expect("it is new");
        program
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Both tests of `events_lock!`.
    fn check<A: Aggregates>(&self, bless: bool) -> Result<(), String> {
        let registry = Registry::of::<A>().expect("no name is shared");
        let shorter = |text: String| {
            let folder = self.path().display().to_string();
            text.replace(&folder, "/src/parcels")
        };
        let file = self.path().join(lock::FILE_NAME);
        lock::check(&registry, &file, bless).map_err(|error| shorter(error.to_string()))?;
        let folder = self.path().join(payloads::FOLDER_NAME);
        payloads::check(&registry, &folder, bless).map_err(|error| shorter(error.to_string()))?;
        Ok(())
    }

    #[track_caller]
    fn fails<A: Aggregates>(&self) -> String {
        self.check::<A>(false).expect_err("something is wrong")
    }
}

#[test]
fn the_page_shows_a_changed_field() {
    is_shown(&Program::locked().fails::<changed_field::Parcel>());
}

#[test]
fn the_page_shows_a_renamed_event() {
    is_shown(&Program::locked().fails::<renamed_event::Parcel>());
}

#[test]
fn the_page_shows_a_lost_payload_and_a_lost_lock() {
    let program = Program::locked();
    let lost = program.path().join("payloads/parcel.code_refused/v1.json");
    fs::remove_file(&lost).expect("it was there");
    is_shown(&program.fails::<locked::Parcel>());
    assert!(program.check::<locked::Parcel>(true).is_err());
    assert!(!lost.exists(), "what was stored is not made up");
    fs::remove_file(program.path().join(lock::FILE_NAME)).expect("it was there");
    is_shown(&program.fails::<locked::Parcel>());
}
