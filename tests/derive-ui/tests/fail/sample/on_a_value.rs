use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Schema)]
#[event(sample = Address { street: String::new() })]
struct Address {
    street: String,
}

fn main() {
    let _ = <Address as Schema>::VERSION;
}
