// Not taken for `with`: a value is there, so there is nothing to fill.
use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: String, before = 2, default = 1))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
