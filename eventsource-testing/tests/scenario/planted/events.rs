//! Events that are written, read or listed in a broken way.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use eventsource_core::prelude::*;
use eventsource_testing::{prelude::*, scenario::Decided};
use expect_test::expect_file;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    folds::{Add, Overdrawn, Sound, added},
    planted,
};
use crate::{
    by_hand::{BAD_NAME, DROPPED, Light, Lit, SWAPPED, Switch, UNLISTED},
    support::failure,
};

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

/// Written in another order than it was read, but always in that one: no chance, and a fault.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "queue.turned")]
struct Turned {
    #[serde(serialize_with = "turned")]
    order: Vec<u8>,
}

fn turned<S: Serializer>(order: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(order.iter().rev())
}

/// Version 1 had no number; each time it is read, it gets another one.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "queue.called", version = 2)]
struct Called {
    #[event(since = 2, default = NUMBERS.fetch_add(1, SeqCst))]
    number: u64,
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// Version 1 had no share; it gets one that has no JSON form.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "queue.shared", version = 2)]
struct Shared {
    #[event(since = 2, default = f64::NAN)]
    share: f64,
}

/// An event that has no JSON form: its keys are no texts.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "queue.filled")]
struct GridFilled {
    cells: std::collections::BTreeMap<Vec<u8>, u8>,
}

fn unwritable() -> GridFilled {
    let cells = [(vec![1], 1)].into();
    GridFilled { cells }
}

#[derive(Debug, Clone, Default, PartialEq, Aggregate)]
#[aggregate(
    name = "queue",
    id = u64,
    error = Overdrawn,
    events(Turned, Called, Shared, GridFilled)
)]
struct Queue;

impl Apply<Turned> for Queue {
    fn apply(&mut self, _: &Turned) {}
}
impl Apply<Called> for Queue {
    fn apply(&mut self, _: &Called) {}
}
impl Apply<Shared> for Queue {
    fn apply(&mut self, _: &Shared) {}
}
impl Apply<GridFilled> for Queue {
    fn apply(&mut self, _: &GridFilled) {}
}

impl Handle<Add> for Queue {
    fn handle(&self, command: &Add) -> Decision<Self> {
        Ok((command.0 > 0).then(unwritable).into())
    }
}

fn switch<const MUTANT: u8>(
    scenario: Scenario<Light<MUTANT>>,
) -> eventsource_testing::scenario::Outcome<Light<MUTANT>> {
    scenario.when(Switch).then(Lit::On)
}

planted! {
    round_trip_finds_a_field_that_is_not_stored: only RoundTrip in Sound,
        |scenario| scenario.given(added(1, 5)).when(Add(2)).then(added(2, 0));
    round_trip_finds_other_bytes_where_events_cannot_be_compared: only RoundTrip in Gain,
        |scenario| scenario.when(Add(1)).then(Gained { n: 1 });
    round_trip_finds_an_order_that_is_always_another_one: only RoundTrip in Queue,
        |scenario| scenario.given(Turned { order: vec![1, 2] }).when(Add(0)).then_nothing();
    upcast_finds_a_step_that_makes_something_else_each_time: only Upcast in Queue,
        |scenario| scenario.given_stored("queue.called", 1, json!({})).when(Add(0)).then_nothing();
    upcast_finds_a_step_to_what_cannot_be_stored: only Upcast in Queue,
        |scenario| scenario.given_stored("queue.shared", 1, json!({})).when(Add(0)).then_nothing();
    registry_finds_an_event_that_is_not_in_the_list: only Registry in Light<UNLISTED>,
        |scenario| switch(scenario);
    registry_finds_two_events_that_are_read_as_each_other: also Registry in Light<SWAPPED>,
        |scenario| switch(scenario);
    append_finds_a_new_event_that_no_store_takes: only Append in Light<BAD_NAME>,
        |scenario| switch(scenario);
    append_finds_a_given_event_that_no_store_takes: only Append in Light<BAD_NAME>,
        |scenario| switch(scenario.given(Lit::On));
}

#[test]
fn what_is_wrong_with_events_is_told() {
    failure(|| round_trip_finds_a_field_that_is_not_stored::play(None))
        .is_text(&expect_file!["../golden/check_round_trip.txt"]);
    failure(|| round_trip_finds_other_bytes_where_events_cannot_be_compared::play(None)).says(&[
        "`gain.gained` is written as other bytes after it was read",
        r#"first: {"n":1}"#,
        r#"again: {"n":2}"#,
    ]);
    failure(|| upcast_finds_a_step_to_what_cannot_be_stored::play(None))
        .is_text(&expect_file!["../golden/check_upcast.txt"]);
    failure(|| upcast_finds_a_step_that_makes_something_else_each_time::play(None))
        .says(&["`queue.called` v1 is read as something else each time"]);
    failure(|| registry_finds_an_event_that_is_not_in_the_list::play(None))
        .says(&["`light.on` v1 is not in the list of the aggregate's schemas"]);
    failure(|| registry_finds_two_events_that_are_read_as_each_other::play(None))
        .says(&["check `registry`: the stored name `light.on` v1 leads to `light.off` v1"]);
    failure(|| append_finds_a_new_event_that_no_store_takes::play(None)).says(&[
        "the store did not take the new events",
        "an event name cannot contain ' '",
    ]);
    failure(|| append_finds_a_given_event_that_no_store_takes::play(None))
        .says(&["the check `append` failed: the store does not take the given events"]);
}

#[test]
fn what_a_check_has_found_is_not_said_again_as_a_difference() {
    failure(|| {
        Scenario::<super::folds::FoldsUnstored>::new()
            .when(Add(2))
            .then(added(2, 7))
    })
    .says(&["check `serde round trip`"])
    .does_not_say("events differ");
}

#[test]
fn an_aggregate_by_hand_passes() {
    let _passed = switch::<0>(Scenario::new());
}

#[test]
fn what_cannot_be_checked_is_named() {
    let outcome = Scenario::<Gain>::new()
        .without(Check::RoundTrip)
        .given(Gained { n: 1 })
        .when(Add(0))
        .then_nothing();
    let limited = |why: &str| Verdict::Limited(why.to_owned());
    let no_subject = |why: &str| Verdict::NoSubject(why.to_owned());
    for (check, verdict) in [
        (
            Check::Replay,
            limited("`Gain` has no `PartialEq`: states cannot be compared"),
        ),
        (
            Check::PureDecision,
            limited("`Gain` has no `PartialEq`: a change of the state would not be seen"),
        ),
        (
            Check::SplitFold,
            no_subject("`Gain` has no `PartialEq`: states cannot be compared"),
        ),
        (
            Check::Snapshot,
            no_subject("`Gain` is not `Serialize` and `Deserialize`"),
        ),
        (
            Check::Upcast,
            no_subject("no given event is older than today's"),
        ),
        (
            Check::Metadata,
            no_subject("the command made no event happen"),
        ),
        (Check::RoundTrip, Verdict::Off),
        (Check::Concurrent, Verdict::Off),
        (Check::NoPanic, Verdict::Passed),
    ] {
        assert_eq!(outcome.verdict(check), verdict, "{check}");
    }
    failure(|| Scenario::<Gain>::new().given(Gained { n: 1 }).when(Add(0)).then_nothing()).says(&[
        "not checked in full: replay, since `Gain` has no `PartialEq`",
        "not checked in full: serde round trip, since `gain.gained` has no `PartialEq`: only its bytes were compared",
        "not checked: snapshot, since `Gain` is not `Serialize` and `Deserialize`",
        "state at the decision: not shown: `Gain` has no `Debug`",
    ]);
}

#[test]
fn a_required_check_fails_where_it_cannot_look_at_everything() {
    let play = |check| {
        let scenario = Scenario::<Gain>::new().without(Check::RoundTrip);
        scenario
            .requires(check)
            .given(Gained { n: 1 })
            .when(Add(0))
            .then_nothing()
    };
    let _passed = play(Check::NoPanic);
    failure(|| play(Check::Snapshot)).is_text(&expect_file!["../golden/required.txt"]);
    failure(|| play(Check::Replay)).says(&[
        "check `replay`: is required, but could not look at everything: `Gain` has no `PartialEq`",
    ]);
    failure(|| play(Check::RoundTrip)).says(&["check `serde round trip`: is required, but is off"]);
}

#[test]
fn events_that_cannot_be_compared_are_compared_as_they_are_stored() {
    let decided = || -> Decided<Gain> { Scenario::new().without(Check::RoundTrip).when(Add(1)) };
    let _passed = decided().then(Gained { n: 1 });
    failure(|| decided().then(Gained { n: 3 }))
        .says(&["`gain.gained` came with `n: 1`, not `n: 3`"]);
}

#[test]
fn an_event_without_a_json_form_is_named() {
    let why = "the event `queue.filled` (schema version 1) cannot be written as JSON: key must be a string";
    failure(|| {
        Scenario::<Queue>::new()
            .given(unwritable())
            .when(Add(1))
            .then_nothing()
    })
    .says(&["the given event 1 cannot be written", "events.rs:", why]);
    failure(|| Scenario::<Queue>::new().when(Add(1)).then(unwritable()))
        .says(&["the new events cannot be stored and read", why]);
}

#[test]
fn an_event_that_was_written_as_one_is_to_be_read_as_one() {
    let why = "`light.on` v1 was written as one event, and is read as 0";
    failure(|| switch::<DROPPED>(Scenario::new())).says(&[why]);
    failure(|| switch::<DROPPED>(Scenario::new().given(Lit::Off)))
        .says(&["the given event 1 (`light.off v1`) cannot be read"]);
}
