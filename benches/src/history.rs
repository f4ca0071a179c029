//! The event of [`past`](crate::past) as it is written with the framework: today's struct, and its five versions in its
//! attributes. The account of the standard workload has it in the place of its deposits.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    bank::{AccountOpened, MoneyWithdrawn},
    past::{Currency, to_cents},
};

/// Money came in.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "money.deposited", version = 5, had(memo: String, before = 4))]
pub struct MoneyDeposited {
    /// Where to.
    pub account: String,
    /// How much.
    #[event(was(amount: f64, before = 3, with = to_cents), was(_: u32, before = 5))]
    pub cents: u64,
    /// Of what.
    #[event(since = 2, default = Currency::Eur)]
    pub currency: Currency,
    /// Whether it was said what for.
    #[event(since = 4, with = |old| !old.memo.is_empty())]
    pub annotated: bool,
}

/// The state of an account.
#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn)
)]
pub struct Account {
    /// Whose it is.
    pub owner: String,
    /// What is in it, in cents.
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
        self.balance += event.cents.cast_signed();
        self.events += 1;
    }
}

impl Apply<MoneyWithdrawn> for Account {
    fn apply(&mut self, event: &MoneyWithdrawn) {
        self.balance -= event.amount;
        self.events += 1;
    }
}
