// The shapes of a faulty event are there all the same.
use eventsource_core::{Shape, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct OpenedV1 {
    dollars: u64,
}

impl From<OpenedV1> for Shape<Deposited, 2> {
    fn from(old: OpenedV1) -> Self {
        Self { cents: old.dollars * 100, tag: 0 }
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3, v1 = OpenedV1)]
struct Deposited {
    cents: u64,
    #[event(sincee = 3)]
    note: Option<String>,
    #[event(was(tag: u8, before = 3))]
    tags: u16,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
