use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
#[serde(try_from = "u64")]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

impl TryFrom<u64> for Deposited {
    type Error = String;

    fn try_from(cents: u64) -> Result<Self, String> {
        Ok(Self { cents })
    }
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
