//! The bank account without a framework, as short as it can be written: what ours is measured against.

use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::{bank::Stored, workload::Fact};

/// An account was opened.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountOpened {
    /// Whose it is.
    pub owner: String,
    /// What is in it.
    pub initial: i64,
}

/// Money came in.
#[derive(Debug, Serialize, Deserialize)]
pub struct MoneyDeposited {
    /// How much.
    pub amount: i64,
    /// What for.
    pub description: String,
}

/// Money went out.
#[derive(Debug, Serialize, Deserialize)]
pub struct MoneyWithdrawn {
    /// How much.
    pub amount: i64,
    /// What for.
    pub description: String,
}

/// An event of an account.
#[derive(Debug)]
pub enum AccountEvent {
    /// An account was opened.
    Opened(AccountOpened),
    /// Money came in.
    Deposited(MoneyDeposited),
    /// Money went out.
    Withdrawn(MoneyWithdrawn),
}

impl From<Fact> for AccountEvent {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Opened(owner, initial) => Self::Opened(AccountOpened { owner, initial }),
            Fact::Deposited(amount, description) => Self::Deposited(MoneyDeposited {
                amount,
                description,
            }),
            Fact::Withdrawn(amount, description) => Self::Withdrawn(MoneyWithdrawn {
                amount,
                description,
            }),
        }
    }
}

impl AccountEvent {
    /// The stored name and the JSON.
    ///
    /// # Panics
    ///
    /// Never: texts and whole numbers have a JSON form.
    pub fn to_json(&self) -> (&'static str, Vec<u8>) {
        let (name, json) = match self {
            Self::Opened(event) => ("account.opened", serde_json::to_vec(event)),
            Self::Deposited(event) => ("money.deposited", serde_json::to_vec(event)),
            Self::Withdrawn(event) => ("money.withdrawn", serde_json::to_vec(event)),
        };
        (
            name,
            json.expect("texts and whole numbers have a JSON form"),
        )
    }
}

/// The state of an account.
#[derive(Debug, Default, Clone)]
pub struct Account {
    /// Whose it is.
    pub owner: String,
    /// What is in it.
    pub balance: i64,
    /// How many events it has had.
    pub events: u64,
}

impl Account {
    /// `serde_json`, struct by name: the payload goes into the struct that the name says, and from there into the state.
    ///
    /// # Errors
    ///
    /// When the name is unknown, or the payload does not have its shape.
    pub fn replay(&mut self, stored: &Stored) -> Result<(), Box<dyn Error>> {
        match (stored.name.as_str(), stored.version) {
            ("account.opened", 1) => {
                let event: AccountOpened = serde_json::from_slice(&stored.payload)?;
                self.owner = event.owner;
                self.balance = event.initial;
            }
            ("money.deposited", 1) => {
                let event: MoneyDeposited = serde_json::from_slice(&stored.payload)?;
                self.balance += event.amount;
            }
            ("money.withdrawn", 1) => {
                let event: MoneyWithdrawn = serde_json::from_slice(&stored.payload)?;
                self.balance -= event.amount;
            }
            (name, version) => return Err(format!("no event {name}, version {version}").into()),
        }
        self.events += 1;
        Ok(())
    }

    /// A `match` by reference.
    pub fn apply(&mut self, event: &AccountEvent) {
        self.events += 1;
        match event {
            AccountEvent::Opened(event) => {
                self.owner.clone_from(&event.owner);
                self.balance = event.initial;
            }
            AccountEvent::Deposited(event) => self.balance += event.amount,
            AccountEvent::Withdrawn(event) => self.balance -= event.amount,
        }
    }
}
