use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
enum Address {
    #[event(was(House, before = 2))]
    Home,
    Street(String),
    #[event(was(House, before = 2))]
    Flat,
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
