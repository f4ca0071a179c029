use eventsource_core::{Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Address {
    street: String,
    #[event(since = 2)]
    f2: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    #[event(nested(Address))]
    to: Address,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
