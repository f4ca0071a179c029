use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

struct OpenedV1 {
    dollars: u64,
}

impl From<OpenedV1> for Deposited {
    fn from(old: OpenedV1) -> Self {
        Self { cents: old.dollars * 100 }
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2, v1 = OpenedV1)]
struct Deposited {
    cents: u64,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
