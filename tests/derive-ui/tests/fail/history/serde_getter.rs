use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

struct Foreign {
    cents: u64,
}

impl Foreign {
    fn cents(&self) -> &u64 {
        &self.cents
    }
}

impl From<Deposited> for Foreign {
    fn from(deposited: Deposited) -> Self {
        Self {
            cents: deposited.cents,
        }
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
#[serde(remote = "Foreign")]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    #[serde(getter = "Foreign::cents")]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
