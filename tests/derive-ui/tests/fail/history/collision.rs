use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3)]
#[event(had(memo: String, before = 3))]
struct Deposited {
    cents: u64,
    #[event(since = 2)]
    memo: String,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
