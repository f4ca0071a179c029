use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 4)]
struct Deposited {
    cents: u64,
    #[event(since = 2)]
    memo: String,
    #[event(was(_: u8, before = 4))]
    tier: u16,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
