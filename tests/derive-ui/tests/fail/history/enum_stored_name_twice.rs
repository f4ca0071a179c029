use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2, had(Cheque { number: u8 }, before = 2, with = |number| PayBy::Paper { number }))]
enum PayBy {
    #[serde(alias = "Cheque")]
    Paper { number: u8 },
}

fn main() {
    held::<PayBy>();
}

fn held<S: Schema>() {}
