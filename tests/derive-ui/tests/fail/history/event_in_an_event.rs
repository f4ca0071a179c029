use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
#[event(step(2, with = |old| Deposited { cents: old.cents * 100 }))]
struct Deposited {
    cents: u64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.batch")]
struct Batch {
    all: Vec<Deposited>,
}

fn main() {
    stored::<Batch>();
}

fn stored<E: Event>() {}
