use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Page<T> {
    count: u8,
    #[event(since = 2)]
    first: T,
}

fn main() {
    held::<Page<u8>>();
}

fn held<S: Schema>() {}
