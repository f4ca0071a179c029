use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened {
    #[event(sample = "ann".to_owned())]
    owner: String,
}

fn main() {
    Opened::decode(1, b"{}").ok();
}
