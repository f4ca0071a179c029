use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
struct Account {
    #[snapshot(opaque, opaque)]
    cents: i64,
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
