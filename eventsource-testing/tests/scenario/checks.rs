//! A broken domain for each check: the check finds it, and nothing else does.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use eventsource_core::prelude::*;
use eventsource_testing::{
    prelude::*,
    scenario::{Decided, Outcome, Verdict},
};
use expect_test::expect_file;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    by_hand::{BAD_NAME, DROPPED, Light, Lit, SWAPPED, Switch, UNLISTED},
    support::{Failure, failure},
};

/// The scenario fails by this check, and passes without it.
#[track_caller]
fn only_found_by<A: Aggregate>(
    check: Check,
    given: fn() -> Scenario<A>,
    play: fn(Scenario<A>) -> Outcome<A>,
) -> Failure {
    let found = failure(|| play(given()));
    found.says(&[&format!("check `{check}`")]);
    let outcome = play(given().without(check));
    assert_eq!(outcome.verdict(check), Verdict::Off);
    found
}

/// Counts in a broken way, which each type parameter says.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "count.added")]
struct Added {
    n: i64,
    #[serde(skip)]
    unstored: i64,
}

fn added(n: i64, unstored: i64) -> Added {
    Added { n, unstored }
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident, apply $apply:expr, handle $handle:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, PartialEq, Aggregate)]
        #[aggregate(name = "count", id = u64, error = Overdrawn, events(Added))]
        struct $name {
            n: i64,
        }

        impl Apply<Added> for $name {
            fn apply(&mut self, event: &Added) {
                let apply: fn(&Added) -> i64 = $apply;
                self.n += apply(event);
            }
        }

        impl Handle<Add> for $name {
            fn handle(&self, command: &Add) -> Decision<Self> {
                let handle: fn(&Add) -> Result<Added, Overdrawn> = $handle;
                Ok(handle(command)?.into())
            }
        }
    )*};
}

struct Add(i64);

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{0} is too much")]
struct Overdrawn(i64);

static FOLDS: AtomicI64 = AtomicI64::new(0);
static CLOCK: AtomicI64 = AtomicI64::new(0);
static REFUSALS: AtomicI64 = AtomicI64::new(0);

counts! {
    Sound, apply |event| event.n, handle |command| Ok(added(command.0, 0));
    /// Folds by a counter of its own.
    FoldsByCounter, apply |_| FOLDS.fetch_add(1, SeqCst), handle |command| Ok(added(command.0, 0));
    /// Folds by what is not stored.
    FoldsUnstored, apply |event| event.unstored, handle |command| Ok(added(command.0, 7));
    /// Decides by a counter, which stands for a clock.
    DecidesByClock, apply |event| event.n, handle |_| Ok(added(CLOCK.fetch_add(1, SeqCst), 0));
    /// Refuses by a counter.
    RefusesByClock, apply |event| event.n, handle |_| Err(Overdrawn(REFUSALS.fetch_add(1, SeqCst)));
}

#[test]
fn a_sound_domain_passes() {
    Scenario::<Sound>::new()
        .given(added(1, 0))
        .when(Add(2))
        .then(added(2, 0))
        .and_state(|count| assert_eq!(count.n, 3));
}

#[test]
fn replay_finds_a_fold_that_depends_on_a_counter() {
    only_found_by::<FoldsByCounter>(
        Check::Replay,
        || Scenario::new().given([added(1, 0), added(1, 0)]),
        |scenario| scenario.when(Add(2)).then(added(2, 0)),
    )
    .says(&[
        "lead to another state when they are folded again",
        "FoldsByCounter { n: ",
    ]);
}

#[test]
fn replay_finds_a_fold_of_what_is_not_stored() {
    only_found_by::<FoldsUnstored>(
        Check::Replay,
        || Scenario::new().without(Check::RoundTrip),
        |scenario| scenario.when(Add(2)).then(added(2, 0)),
    )
    .is_text(&expect_file!["golden/check_replay.txt"]);
}

#[test]
fn pure_decision_finds_a_hidden_clock() {
    only_found_by::<DecidesByClock>(Check::PureDecision, Scenario::new, |scenario| {
        let first = CLOCK.load(SeqCst);
        scenario.when(Add(1)).then(added(first, 0))
    });
}

#[test]
fn pure_decision_finds_a_refusal_by_a_hidden_clock() {
    only_found_by::<RefusesByClock>(Check::PureDecision, Scenario::new, |scenario| {
        scenario.when(Add(1)).then_refused(matching!(_))
    })
    .says(&["the handler decided otherwise when it was asked again"]);
}

/// Counts its decisions in the state.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "tally", id = u64, error = Overdrawn, events(Added))]
struct Tally {
    asked: AtomicI64,
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        self.asked.load(SeqCst) == other.asked.load(SeqCst)
    }
}

impl Apply<Added> for Tally {
    fn apply(&mut self, _: &Added) {}
}

impl Handle<Add> for Tally {
    fn handle(&self, command: &Add) -> Decision<Self> {
        self.asked.fetch_add(1, SeqCst);
        Ok(added(command.0, 0).into())
    }
}

#[test]
fn pure_decision_finds_a_handler_that_changes_the_state() {
    only_found_by::<Tally>(
        Check::PureDecision,
        || Scenario::new().without(Check::Replay),
        |scenario| scenario.when(Add(1)).then(added(1, 0)),
    )
    .says(&["the handler changed the state while it decided"]);
}

#[test]
fn round_trip_finds_a_field_that_is_not_stored() {
    only_found_by::<Sound>(
        Check::RoundTrip,
        || Scenario::new().given(added(1, 5)),
        |scenario| scenario.when(Add(2)).then(added(2, 0)),
    )
    .is_text(&expect_file!["golden/check_round_trip.txt"]);
    // The same in a new event: the check says it, and the comparison does not say it again.
    failure(|| {
        Scenario::<FoldsUnstored>::new()
            .when(Add(2))
            .then(added(2, 7))
    })
    .says(&["check `serde round trip`"])
    .does_not_say("events differ");
}

/// An event that is read as more than was written, and cannot be compared.
#[derive(Serialize, Deserialize, Event)]
#[event(name = "gain.gained")]
struct Gained {
    #[serde(deserialize_with = "one_more")]
    n: i64,
}

fn one_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    i64::deserialize(deserializer).map(|n| n + 1)
}

/// A state that can do nothing that is not asked of it.
#[derive(Default, Aggregate)]
#[aggregate(name = "gain", id = u64, error = Overdrawn, events(Gained))]
struct Gain;

impl Apply<Gained> for Gain {
    fn apply(&mut self, _: &Gained) {}
}

impl Handle<Add> for Gain {
    fn handle(&self, command: &Add) -> Decision<Self> {
        Ok((command.0 > 0).then_some(Gained { n: command.0 }).into())
    }
}

#[test]
fn round_trip_finds_other_bytes_where_events_cannot_be_compared() {
    only_found_by::<Gain>(Check::RoundTrip, Scenario::new, |scenario| {
        scenario.when(Add(1)).then(Gained { n: 1 })
    })
    .says(&[
        "`gain.gained` is written as other bytes after it was read",
        r#"first: {"n":1}"#,
        r#"again: {"n":2}"#,
    ]);
}

#[test]
fn what_cannot_be_checked_is_named() {
    let outcome = Scenario::<Gain>::new()
        .without(Check::RoundTrip)
        .given(Gained { n: 1 })
        .when(Add(0))
        .then_nothing();
    let limited = |why: &str| Verdict::Limited(why.to_owned());
    assert_eq!(
        outcome.verdict(Check::Replay),
        limited("`Gain` has no `PartialEq`: states cannot be compared")
    );
    assert_eq!(
        outcome.verdict(Check::PureDecision),
        limited("`Gain` has no `PartialEq`: a change of the state would not be seen")
    );
    failure(|| Scenario::<Gain>::new().given(Gained { n: 1 }).when(Add(0)).then_nothing()).says(&[
        "not checked in full: replay, since `Gain` has no `PartialEq`",
        "not checked in full: serde round trip, since `gain.gained` has no `PartialEq`: only its bytes were compared",
        "state at the decision: not shown: `Gain` has no `Debug`",
    ]);
}

#[test]
fn events_that_cannot_be_compared_are_compared_as_they_are_stored() {
    let decided = || -> Decided<Gain> { Scenario::new().without(Check::RoundTrip).when(Add(1)) };
    let _passed = decided().then(Gained { n: 1 });
    failure(|| decided().then(Gained { n: 3 }))
        .says(&["`gain.gained` came with `n: 1`, not `n: 3`"]);
}

/// An event that has no JSON form: its keys are no texts.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "grid.filled")]
struct GridFilled {
    cells: std::collections::BTreeMap<Vec<u8>, u8>,
}

#[derive(Debug, Default, PartialEq, Aggregate)]
#[aggregate(name = "grid", id = u64, error = Overdrawn, events(GridFilled))]
struct Grid;

impl Apply<GridFilled> for Grid {
    fn apply(&mut self, _: &GridFilled) {}
}

impl Handle<Add> for Grid {
    fn handle(&self, _: &Add) -> Decision<Self> {
        Ok(unwritable().into())
    }
}

fn unwritable() -> GridFilled {
    let cells = [(vec![1], 1)].into();
    GridFilled { cells }
}

#[test]
fn an_event_without_a_json_form_is_named() {
    let why = "the event `grid.filled` (schema version 1) cannot be written as JSON: key must be a string";
    failure(|| {
        Scenario::<Grid>::new()
            .given(unwritable())
            .when(Add(1))
            .then_nothing()
    })
    .says(&["the given event 1 cannot be written", "checks.rs:", why]);
    failure(|| Scenario::<Grid>::new().when(Add(1)).then(unwritable()))
        .says(&["the new events cannot be stored and read", why]);
}

fn switch<const MUTANT: u8>(scenario: Scenario<Light<MUTANT>>) -> Outcome<Light<MUTANT>> {
    scenario.when(Switch).then(Lit::On)
}

#[test]
fn an_aggregate_by_hand_passes() {
    let _passed = switch::<0>(Scenario::new());
}

#[test]
fn registry_finds_two_events_that_are_read_as_each_other() {
    let found = failure(|| switch::<SWAPPED>(Scenario::new()));
    found.says(&["check `registry`: the stored name `light.on` v1 leads to `light.off` v1"]);
}

#[test]
fn registry_finds_an_event_that_is_not_in_the_list() {
    only_found_by::<Light<UNLISTED>>(Check::Registry, Scenario::new, switch)
        .says(&["`light.on` v1 is not in the list of the aggregate's schemas"]);
}

#[test]
fn an_event_that_was_written_as_one_is_to_be_read_as_one() {
    let why = "`light.on` v1 was written as one event, and is read as 0";
    failure(|| switch::<DROPPED>(Scenario::new())).says(&[why]);
    failure(|| switch::<DROPPED>(Scenario::new().given(Lit::Off)))
        .says(&["the given event 1 (`light.off v1`) cannot be read"]);
}

#[test]
fn append_finds_what_no_store_takes() {
    only_found_by::<Light<BAD_NAME>>(Check::Append, Scenario::new, switch).says(&[
        "the store did not take the new events",
        "an event name cannot contain ' '",
    ]);
    failure(|| {
        Scenario::<Light<BAD_NAME>>::new()
            .given(Lit::On)
            .when(Switch)
            .then(Lit::On)
    })
    .says(&["the check `append` failed: the store does not take the given events"]);
}
