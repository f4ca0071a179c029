use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Address<'a> {
    street: &'a str,
}

fn main() {
    held::<Address<'static>>();
}

fn held<S: Schema>() {}
