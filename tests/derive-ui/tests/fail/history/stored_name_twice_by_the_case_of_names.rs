use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2, had(fooBar: Option<u8>, before = 2))]
#[serde(rename_all = "camelCase")]
struct Deposited {
    foo_bar: Option<u8>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
