use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(name = "address")]
struct Address {
    street: String,
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
