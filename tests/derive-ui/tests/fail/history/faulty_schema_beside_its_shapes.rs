use eventsource_core::{Schema, Shape};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Schema)]
#[event(version = 3)]
struct Address {
    #[event(was(_: u8, before = 2))]
    number: u16,
}

impl From<u8> for Shape<Address, 2> {
    fn from(number: u8) -> Self {
        Self { number: number.into() }
    }
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}
