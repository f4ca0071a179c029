use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

fn seven() -> u8 {
    7
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    cents: u64,
    #[serde(default = "seven")]
    #[event(since = 2)]
    retries: u8,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
