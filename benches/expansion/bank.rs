//! The events of the standard workload, with as many derives as `expansion-size` asks for. It counts the lines that they
//! become, and the functions that are compiled for them.
#![expect(unexpected_cfgs, reason = "`expansion-size` sets them")]

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg_attr(not(without_serde), derive(Serialize, Deserialize))]
#[cfg_attr(not(without_event), derive(Event), event(name = "account.opened"))]
struct AccountOpened {
    owner: String,
    initial: i64,
}

#[cfg_attr(not(without_serde), derive(Serialize, Deserialize))]
#[cfg_attr(not(without_event), derive(Event), event(name = "money.deposited"))]
struct MoneyDeposited {
    amount: i64,
    description: String,
}

#[cfg_attr(not(without_serde), derive(Serialize, Deserialize))]
#[cfg_attr(not(without_event), derive(Event), event(name = "money.withdrawn"))]
struct MoneyWithdrawn {
    amount: i64,
    description: String,
}

#[cfg_attr(
    not(without_aggregate),
    derive(Default, Aggregate),
    aggregate(name = "account", id = u64, error = std::convert::Infallible)
)]
#[cfg_attr(
    not(any(without_aggregate, one_event)),
    aggregate(events(AccountOpened, MoneyDeposited, MoneyWithdrawn))
)]
#[cfg_attr(
    all(not(without_aggregate), one_event),
    aggregate(events(AccountOpened))
)]
struct Account {
    balance: i64,
}

impl Apply<AccountOpened> for Account {
    fn apply(&mut self, event: &AccountOpened) {
        self.balance = event.initial;
    }
}

impl Apply<MoneyDeposited> for Account {
    fn apply(&mut self, event: &MoneyDeposited) {
        self.balance += event.amount;
    }
}

impl Apply<MoneyWithdrawn> for Account {
    fn apply(&mut self, event: &MoneyWithdrawn) {
        self.balance -= event.amount;
    }
}

/// All that a repository does with the events: it writes and reads them.
#[cfg(not(without_aggregate))]
fn main() {
    struct Open;
    impl Handle<Open> for Account {
        fn handle(&self, _: &Open) -> Decision<Self> {
            let owner = String::new();
            Ok(AccountOpened { owner, initial: 0 }.into())
        }
    }
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let opened = benches::measure::ready(accounts.execute(&1, Open));
    assert!(opened.is_ok_and(|receipt| receipt.events() == 1));
}

#[cfg(without_aggregate)]
fn main() {}
