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
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(nested = 2, was(_: Vec<(u8, Past<Address, 3>)>, before = 2))]
    to: Vec<(u8, Address)>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
