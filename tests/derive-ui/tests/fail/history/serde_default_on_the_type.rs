use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

impl Default for Deposited {
    fn default() -> Self {
        Self { cents: 0 }
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
#[serde(default)]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
