use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened))]
struct Account<T> {
    owner: T,
}

impl Apply<Opened> for Account<String> {
    fn apply(&mut self, _: &Opened) {}
}

impl Handle<Open> for Account<String> {
    fn handle(&self, _: &Open) -> Decision<Self> {
        Ok(Opened.into())
    }
}

struct Open;

fn main() {
    let _: Events<Account<String>> = (Opened, AccountEvent::Opened(Opened)).into();
}
