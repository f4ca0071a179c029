use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened<T> {
    owner: T,
}

fn main() {
    stored::<Opened<String>>();
}

fn stored<E: Event>() {}
