use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

fn read<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    u64::deserialize(from)
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[serde(deserialize_with = "read")]
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
