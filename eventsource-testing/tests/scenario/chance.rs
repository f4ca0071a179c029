//! What differs by chance, or from itself, is no finding: the check says what it could not look at.

use std::collections::{HashMap, HashSet};

use eventsource_core::prelude::*;
use eventsource_testing::{prelude::*, scenario::Verdict};
use serde::{Deserialize, Serialize};

use crate::support::failure;

#[track_caller]
fn limited(verdict: &Verdict, why: &str) {
    assert!(
        matches!(verdict, Verdict::Limited(said) if said.contains(why)),
        "{verdict:?}"
    );
}

/// Hashed collections, the smaller the likelier to come out in one order by chance.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "shelf.filled")]
struct Filled {
    titles: HashMap<String, u8>,
    places: HashSet<u8>,
}

impl Filled {
    fn with(many: u8) -> Self {
        Self {
            titles: (0..many).map(|n| (format!("title {n}"), n)).collect(),
            places: (0..many).collect(),
        }
    }
}

/// The same, where events cannot be compared.
#[derive(Serialize, Deserialize, Event)]
#[event(name = "shelf.emptied")]
struct Emptied {
    places: HashSet<u8>,
    shelves: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[error("taken")]
struct Taken {
    places: HashSet<u8>,
}

#[derive(Debug, Default, PartialEq, Aggregate)]
#[aggregate(name = "shelf", id = u64, error = Taken, events(Filled, Emptied))]
struct Shelf;

impl Apply<Filled> for Shelf {
    fn apply(&mut self, _: &Filled) {}
}

impl Apply<Emptied> for Shelf {
    fn apply(&mut self, _: &Emptied) {}
}

struct Fill(u8);

impl Handle<Fill> for Shelf {
    fn handle(&self, command: &Fill) -> Decision<Self> {
        Ok(Filled::with(command.0).into())
    }
}

struct Empty;

impl Handle<Empty> for Shelf {
    fn handle(&self, _: &Empty) -> Decision<Self> {
        let (places, shelves) = ((0..20).collect(), vec![2, 1]);
        Ok(Emptied { places, shelves }.into())
    }
}

struct Steal;

impl Handle<Steal> for Shelf {
    fn handle(&self, _: &Steal) -> Decision<Self> {
        let places = (0..20).collect();
        Err(Taken { places })
    }
}

#[test]
fn round_trip_never_fails_by_the_order_of_a_hashed_collection() {
    for many in [0, 1, 2, 2, 2, 2, 3, 3, 3, 20] {
        let outcome = Scenario::<Shelf>::new()
            .given(Filled::with(many))
            .when(Fill(many))
            .then(Filled::with(many));
        match outcome.verdict(Check::RoundTrip) {
            Verdict::Passed => assert!(many < 20, "20 elements come out in one order"),
            verdict => limited(&verdict, "use `BTreeMap` and `BTreeSet` in events"),
        }
    }
}

#[test]
fn events_that_cannot_be_compared_have_no_order_where_it_is_left_to_chance() {
    let emptied = |places: std::ops::Range<u8>, shelves: Vec<u8>| Emptied {
        places: places.collect(),
        shelves,
    };
    for _ in 0..20 {
        let decided = || Scenario::<Shelf>::new().when(Empty);
        let _passed = decided().then(emptied(0..20, vec![2, 1]));
        let _passed = decided().then_in_any_order(emptied(0..20, vec![2, 1]));
        // The one set is another, or the list beside it has another order.
        for other in [emptied(1..21, vec![2, 1]), emptied(0..20, vec![1, 2])] {
            failure(|| decided().then(other)).says(&["events differ"]);
        }
    }
    let set = failure(|| {
        Scenario::<Shelf>::new()
            .when(Empty)
            .then(emptied(0..21, vec![2, 1]))
    });
    set.says(&["places[20]: 20", "places[20]: (absent)"])
        .does_not_say("places[19]");
}

#[test]
fn refusals_without_partial_eq_are_not_compared_by_their_words() {
    let outcome = Scenario::<Shelf>::new()
        .when(Steal)
        .then_refused(matching!(Taken { .. }));
    limited(
        &outcome.verdict(Check::PureDecision),
        "`Taken` has no `PartialEq`: refusals cannot be compared",
    );
}

/// Hashed, and comparable.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("missing")]
enum Missing {
    Keys(HashSet<u8>),
    Part(f64),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "gauge.read")]
struct Read {
    of: f64,
}

#[derive(Debug, Default, PartialEq, Aggregate)]
#[aggregate(name = "gauge", id = u64, error = Missing, events(Read))]
struct Gauge {
    mean: f64,
}

impl Apply<Read> for Gauge {
    fn apply(&mut self, event: &Read) {
        self.mean = event.of * f64::NAN;
    }
}

struct Measure(f64);

impl Handle<Measure> for Gauge {
    fn handle(&self, command: &Measure) -> Decision<Self> {
        match command.0 {
            of if of.is_nan() => Err(Missing::Part(of)),
            of if of < 0.0 => Err(Missing::Keys((0..20).collect())),
            of => Ok(Read { of }.into()),
        }
    }
}

#[test]
fn refusals_with_partial_eq_are_compared_by_it() {
    let outcome = Scenario::<Gauge>::new()
        .when(Measure(-1.0))
        .then_error(Missing::Keys((0..20).collect()));
    assert_eq!(outcome.verdict(Check::PureDecision), Verdict::Passed);
}

#[test]
fn what_is_not_equal_to_itself_is_not_compared() {
    let outcome = Scenario::<Gauge>::new()
        .given(Read { of: 1.0 })
        .when(Measure(2.0))
        .then(Read { of: 2.0 })
        .and_state(|gauge| assert!(gauge.mean.is_nan()));
    let why = "this `Gauge` is not equal to itself, as a NaN is not";
    limited(&outcome.verdict(Check::Replay), why);
    limited(&outcome.verdict(Check::PureDecision), why);
    let refused = Scenario::<Gauge>::new()
        .when(Measure(f64::NAN))
        .then_refused(matching!(Missing::Part(_)));
    limited(
        &refused.verdict(Check::PureDecision),
        "this `Missing` is not equal to itself",
    );
}
