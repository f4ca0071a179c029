use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[event(name = "account.opened", sample = "ann".to_owned())]
struct Opened {
    owner: String,
}

fn main() {
    Opened::decode(1, b"{}").ok();
}
