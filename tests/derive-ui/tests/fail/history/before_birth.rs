use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3)]
struct Deposited {
    note: u8,
    #[event(since = 3, was(amount, before = 2))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
