//! The bank account of the standard workload on the framework.

use eventsource_core::{EncodeError, prelude::*};
use serde::{Deserialize, Serialize};

use crate::workload::Fact;

/// An account was opened.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub struct AccountOpened {
    /// Whose it is.
    pub owner: String,
    /// What is in it.
    pub initial: i64,
}

/// Money came in.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "money.deposited")]
pub struct MoneyDeposited {
    /// How much.
    pub amount: i64,
    /// What for.
    pub description: String,
}

/// Money went out.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "money.withdrawn")]
pub struct MoneyWithdrawn {
    /// How much.
    pub amount: i64,
    /// What for.
    pub description: String,
}

/// There is not so much in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdrawn;

impl std::fmt::Display for Overdrawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is not so much in the account")
    }
}

impl std::error::Error for Overdrawn {}

/// The state of an account.
#[derive(Debug, Default, Clone, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = Overdrawn,
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn)
)]
pub struct Account {
    /// Whose it is.
    pub owner: String,
    /// What is in it.
    pub balance: i64,
    /// How many events it has had.
    pub events: u64,
}

impl Apply<AccountOpened> for Account {
    fn apply(&mut self, event: &AccountOpened) {
        self.owner.clone_from(&event.owner);
        self.balance = event.initial;
        self.events += 1;
    }
}

impl Apply<MoneyDeposited> for Account {
    fn apply(&mut self, event: &MoneyDeposited) {
        self.balance += event.amount;
        self.events += 1;
    }
}

impl Apply<MoneyWithdrawn> for Account {
    fn apply(&mut self, event: &MoneyWithdrawn) {
        self.balance -= event.amount;
        self.events += 1;
    }
}

impl From<Fact> for AccountEvent {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Opened(owner, initial) => AccountOpened { owner, initial }.into(),
            Fact::Deposited(amount, description) => MoneyDeposited {
                amount,
                description,
            }
            .into(),
            Fact::Withdrawn(amount, description) => MoneyWithdrawn {
                amount,
                description,
            }
            .into(),
        }
    }
}

/// An event as a store keeps it: name, schema version and payload.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The stored name.
    pub name: String,
    /// The schema version.
    pub version: u32,
    /// The payload.
    pub payload: Vec<u8>,
}

impl Stored {
    /// What the derived codec writes.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when the event has no JSON form.
    pub fn from_event(event: &AccountEvent) -> Result<Self, EncodeError> {
        use eventsource_core::AggregateEvent as _;

        let schema = event.schema();
        let mut payload = Vec::new();
        event.encode(&mut payload)?;
        Ok(Self {
            name: schema.name.to_owned(),
            version: schema.version,
            payload,
        })
    }
}
