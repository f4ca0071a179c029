use eventsource_core::{Past, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(_: Past<u8, 1>, before = 2))]
    to: u8,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
