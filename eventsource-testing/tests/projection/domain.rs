//! Accounts and orders, and what is made of them in each place where a read model can lie.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use eventsource_core::{prelude::*, projection::Table};
use serde::{Deserialize, Serialize};

use crate::drawer::DrawerTx;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub(crate) struct Opened {
    pub(crate) owner: String,
}

/// Called `deposit.made` in version 1, when it had whole units.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(
    name = "account.deposited",
    version = 2,
    was("deposit.made", before = 2)
)]
pub(crate) struct Deposited {
    #[event(was(units: i64, before = 2, with = |units| units * 100))]
    pub(crate) cents: i64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.closed")]
pub(crate) struct Closed;

pub(crate) mod legacy {
    use super::*;

    /// Was split into opening and deposit.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.opened_funded")]
    pub(crate) struct OpenedFunded {
        owner: String,
        cents: i64,
    }

    pub(crate) fn split(old: OpenedFunded) -> [AccountEvent; 2] {
        let (owner, cents) = (old.owner, old.cents);
        [Opened { owner }.into(), Deposited { cents }.into()]
    }

    /// Was dropped.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.viewed")]
    pub(crate) struct Viewed;
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, Deposited, Closed),
    retired("account.opened_funded", from = legacy::OpenedFunded, into = legacy::split),
    retired("account.viewed", from = legacy::Viewed, into = |_| []),
)]
pub(crate) struct Account;

impl<E> Apply<E> for Account {
    fn apply(&mut self, _: &E) {}
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "order.placed")]
pub(crate) struct Placed {
    pub(crate) account: u64,
    pub(crate) cents: i64,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "order", id = u64, error = std::convert::Infallible, events(Placed))]
pub(crate) struct Order;

impl<E> Apply<E> for Order {
    fn apply(&mut self, _: &E) {}
}

pub(crate) fn opened(owner: &str) -> Opened {
    let owner = owner.to_owned();
    Opened { owner }
}

pub(crate) fn deposited(cents: i64) -> Deposited {
    Deposited { cents }
}

pub(crate) fn placed(account: u64, cents: i64) -> Placed {
    Placed { account, cents }
}

/// Rows by their name.
pub(crate) fn rows<const N: usize>(rows: [(&str, i64); N]) -> BTreeMap<String, i64> {
    rows.map(|(name, value)| (name.to_owned(), value)).into()
}

/// What is left to each account: in memory.
#[derive(Debug, Default, PartialEq, Projection)]
#[projection(
    name = "balances",
    version = 1,
    from(Account, Order),
    events(Deposited, Placed),
    ignores(..)
)]
pub(crate) struct Balances(pub(crate) BTreeMap<String, i64>);

impl Balances {
    fn add(&mut self, account: String, cents: i64) {
        *self.0.entry(account).or_default() += cents;
    }
}

impl Project<Deposited> for Balances {
    fn project(&mut self, event: &Deposited, envelope: &Envelope<'_>) {
        self.add(envelope.stream.id().to_owned(), event.cents);
    }
}

impl Project<Placed> for Balances {
    fn project(&mut self, event: &Placed, _: &Envelope<'_>) {
        self.add(event.account.to_string(), -event.cents);
    }
}

/// The same in a transaction.
#[derive(Debug, Default, Projection)]
#[projection(
    name = "balance-rows",
    version = 1,
    from(Account, Order),
    events(Deposited, Placed),
    ignores(..),
    transaction = DrawerTx
)]
pub(crate) struct BalanceRows;

impl ReadModel for BalanceRows {
    const TABLES: &'static [Table] = &[Table::new("balances", "account, cents")];
}

fn add(tx: &mut DrawerTx, account: String, cents: i64) -> Result<(), HandlerError> {
    let row = tx.rows.entry(account).or_default();
    let sum = row.checked_add(cents).filter(|sum| *sum >= 0);
    *row = sum.ok_or_else(|| HandlerError::permanent("a balance would be negative"))?;
    Ok(())
}

impl ProjectIn<DrawerTx, Deposited> for BalanceRows {
    fn project(
        &self,
        event: &Deposited,
        envelope: &Envelope<'_>,
        tx: &mut DrawerTx,
    ) -> Result<(), HandlerError> {
        add(tx, envelope.stream.id().to_owned(), event.cents)
    }
}

impl ProjectIn<DrawerTx, Placed> for BalanceRows {
    fn project(
        &self,
        event: &Placed,
        _: &Envelope<'_>,
        tx: &mut DrawerTx,
    ) -> Result<(), HandlerError> {
        add(tx, event.account.to_string(), -event.cents)
    }
}

/// What is outside: an index of texts under keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index(Arc<Mutex<BTreeMap<String, String>>>);

impl Index {
    pub(crate) fn put(&self, key: impl Into<String>, text: impl Into<String>) {
        self.entries().insert(key.into(), text.into());
    }

    pub(crate) fn entries(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().expect("no panic")
    }

    pub(crate) fn all(&self) -> Vec<String> {
        let entry = |(key, text): (&String, &String)| format!("{key}: {text}");
        self.entries().iter().map(entry).collect()
    }
}

/// The owners by their position, outside.
#[derive(Debug, Projection)]
#[projection(name = "owners", version = 1, from(Account), events(Opened), ignores(..), at_least_once)]
pub(crate) struct Owners(pub(crate) Index);

impl ProjectAsync<Opened> for Owners {
    async fn project(&self, event: &Opened, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
        self.0
            .put(envelope.position().to_string(), event.owner.clone());
        Ok(())
    }
}

/// A letter to whoever opens an account.
#[derive(Debug, Reaction)]
#[reaction(name = "welcome", from(Account), events(Opened), ignores(..))]
pub(crate) struct Welcome(pub(crate) Index);

impl React<Opened> for Welcome {
    async fn react(
        &self,
        event: &Opened,
        _: &Envelope<'_>,
        id: ReactionId,
    ) -> Result<(), HandlerError> {
        self.0.put(id.to_string(), event.owner.clone());
        Ok(())
    }
}
