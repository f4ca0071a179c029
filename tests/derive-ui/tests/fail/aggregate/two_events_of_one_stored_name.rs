//! The stored payloads of the one would be read as the other.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Closed;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened, Closed))]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

impl Apply<Closed> for Account {
    fn apply(&mut self, _: &Closed) {}
}

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        Ok(Opened.into())
    }
}

struct Open;

fn main() {
    let _ = AccountEvent::from(Closed);
    let _: Events<Account> = (Opened, AccountEvent::Opened(Opened)).into();
}
