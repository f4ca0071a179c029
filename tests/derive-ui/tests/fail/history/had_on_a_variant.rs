use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
enum PayBy {
    #[event(since = 2)]
    Cash,
    #[event(had(number: u8, before = 2))]
    Card,
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
