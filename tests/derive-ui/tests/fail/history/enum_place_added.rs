use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
enum Address {
    Home(#[event(since = 2)] u8),
    Street(String),
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
