use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Aggregate, Snapshot)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
union Account {
    cents: i64,
    ore: u64,
}

impl Default for Account {
    fn default() -> Self {
        Self { cents: 0 }
    }
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

fn kept<S: Snapshot>() -> u64 {
    S::FINGERPRINT.number()
}

fn main() {
    let mut bytes = Vec::new();
    Account::default().encode(&mut bytes).unwrap();
    let _ = (Account::decode(&bytes), kept::<Account>());
}
