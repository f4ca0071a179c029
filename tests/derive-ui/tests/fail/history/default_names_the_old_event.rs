use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    cents: u64,
    #[event(since = 2, default = __old.cents + 1)]
    more: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
