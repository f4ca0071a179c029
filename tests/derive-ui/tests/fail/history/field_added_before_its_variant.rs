use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 3)]
enum PayBy {
    #[event(was(Money, before = 2))]
    Cash,
    #[event(since = 3)]
    Card {
        #[event(since = 2)]
        number: u16,
    },
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
