use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 5)]
struct Deposited {
    #[event(was(dollars, before = 5))]
    #[event(was(amount, before = 4, serde(rename = "amt")))]
    #[event(was(sum, before = 3))]
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
