use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Address(String, u8);

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
