use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3, oldest = 2, v1 = DepositedV1)]
struct Deposited {
    #[event(was(_: u32, before = 3))]
    cents: u64,
}

#[derive(Deserialize)]
struct DepositedV1 {
    dollars: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
