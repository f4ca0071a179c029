use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2, had(owner: Option<String>, before = 2))]
struct Deposited {
    #[serde(rename = "owner")]
    holder: Option<String>,
    #[event(since = 2, with = |old| old.owner.is_some())]
    had_owner: bool,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
