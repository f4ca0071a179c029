use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.closed")]
struct AccountEvent;

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, AccountEvent),
)]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

fn main() {
    folded::<Account>();
}

fn folded<A: Aggregate>() {}
