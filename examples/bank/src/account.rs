//! A plain account: opened once, credited, withdrawn from, never below zero.
//!
//! It is a whole aggregate by itself. What the bank knows beyond it (overdraft, blocking, reversals, printed balances)
//! is in `bank_account.rs`, which holds one of these and asks it. Amounts are integers of haler; 100 make a crown.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

/// The number of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AggregateId)]
pub struct AccountId(pub u64);

/// The account exists from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub struct Opened;

/// Money came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "account.credited")]
pub struct Credited {
    /// How much.
    pub haler: i64,
}

/// Money went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "account.withdrawn")]
pub struct Withdrawn {
    /// How much.
    pub haler: i64,
}

/// The state of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Schema, Aggregate)]
#[aggregate(name = "account", id = AccountId, error = AccountError, events(Opened, Credited, Withdrawn))]
pub struct Account {
    /// Whether it was opened.
    pub open: bool,
    /// What came in less what went out, in haler.
    pub balance: i64,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {
        self.open = true;
    }
}

impl Apply<Credited> for Account {
    fn apply(&mut self, event: &Credited) {
        self.balance += event.haler;
    }
}

impl Apply<Withdrawn> for Account {
    fn apply(&mut self, event: &Withdrawn) {
        self.balance -= event.haler;
    }
}

/// Why an account refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// It was opened before.
    #[error("the account is open already")]
    AlreadyOpen,
    /// It was never opened.
    #[error("there is no such account")]
    NotOpen,
    /// Nothing, or less than nothing, cannot be moved.
    #[error("an amount must be positive, and {0} haler are not")]
    NotPositive(i64),
    /// No account can hold so much.
    #[error("{0} haler more or less are beyond what an account can count")]
    TooMuch(i64),
    /// There is not enough money.
    #[error("{missing} haler are missing")]
    InsufficientFunds {
        /// How much is missing.
        missing: u64,
    },
}

/// Open the account.
#[derive(Debug, Clone, Copy)]
pub struct Open;

/// Put money in.
#[derive(Debug, Clone, Copy)]
pub struct Credit {
    /// How much.
    pub haler: i64,
}

/// Take money out.
#[derive(Debug, Clone, Copy)]
pub struct Withdraw {
    /// How much.
    pub haler: i64,
}

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        if self.open {
            return Err(AccountError::AlreadyOpen);
        }
        Ok(Opened.into())
    }
}

impl Handle<Credit> for Account {
    fn handle(&self, &Credit { haler }: &Credit) -> Decision<Self> {
        self.after(haler, i64::checked_add)?;
        Ok(Credited { haler }.into())
    }
}

impl Handle<Withdraw> for Account {
    fn handle(&self, &Withdraw { haler }: &Withdraw) -> Decision<Self> {
        let left = self.after(haler, i64::checked_sub)?;
        if left < 0 {
            let missing = left.unsigned_abs();
            return Err(AccountError::InsufficientFunds { missing });
        }
        Ok(Withdrawn { haler }.into())
    }
}

impl Account {
    /// The balance after a movement, where the movement makes sense.
    fn after(&self, haler: i64, moved: fn(i64, i64) -> Option<i64>) -> Result<i64, AccountError> {
        match haler {
            _ if !self.open => Err(AccountError::NotOpen),
            ..=0 => Err(AccountError::NotPositive(haler)),
            _ => moved(self.balance, haler).ok_or(AccountError::TooMuch(haler)),
        }
    }
}
