use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, oldest = 2)]
enum PayBy {
    Card(String),
    #[event(since = 2)]
    Cash,
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
