use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Box { number: u8 }, before = 2))]
enum Address {
    Home,
    Street(String),
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
