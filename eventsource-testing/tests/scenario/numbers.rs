//! Numbers that do not fit into 64 bits, where events are compared as they are stored.

use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::failure;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "mint.coined")]
struct Coined {
    grains: u128,
    place: String,
}

/// Without `PartialEq`.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "mint.melted")]
struct Melted {
    grains: u128,
}

#[derive(Debug, Default, PartialEq, Aggregate)]
#[aggregate(name = "mint", id = u64, error = std::convert::Infallible, events(Coined, Melted))]
struct Mint;

impl Apply<Coined> for Mint {
    fn apply(&mut self, _: &Coined) {}
}

impl Apply<Melted> for Mint {
    fn apply(&mut self, _: &Melted) {}
}

struct Coin(u128);
struct Melt(u128);

fn coined(grains: u128, place: &str) -> Coined {
    Coined {
        grains,
        place: place.to_owned(),
    }
}

impl Handle<Coin> for Mint {
    fn handle(&self, command: &Coin) -> Decision<Self> {
        Ok(coined(command.0, "here").into())
    }
}

impl Handle<Melt> for Mint {
    fn handle(&self, command: &Melt) -> Decision<Self> {
        Ok(Melted { grains: command.0 }.into())
    }
}

const MANY: u128 = 1 << 100;

// They were compared as floats, which are the same.
#[test]
fn long_numbers_beside_an_ignored_field_differ_in_their_last_digit() {
    let decided = || {
        Scenario::<Mint>::new()
            .when(Coin(MANY))
            .ignoring_field::<Coined>("place")
    };
    let _passed = decided().then(coined(MANY, "there"));
    failure(|| decided().then(coined(MANY + 1, "there"))).says(&[
        "grains: 1267650600228229401496703205377",
        "grains: 1267650600228229401496703205376",
    ]);
}

#[test]
fn long_numbers_of_events_without_partial_eq_differ_in_their_last_digit() {
    let _passed = Scenario::<Mint>::new()
        .when(Melt(MANY))
        .then(Melted { grains: MANY });
    failure(|| {
        Scenario::<Mint>::new()
            .when(Melt(MANY))
            .then(Melted { grains: MANY + 1 })
    })
    .says(&["`mint.melted` came with `grains: 1267650600228229401496703205376`, not `grains: 1267650600228229401496703205377`"]);
}
