use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = Refused, events(Opened))]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        Ok(Opened.into())
    }
}

struct Open;

fn main() {
    let _: Events<Account> = (Opened, AccountEvent::Opened(Opened)).into();
}
