use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events())]
struct Account;

fn main() {
    folded::<Account>();
}

fn folded<A: Aggregate>() {}
