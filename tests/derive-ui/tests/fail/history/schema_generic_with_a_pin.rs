use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 1, shape = "00000000")]
struct Page<T> {
    items: Vec<T>,
}

fn main() {
    held::<Page<u8>>();
}

fn held<S: Schema>() {}
