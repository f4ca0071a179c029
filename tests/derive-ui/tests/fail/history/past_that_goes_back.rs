use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 3)]
struct Address {
    street: String,
    #[event(since = 2)]
    f2: String,
    #[event(since = 3)]
    f3: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3)]
struct Deposited {
    #[event(nested = 3, was(_: Past<Address, 2>, before = 2), was(_: Past<Address, 1>, before = 3))]
    to: Address,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
