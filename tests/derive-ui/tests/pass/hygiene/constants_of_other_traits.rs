//! A trait that all types have may have constants of any name.

use eventsource_core::{Schema, Table, prelude::*};
use serde::{Deserialize, Serialize};

pub trait Everything {
    const VERSION: u32 = 7;
    const CLONE: u32 = 7;
    const EQ: u32 = 7;
    const DEBUG: u32 = 7;
    const FINGERPRINT: u32 = 7;
    const SHAPE: u32 = 7;
    const LAYOUT: u32 = 7;
    const NAME: u32 = 7;
    const TABLE: u32 = 7;
    const TABLES: u32 = 7;
    const LISTS: u32 = 7;
}

impl<T: ?Sized> Everything for T {}

#[derive(Debug, Serialize, Deserialize)]
struct Place {
    street: String,
}

#[derive(Debug, Serialize, Deserialize, Schema)]
struct Town {
    #[event(opaque)]
    place: Place,
}

#[derive(Serialize, Deserialize, Event)]
#[event(name = "account.moved", version = 2)]
struct Moved {
    place: Place,
    #[event(was(_: Place, before = 2, with = |place| Town { place }))]
    town: Town,
}

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct AccountId(u64);

struct Refused;

#[derive(Default, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "account", id = AccountId, error = Refused, events(Moved))]
struct Account {
    towns: Vec<Town>,
}

impl Apply<Moved> for Account {
    fn apply(&mut self, _: &Moved) {}
}

#[derive(Projection)]
#[projection(name = "moves", version = 1, from(Account), events(Moved))]
struct Moves;

impl Project<Moved> for Moves {
    fn project(&mut self, _: &Moved, _: &Envelope<'_>) {}
}

#[derive(Projection)]
#[projection(name = "moves", version = 1, from(Account), events(Moved), transaction = u8)]
struct MovesIn;

impl ReadModel for MovesIn {
    const TABLES: &'static [Table] = &[Table::new("moves", "street TEXT")];
}

impl ProjectIn<u8, Moved> for MovesIn {
    fn project(&self, _: &Moved, _: &Envelope<'_>, _: &mut u8) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl std::fmt::Debug for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

fn main() {}
