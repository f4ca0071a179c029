use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1, shape = "00000000")]
struct Deposited {
    cents: u64,
    memo: String,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
