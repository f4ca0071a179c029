use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Page<T> {
    #[event(opaque)]
    items: Vec<T>,
}

fn main() {
    held::<Page<u8>>();
}

fn held<S: Schema>() {}
