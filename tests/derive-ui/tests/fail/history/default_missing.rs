use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
enum Currency {
    Eur,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    cents: u32,
    #[event(since = 2)]
    currency: Currency,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
