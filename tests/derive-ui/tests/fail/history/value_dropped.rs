use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3)]
#[event(had(note: String, before = 3))]
struct Deposited {
    #[event(was(_: u8, before = 2))]
    cents: u64,
    #[event(since = 3)]
    note: Option<u32>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
