// A type that is no container of ours hides nothing either.
use eventsource_core::{Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Address {
    street: String,
    #[event(since = 2)]
    zip: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    to: std::collections::HashMap<String, Option<Address>>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
