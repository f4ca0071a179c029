use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened, Opened))]
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
