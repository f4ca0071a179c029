//! The conformance suite: what every store must do, as one list of cases.
//!
//! A backend writes a [`Fixture`], as [`InMemory`] is one, and one line:
//!
//! ```
//! use eventsource_testing::suite::InMemory;
//!
//! eventsource_testing::event_store_suite!(InMemory);
//! ```
//!
//! A backend whose stores lie in folders has it easier still: see [`InFolder`]. How a backend is written, from the first
//! line to the green suite, is told in [`write_a_backend`].
//!
//! Each case becomes a test of its own, named by its id in the list. A case that needs a capability tests the refusal
//! where the store does not declare it: nothing is skipped. A case that needs a [`Hook`] which the fixture does not offer
//! says that it tests nothing. The test `conformance_report` prints what the store claims and refuses, and what the
//! fixture offers.
//!
//! `EVENTSOURCE_LONG=1` repeats the storms more often.

mod bench;
mod cases;
mod child;
mod fixture;
mod folder;
mod history;
mod hooks;
mod items;
mod kit;
mod list;
mod need;
mod run;
#[doc = include_str!("../../docs/write-a-backend.md")]
pub mod write_a_backend {}

use std::fmt;

use bench::Running;

pub use bench::{Bench, Make};
pub use fixture::{Fixture, InMemory, Setup};
pub use folder::{FolderBackend, InFolder};
pub use hooks::{Gate, Script};
pub use items::{ELSEWHERE, Elsewhere, ITEMS, LATER, Later, MINIMUM, Standing, items, standing};
pub use list::CASES;
pub use need::{Hook, Need};
pub use run::{Outcome, Report, run, run_cases};
#[doc(hidden)]
pub use run::{test_case, test_child, test_report};

/// One case of the suite.
#[non_exhaustive]
pub struct Case {
    /// The name of its test, which begins with its id.
    pub name: &'static str,
    /// The numbers of [`EventStore`](eventsource_core::EventStore)'s contract that it tests.
    pub contract: &'static [u8],
    /// The capabilities without which it tests the refusal, and the hooks without which it tests nothing.
    pub needs: &'static [Need],
    body: fn(Bench) -> Running<()>,
}

impl Case {
    /// Its id, such as `A-01`.
    ///
    /// ```
    /// let ids: Vec<_> = eventsource_testing::suite::CASES.iter().map(|case| case.id()).collect();
    /// assert_eq!(ids[0], "A-01");
    /// ```
    pub fn id(&self) -> String {
        let mut words = self.name.splitn(3, '_');
        let (letter, number) = (words.next(), words.next());
        format!(
            "{}-{}",
            letter.unwrap_or_default().to_uppercase(),
            number.unwrap_or_default()
        )
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("name", &self.name)
            .field("contract", &self.contract)
            .field("needs", &self.needs)
            .finish_non_exhaustive()
    }
}
