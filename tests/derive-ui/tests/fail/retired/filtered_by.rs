//! A retired event is none that can be asked for; what becomes of it is.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

mod legacy {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.viewed")]
    pub struct Viewed;
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened),
    retired("account.viewed", from = legacy::Viewed, into = |_| [])
)]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}


struct Open;

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        Ok(Opened.into())
    }
}

fn main() {
    let _ = eventsource_core::Read::all().typed::<Account, legacy::Viewed>();
    let _: Events<Account> = (Opened, AccountEvent::Opened(Opened)).into();
}
