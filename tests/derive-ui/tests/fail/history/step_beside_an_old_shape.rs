use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct OpenedV1 {
    dollars: u64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2, v1 = OpenedV1, step(2, with = f))]
struct Deposited {
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
