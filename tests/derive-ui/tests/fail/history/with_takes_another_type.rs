use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

fn to_cents(dollars: u32) -> u64 {
    u64::from(dollars) * 100
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(dollars: f64, before = 2, with = to_cents))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
