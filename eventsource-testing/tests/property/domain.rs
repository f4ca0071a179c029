//! An account that is opened, and one that is created.

use eventsource_core::prelude::*;
use eventsource_testing::proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub(crate) struct Opened;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.moved")]
pub(crate) struct Moved {
    pub(crate) cents: i64,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it is not open")]
    NotOpen,
    #[error("it is open already")]
    Open,
    #[error("{0} cents are missing")]
    Missing(i64),
}

#[derive(Debug, Clone)]
pub(crate) struct Open;

#[derive(Debug, Clone)]
pub(crate) struct Deposit(pub(crate) i64);

#[derive(Debug, Clone)]
pub(crate) struct Withdraw(pub(crate) i64);

pub(crate) fn any_open() -> impl Strategy<Value = Open> {
    Just(Open)
}

pub(crate) fn any_deposit() -> impl Strategy<Value = Deposit> {
    (1..1000_i64).prop_map(Deposit)
}

pub(crate) fn any_withdraw() -> impl Strategy<Value = Withdraw> {
    (1..1000_i64).prop_map(Withdraw)
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate)]
#[aggregate(name = "account", id = u64, error = Refused, events(Opened, Moved))]
pub(crate) struct Account {
    pub(crate) open: bool,
    pub(crate) cents: i64,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {
        self.open = true;
    }
}
impl Apply<Moved> for Account {
    fn apply(&mut self, event: &Moved) {
        self.cents += event.cents;
    }
}

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        if self.open {
            return Err(Refused::Open);
        }
        Ok(Opened.into())
    }
}
impl Handle<Deposit> for Account {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        if !self.open {
            return Err(Refused::NotOpen);
        }
        Ok(Moved { cents: command.0 }.into())
    }
}
impl Handle<Withdraw> for Account {
    fn handle(&self, command: &Withdraw) -> Decision<Self> {
        match command.0 - self.cents {
            _ if !self.open => Err(Refused::NotOpen),
            missing @ 1.. => Err(Refused::Missing(missing)),
            _ => Ok(Moved { cents: -command.0 }.into()),
        }
    }
}

/// There is none before it is opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Aggregate)]
#[aggregate(name = "account", id = u64, error = Refused, created_by = Opened, events(Opened, Moved))]
pub(crate) struct Created {
    pub(crate) cents: i64,
}

impl Create<Opened> for Created {
    fn create(_: &Opened) -> Self {
        Self { cents: 0 }
    }
}
impl Apply<Moved> for Created {
    fn apply(&mut self, event: &Moved) {
        self.cents += event.cents;
    }
}
impl HandleNew<Open> for Created {
    fn handle(_: &Open) -> Decision<Self> {
        Ok(Opened.into())
    }
}
impl Handle<Deposit> for Created {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        Ok(Moved { cents: command.0 }.into())
    }
}
