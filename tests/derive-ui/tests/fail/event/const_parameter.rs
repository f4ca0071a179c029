use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened<const N: u8> {
    owner: String,
}

fn main() {
    stored::<Opened<7>>();
}

fn stored<E: Event>() {}
