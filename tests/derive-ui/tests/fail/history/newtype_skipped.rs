use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited")]
struct Deposited(#[serde(skip)] u64);

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
