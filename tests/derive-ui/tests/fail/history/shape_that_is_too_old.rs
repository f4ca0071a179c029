use eventsource_core::{Shape, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2, oldest = 2)]
struct Deposited {
    cents: u64,
}

fn main() {
    let _: Option<Shape<Deposited, 1>> = None;
}
