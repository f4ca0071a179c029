//! `Self` in `into` is the state.

use eventsource_core::{AggregateEvent, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "lamp.lit")]
struct Lit;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "lamp.flashed")]
struct Flashed {
    times: u8,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "lamp",
    id = u64,
    error = std::convert::Infallible,
    events(Lit),
    retired("lamp.flashed", from = Flashed, into = Self::split)
)]
struct Lamp {
    before: Option<Box<Self>>,
}

impl Lamp {
    fn split(old: Flashed) -> Vec<LampEvent> {
        (0..old.times).map(|_| Lit.into()).collect()
    }
}

impl Apply<Lit> for Lamp {
    fn apply(&mut self, _: &Lit) {
        self.before = None;
    }
}

fn main() {
    let parts = LampEvent::decode("lamp.flashed", 1, br#"{"times":2}"#).unwrap();
    assert_eq!(parts.into_iter().count(), 2);
}
