use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[serde(rename = "a")]
    one: Option<u8>,
    #[event(was(_, before = 2, serde(rename = "a")))]
    two: Option<u8>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
