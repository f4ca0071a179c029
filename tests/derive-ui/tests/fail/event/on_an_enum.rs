use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
enum Opened {
    Privately,
    Jointly,
}

fn main() {
    stored::<Opened>();
}

fn stored<E: Event>() {}
