use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Address;

fn main() {
    held::<Page<Address>>();
}

fn held<S: Schema>() {}
