use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Page<T> {
    #[event(was(_: Vec<eventsource_core::Past<T, 1>>, before = 2))]
    items: Vec<T>,
}

fn main() {
    held::<Page<u8>>();
}

fn held<S: Schema>() {}
