use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: u64, before = 2))]
    cents: u32,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
