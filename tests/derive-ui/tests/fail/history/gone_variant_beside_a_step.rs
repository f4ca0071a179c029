use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Cheque { number: u16 }, before = 2, with = |number| PayBy::Paper { number }))]
#[event(step(2, with = |_| PayBy::Paper { number: 0 }))]
enum PayBy {
    Paper { number: u16 },
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
