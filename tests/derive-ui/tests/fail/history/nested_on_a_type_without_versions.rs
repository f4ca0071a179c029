use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Place {
    street: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited")]
struct Deposited {
    #[event(nested = 7)]
    place: Place,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
