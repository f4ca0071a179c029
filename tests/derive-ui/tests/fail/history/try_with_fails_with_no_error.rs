use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

struct Refused;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: u64, before = 2, try_with = |cents| u32::try_from(cents).map_err(|_| Refused)))]
    cents: u32,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
