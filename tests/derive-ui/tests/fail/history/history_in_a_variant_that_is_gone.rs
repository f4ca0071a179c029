use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 3)]
#[event(had(Cheque { #[event(was(_: String, before = 2))] number: u16 }, before = 3, with = |number| PayBy::Paper { number }))]
enum PayBy {
    #[event(was(Sheet, before = 2))]
    Paper { number: u16 },
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
