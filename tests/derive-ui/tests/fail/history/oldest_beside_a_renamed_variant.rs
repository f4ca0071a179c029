use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, oldest = 2)]
enum PayBy {
    #[event(was(CreditCard, before = 2))]
    Card(String),
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
