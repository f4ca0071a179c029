use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 2)]
enum Address {
    #[event(was(House: u8, before = 2))]
    Home,
    Street(String),
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
