use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Street(String);

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Address {
    street: Street,
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
