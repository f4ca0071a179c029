//! An event that was renamed still lies in the store under its older name.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened;

mod legacy {
    use eventsource_core::{DecodeError, EncodeError, EventSchema, StoredName};

    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.viewed")]
    pub struct Viewed;

    #[derive(Debug)]
    pub struct Seen;

    impl Event for Seen {
        const SCHEMA: EventSchema = EventSchema {
            name: "account.seen",
            version: 2,
        };
        const NAMES: &'static [StoredName] = &[
            StoredName {
                name: "account.viewed",
                first: 1,
                last: 1,
            },
            StoredName {
                name: "account.seen",
                first: 2,
                last: 2,
            },
        ];
        fn encode(&self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
            Ok(())
        }
        fn decode(_: u32, _: &[u8]) -> Result<Self, DecodeError> {
            Ok(Self)
        }
    }
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, legacy::Seen, legacy::Viewed),
)]
struct Account;

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {}
}

impl Apply<legacy::Viewed> for Account {
    fn apply(&mut self, _: &legacy::Viewed) {}
}

impl Apply<legacy::Seen> for Account {
    fn apply(&mut self, _: &legacy::Seen) {}
}

struct Open;

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        Ok(Opened.into())
    }
}

fn main() {
    let _: Events<Account> = (Opened, AccountEvent::Opened(Opened)).into();
}
