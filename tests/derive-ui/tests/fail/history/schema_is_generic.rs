use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Address<T> {
    street: T,
}

fn main() {
    held::<Address<u8>>();
}

fn held<S: Schema>() {}
