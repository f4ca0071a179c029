use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 4)]
#[event(had(memo: String, since = 3, before = 2))]
struct Deposited {
    #[event(was(_: u8, before = 4))]
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
