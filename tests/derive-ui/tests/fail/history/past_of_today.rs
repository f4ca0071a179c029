use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Address {
    street: String,
    #[event(since = 2)]
    f2: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(nested = 2, was(_: Past<Address, 2>, before = 2))]
    to: Address,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
