//! States that are folded in a broken way.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
};

use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;
use expect_test::expect_file;
use serde::{Deserialize, Serialize};

use super::planted;
use crate::support::failure;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "count.added")]
pub(super) struct Added {
    pub(super) n: i64,
    #[serde(skip)]
    pub(super) unstored: i64,
}

pub(super) fn added(n: i64, unstored: i64) -> Added {
    Added { n, unstored }
}

pub(super) struct Add(pub(super) i64);

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{0} is too much")]
pub(super) struct Overdrawn(pub(super) i64);

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident, apply $apply:expr, handle $handle:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Aggregate)]
        #[aggregate(name = "count", id = u64, error = Overdrawn, events(Added))]
        pub(super) struct $name {
            n: i64,
        }

        impl Apply<Added> for $name {
            fn apply(&mut self, event: &Added) {
                const APPLY: fn(i64, &Added) -> i64 = $apply;
                self.n = APPLY(self.n, event);
            }
        }

        impl Handle<Add> for $name {
            fn handle(&self, command: &Add) -> Decision<Self> {
                const HANDLE: fn(&Add) -> Result<Added, Overdrawn> = $handle;
                Ok(HANDLE(command)?.into())
            }
        }
    )*};
}
pub(super) use counts;

static FOLDS: AtomicI64 = AtomicI64::new(0);

thread_local! {
    /// What the aggregate that is being folded has come to.
    static RUNNING: Cell<i64> = const { Cell::new(0) };

    /// How many events were applied since the last decision.
    static APPLIED: Cell<u32> = const { Cell::new(0) };
}

/// Adds, but for one time after a decision.
fn added_but_at(time: u32, n: i64, event: &Added) -> i64 {
    APPLIED.set(APPLIED.get() + 1);
    assert!(APPLIED.get() != time, "not now");
    n + event.n
}

/// Lets the count of applied events begin anew.
fn decided_anew(command: &Add) -> Added {
    APPLIED.set(0);
    added(command.0, 0)
}

counts! {
    Sound, apply |n, event| n + event.n, handle |command| Ok(added(command.0, 0));
    /// Folds by a counter of its own.
    FoldsByCounter, apply |_, _| FOLDS.fetch_add(1, SeqCst), handle |command| Ok(added(command.0, 0));
    /// Folds by what is not stored.
    FoldsUnstored, apply |n, event| n + event.unstored, handle |command| Ok(added(command.0, 7));
    /// Keeps its sum beside the state. The first event begins it anew, so that folding alone goes well.
    FoldsBeside,
    apply |n, event| {
        if n == 0 {
            RUNNING.set(0);
        }
        RUNNING.set(RUNNING.get() + event.n);
        RUNNING.get()
    },
    handle |command| Ok(added(command.0, 0));
    /// Cannot fold every number.
    PanicsAt13,
    apply |n, event| {
        assert!(n + event.n != 13, "{} is too much", n + event.n);
        n + event.n
    },
    handle |command| Ok(added(command.0, 0));
    /// Of one given event and a new one: the new one is applied, both are replayed, and the fourth and fifth time both are
    /// folded to be compared with.
    PanicsInTheWhole, apply |n, event| added_but_at(5, n, event), handle |command| Ok(decided_anew(command));
    /// The sixth and seventh time both are folded after a cut before them, and then one by one.
    PanicsBetweenCuts, apply |n, event| added_but_at(8, n, event), handle |command| Ok(decided_anew(command));
}

/// A state with a number that can be changed through a shared reference.
macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident { $n:ident: $of:ty } clone $clone:expr, handle $handle:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Aggregate)]
        #[aggregate(name = "count", id = u64, error = Overdrawn, events(Added))]
        pub(super) struct $name {
            $n: $of,
        }

        impl Clone for $name {
            fn clone(&self) -> Self {
                const CLONE: fn(&$of) -> $of = $clone;
                Self {
                    $n: CLONE(&self.$n),
                }
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.$n.load(SeqCst) == other.$n.load(SeqCst)
            }
        }

        impl Apply<Added> for $name {
            fn apply(&mut self, event: &Added) {
                self.$n.fetch_add(event.n, SeqCst);
            }
        }

        impl Handle<Add> for $name {
            fn handle(&self, command: &Add) -> Decision<Self> {
                const HANDLE: fn(&$of, i64) = $handle;
                HANDLE(&self.$n, command.0);
                Ok(added(command.0, 0).into())
            }
        }
    )*};
}

shared! {
    /// Its clones are handles on the same number.
    Handles { n: Arc<AtomicI64> } clone Arc::clone, handle |_, _| {};
    /// Its clones have lost the number.
    Forgets { n: AtomicI64 } clone |_| AtomicI64::new(0), handle |_, _| {};
    /// Its handler changes the state, which the event then does once more.
    Impatient { n: AtomicI64 } clone |n| AtomicI64::new(n.load(SeqCst)), handle |n, more| {
        n.fetch_add(more, SeqCst);
    };
}

planted! {
    replay_finds_a_fold_that_depends_on_a_counter: only Replay in FoldsByCounter,
        |scenario| scenario.given([added(1, 0), added(1, 0)]).when(Add(2)).then(added(2, 0));
    replay_finds_a_fold_of_what_is_not_stored: only Replay in FoldsUnstored,
        |scenario| scenario.without(Check::RoundTrip).when(Add(2)).then(added(2, 0));
    /// D1: the state is changed by the handler, and by the event once more.
    replay_finds_a_state_that_is_changed_in_the_handler: only Replay in Impatient,
        |scenario| scenario.without(Check::PureDecision).given(added(10, 0)).when(Add(10)).then(added(10, 0));
    split_fold_finds_a_sum_that_is_kept_beside_the_state: only SplitFold in FoldsBeside,
        |scenario| scenario.given([added(1, 0), added(2, 0)]).when(Add(3)).then(added(3, 0));
    split_fold_finds_clones_that_share_what_they_hold: only SplitFold in Handles,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    split_fold_finds_clones_that_have_lost_something: only SplitFold in Forgets,
        |scenario| scenario.given(added(1, 0)).when(Add(3)).then(added(3, 0));
    no_panic_finds_a_given_event_that_cannot_be_applied: also NoPanic in PanicsAt13,
        |scenario| scenario.given([added(12, 0), added(1, 0)]).when(Add(1)).then(added(1, 0));
    no_panic_finds_an_event_of_a_given_command_that_cannot_be_applied: also NoPanic in PanicsAt13,
        |scenario| scenario.given_commands([Add(12), Add(1), Add(1)]).when(Add(1)).then(added(1, 0));
    no_panic_finds_a_new_event_that_cannot_be_applied: also NoPanic in PanicsAt13,
        |scenario| scenario.given(added(12, 0)).when(Add(1)).then(added(1, 0));
    no_panic_finds_a_panic_that_comes_when_the_history_is_folded_again: also NoPanic in PanicsInTheWhole,
        |scenario| scenario.given(added(1, 0)).when(Add(1)).then(added(1, 0));
    no_panic_finds_a_panic_that_comes_between_two_cuts: also NoPanic in PanicsBetweenCuts,
        |scenario| scenario.given(added(1, 0)).when(Add(1)).then(added(1, 0));
}

#[test]
fn a_sound_domain_passes() {
    Scenario::<Sound>::new()
        .given(added(1, 0))
        .when(Add(2))
        .then(added(2, 0))
        .and_state(|count| assert_eq!(count.n, 3));
}

// D1: also where the check for it is the only one.
#[test]
fn the_state_after_a_command_is_the_one_that_is_loaded() {
    failure(|| replay_finds_a_state_that_is_changed_in_the_handler::play(None))
        .is_text(&expect_file!["../golden/check_replay.txt"]);
}

#[test]
fn a_split_fold_shows_both_states() {
    failure(|| split_fold_finds_clones_that_have_lost_something::play(None))
        .is_text(&expect_file!["../golden/check_split_fold.txt"]);
}

#[test]
fn a_panic_of_apply_is_told_with_the_event_and_its_version() {
    failure(|| no_panic_finds_a_given_event_that_cannot_be_applied::play(None))
        .is_text(&expect_file!["../golden/check_no_panic.txt"]);
}

// Only the first fold of a history was heard.
#[test]
fn without_the_check_for_panics_another_check_finds_that_a_history_is_not_folded_again() {
    for play in [
        no_panic_finds_a_panic_that_comes_when_the_history_is_folded_again::play,
        no_panic_finds_a_panic_that_comes_between_two_cuts::play,
    ] {
        failure(|| play(Some(Check::NoPanic))).says(&[
            "check `split fold`",
            "cannot be folded again: `apply` panicked: not now",
        ]);
    }
}

#[test]
fn without_the_check_a_panic_of_apply_is_the_test_s_own() {
    let off = Some(Check::NoPanic);
    let found = failure(|| no_panic_finds_a_given_event_that_cannot_be_applied::play(off));
    assert_eq!(found.text, "13 is too much");
}

#[test]
fn a_long_history_is_cut_at_some_places_only_and_says_so() {
    let many: Vec<_> = (0..300).map(|n| added(n, 0)).collect();
    let outcome = Scenario::<Sound>::new()
        .given(many)
        .when(Add(1))
        .then(added(1, 0));
    assert_eq!(
        outcome.verdict(Check::SplitFold),
        Verdict::Limited("the 301 events were cut at 128 places only".to_owned())
    );
}
