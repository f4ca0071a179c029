use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default)]
struct Account;

fn main() {
    folded::<Account>();
}

fn folded<A: Aggregate>() {}
