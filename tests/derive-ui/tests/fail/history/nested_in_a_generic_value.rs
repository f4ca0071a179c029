use eventsource_core::{Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Page<T> {
    items: Vec<T>,
    #[event(since = 2)]
    count: usize,
}

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
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    #[event(nested = 2)]
    to: Page<Address>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
