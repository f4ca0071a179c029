use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2, had(memo: Option<String>, before = 2))]
struct Deposited {
    #[serde(alias = "memo")]
    note: Option<String>,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
