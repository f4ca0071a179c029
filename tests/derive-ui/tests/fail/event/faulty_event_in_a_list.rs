//! The mistake is in the event: the aggregate that lists it has no error of its own.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
struct Opened;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

fn main() {
    let _: Events<Account> = Opened.into();
    let _ = AccountEvent::Opened(Opened);
}
