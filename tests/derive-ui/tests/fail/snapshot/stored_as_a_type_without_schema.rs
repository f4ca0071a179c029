use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored(i64);

impl From<Stored> for Account {
    fn from(stored: Stored) -> Self {
        Self { cents: stored.0 }
    }
}

impl From<Account> for Stored {
    fn from(account: Account) -> Self {
        Self(account.cents)
    }
}

#[derive(Debug, Default, Clone, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
#[serde(from = "Stored", into = "Stored")]
struct Account {
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
