use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Serialize, Deserialize, Snapshot)]
#[snapshot(version = 2, codec = eventsource_core::snapshot::JsonSnapshot)]
struct Account {
    cents: i64,
}

fn kept<S: Snapshot>(_: &S) -> u64 {
    S::FINGERPRINT.number()
}

fn main() {
    let _ = (kept(&Account::default()), Opened);
}
