use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    cents: u64,
    #[event(since = 1)]
    memo: String,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
