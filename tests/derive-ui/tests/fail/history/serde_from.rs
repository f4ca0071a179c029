use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

impl From<u64> for Deposited {
    fn from(cents: u64) -> Self {
        Self { cents }
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
#[serde(from = "u64")]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
