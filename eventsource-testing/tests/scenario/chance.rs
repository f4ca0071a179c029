//! What differs by chance, or from itself, is no finding: the check says what it could not look at.

use std::collections::{HashMap, HashSet};

use eventsource_core::prelude::*;
use eventsource_testing::{prelude::*, scenario::Verdict};
use serde::{Deserialize, Serialize};

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
        let places = (0..20).collect();
        Ok(Emptied { places }.into())
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
fn events_that_cannot_be_compared_are_decided_alike_whatever_their_order() {
    let decided = Scenario::<Shelf>::new()
        .without(Check::RoundTrip)
        .when(Empty);
    // What is compared is the decision; the expectation would need `PartialEq`, or an order.
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| decided.then_nothing()));
    let text = *refused.unwrap_err().downcast::<String>().unwrap();
    assert!(!text.contains("check `pure decision`"), "{text}");
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

/// Written in another order than it was read, but always in that one: no chance, and a fault.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "queue.turned")]
struct Turned {
    #[serde(serialize_with = "turned")]
    order: Vec<u8>,
}

fn turned<S: serde::Serializer>(order: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(order.iter().rev())
}

#[derive(Debug, Default, PartialEq, Aggregate)]
#[aggregate(name = "queue", id = u64, error = std::convert::Infallible, events(Turned))]
struct Queue;

impl Apply<Turned> for Queue {
    fn apply(&mut self, _: &Turned) {}
}

impl Handle<Empty> for Queue {
    fn handle(&self, _: &Empty) -> Decision<Self> {
        Ok(Events::none())
    }
}

#[test]
fn round_trip_still_finds_an_order_that_is_always_another_one() {
    let order = vec![1, 2];
    crate::support::failure(|| {
        Scenario::<Queue>::new()
            .given(Turned { order })
            .when(Empty)
            .then_nothing()
    })
    .says(&["check `serde round trip`"]);
}
