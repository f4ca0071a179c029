use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Cheque, before = 2, default = PayBy::Cash))]
enum PayBy {
    Cash,
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
