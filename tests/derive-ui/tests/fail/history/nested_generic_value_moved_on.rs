use eventsource_core::{Schema, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Page<T> {
    items: Vec<T>,
    #[event(since = 2)]
    count: usize,
}

// It does not tell its shape.
#[derive(Debug, Serialize, Deserialize)]
struct Address;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    to: Page<Address>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
