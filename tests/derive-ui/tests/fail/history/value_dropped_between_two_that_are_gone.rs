use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 3)]
#[event(had(memo: u8, before = 2), had(memo: String, since = 2, before = 3))]
struct Deposited {
    #[event(since = 3, with = |old| old.memo.clone())]
    note: String,
}

fn main() {
    stored::<Deposited>();
}

fn stored<E: Event>() {}
