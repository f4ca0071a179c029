use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    #[event(was(amount, before = 1))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
