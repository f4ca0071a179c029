use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 1)]
struct Address {
    street: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: Option<Past<Address, 1>>, before = 2))]
    to: Option<Address>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
