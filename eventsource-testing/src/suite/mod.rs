//! The conformance suite: what every store must do, as one list of cases.
//!
//! A backend writes a [`Fixture`] and one line:
//!
//! ```
//! use std::sync::Arc;
//!
//! use eventsource_core::{EventStore, MemoryStore, async_trait};
//! use eventsource_testing::suite::{Fixture, Setup};
//!
//! struct InMemory;
//!
//! #[async_trait]
//! impl Fixture for InMemory {
//!     async fn create() -> Self {
//!         Self
//!     }
//!
//!     async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
//!         Arc::new(match setup.faults {
//!             Some(faults) => MemoryStore::with_faults(faults),
//!             None => MemoryStore::with_clock(setup.clock),
//!         })
//!     }
//! }
//!
//! eventsource_testing::event_store_suite!(InMemory);
//! ```
//!
//! Each case becomes a test of its own, named by its id in the list. A case that needs a capability tests the refusal
//! where the store does not declare it: nothing is skipped. The test `conformance_report` prints what the store claims
//! and refuses.
//!
//! `EVENTSOURCE_LONG=1` repeats the storms more often.

mod bench;
mod cases;
mod child;
mod fixture;
mod history;
mod hooks;
mod kit;
mod minimum;
mod run;

use std::fmt;

use bench::Running;
use eventsource_core::Capability;

pub use bench::{Bench, Make};
pub use fixture::{Fixture, Setup};
pub use minimum::{MINIMUM, Minimum};
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
    /// The capability without which it tests the refusal.
    pub needs: Option<Capability>,
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

macro_rules! cases {
    ($d:tt $($module:ident { $($case:ident $contract:tt $($capability:ident)?;)* })*) => {
        /// Every case, in the order of the list.
        pub const CASES: &[Case] = &[$($(Case {
            name: stringify!($case),
            contract: &$contract,
            needs: cases!(@needs $($capability)?),
            body: |bench| Box::pin(cases::$module::$case(bench)),
        },)*)*];

        /// Makes one test of each case of the [conformance suite](crate::suite), for the stores of a
        /// [`Fixture`](crate::suite::Fixture).
        ///
        /// It is called once in a module.
        #[macro_export]
        macro_rules! event_store_suite {
            ($d fixture:ty) => {
                $($(
                    #[test]
                    fn $case() {
                        $crate::suite::test_case::<$d fixture>(stringify!($case), module_path!());
                    }
                )*)*

                #[test]
                fn conformance_report() {
                    $crate::suite::test_report::<$d fixture>();
                }

                /// Does nothing by itself: cases start it as a process of its own.
                #[test]
                fn suite_child() {
                    $crate::suite::test_child::<$d fixture>();
                }
            };
        }
    };
    (@needs) => { None };
    (@needs $capability:ident) => { Some(Capability::$capability) };
}

// The numbers are those of the contract, in the docs of `EventStore`; a name is the capability that a case needs.
cases! { $
    append {
        a_01_an_event_is_read_back_as_it_was_written [9];
        a_02_a_batch_keeps_its_order [1, 5];
        a_03_an_empty_append_stores_nothing [4];
        a_04_an_empty_append_may_be_repeated [4];
        a_05_a_receipt_says_where_the_events_stand [1, 5];
        a_06_positions_of_one_append_follow_each_other [14];
        a_07_a_batch_with_a_duplicate_id_in_the_middle_stores_nothing [3, 7];
        a_08_a_panic_of_the_caller_leaves_the_store_usable [8, 13];
        a_09_an_event_that_cannot_be_stored_is_rejected_before_anything_is_written [3, 8];
    }
    expectation {
        c_01_any_on_a_missing_stream_appends [1, 2];
        c_02_no_stream_on_a_missing_stream_appends [1, 2];
        c_03_exists_on_a_missing_stream_conflicts [2];
        c_04_exact_on_a_missing_stream_conflicts [2];
        c_05_any_on_an_existing_stream_appends [1, 2];
        c_06_no_stream_on_an_existing_stream_conflicts [2];
        c_07_exists_on_an_existing_stream_appends [1, 2];
        c_08_exact_on_an_existing_stream_appends_at_that_version_only [1, 2];
        c_17_a_version_too_low_too_high_or_far_off_conflicts [2];
        c_18_a_conflict_brings_the_missed_events_that_were_asked_for [2];
        c_19_a_conflict_leaves_nothing_behind [2, 3];
    }
}
