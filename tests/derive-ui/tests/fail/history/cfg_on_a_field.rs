// A `cfg` that is true is still seen here; one that is false is not.
use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    cents: u64,
    #[cfg(not(any()))]
    more: u8,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
