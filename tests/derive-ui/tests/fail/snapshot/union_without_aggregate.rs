use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Snapshot)]
union Account {
    cents: i64,
    ore: u64,
}

impl Default for Account {
    fn default() -> Self {
        Self { cents: 0 }
    }
}

fn main() {
    let _ = (Account::default(), Opened);
}
