use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Serialize, Deserialize, Snapshot)]
struct Account<T> {
    held: T,
}

fn main() {
    let _ = (Account::<u8>::default(), Opened);
}
