use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, oldest = 2, had(Cheque, before = 2, with = || PayBy::Cash))]
enum PayBy {
    Card(String),
    Cash,
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
