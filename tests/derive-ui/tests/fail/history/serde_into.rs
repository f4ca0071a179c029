use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
#[serde(into = "u64")]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

impl From<Deposited> for u64 {
    fn from(deposited: Deposited) -> Self {
        deposited.cents
    }
}

impl Clone for Deposited {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
