use eventsource_core::{Shape, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: u32, before = 2))]
    cents: u64,
}

fn main() {
    let _: Option<Shape<Deposited, 9>> = None;
    stored::<Deposited>();
}

fn stored<E: Event>() {}
