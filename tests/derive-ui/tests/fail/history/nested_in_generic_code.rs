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
struct Book<T> {
    pages: Vec<Page<T>>,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 1)]
struct Deposited {
    to: Book<u8>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
