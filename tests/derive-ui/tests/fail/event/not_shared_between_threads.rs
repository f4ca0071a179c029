use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened {
    owner: std::cell::Cell<u32>,
}

fn main() {
    stored::<Opened>();
}

fn stored<E: Event>() {}
