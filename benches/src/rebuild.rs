//! Rebuilds of read models over the log of [`log`](crate::log), by the runner of projections. What a rebuild makes is small, so
//! that what is seen is the way there: totals in memory, and a row for each account in a table.

use std::time::Duration;

use eventsource_core::{
    InMemory, Runner, RunnerHandle, Table,
    prelude::*,
    projection::{Envelope, HandlerError, Project, ProjectIn, ReadModel},
};
use eventsource_sqlite::{SqliteReadModels, SqliteStore, SqliteTx};

use crate::bank::{Account, AccountOpened, MoneyDeposited, MoneyWithdrawn};

/// The second category of the log: the same events.
#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "order",
    id = u64,
    error = std::convert::Infallible,
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn)
)]
pub struct Order;

/// What is made of the whole log.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Projection)]
#[projection(
    name = "totals",
    version = 1,
    from(Account, Order),
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn)
)]
pub struct Totals {
    /// How many events there are.
    pub events: u64,
    /// How long their payloads are together.
    pub bytes: u64,
    /// What is in all accounts.
    pub balance: i64,
}

impl Totals {
    /// Adds an event.
    pub fn add(&mut self, payload: &[u8], amount: i64) {
        self.events += 1;
        self.bytes += payload.len() as u64;
        self.balance += amount;
    }
}

/// A row for each account.
#[derive(Debug, Projection)]
#[projection(
    name = "sums",
    version = 1,
    from(Account, Order),
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn),
    transaction = SqliteTx
)]
pub struct Sums;

/// The columns of the table that both [`Sums`] and the bare program fill.
pub const COLUMNS: &str = "account INTEGER PRIMARY KEY, events INTEGER NOT NULL, bytes INTEGER NOT NULL, \
                           balance INTEGER NOT NULL";

impl ReadModel for Sums {
    const TABLES: &'static [Table] = &[Table::new("sums", COLUMNS)];
}

/// What is done for an event.
pub fn upsert(table: &str) -> String {
    format!(
        "INSERT INTO {table} (account, events, bytes, balance) VALUES (?1, 1, ?2, ?3)
         ON CONFLICT (account) DO UPDATE
         SET events = events + 1, bytes = bytes + excluded.bytes, balance = balance + excluded.balance"
    )
}

/// What is asked of the table in the end.
pub fn totals_of(table: &str) -> String {
    format!("SELECT sum(events), sum(bytes), sum(balance) FROM {table}")
}

impl Sums {
    fn add(envelope: &Envelope<'_>, tx: &mut SqliteTx, amount: i64) -> Result<(), HandlerError> {
        let account: u64 = envelope.stream.id().parse()?;
        let bytes = u64::try_from(envelope.payload.bytes().len())?;
        tx.execute(&upsert(tx.table("sums")?), (account, bytes, amount))?;
        Ok(())
    }
}

macro_rules! handlers {
    ($($event:ident: $amount:expr;)*) => {$(
        impl Project<$event> for Totals {
            fn project(&mut self, event: &$event, envelope: &Envelope<'_>) {
                self.add(envelope.payload.bytes(), $amount(event));
            }
        }

        impl ProjectIn<SqliteTx, $event> for Sums {
            fn project(
                &self,
                event: &$event,
                envelope: &Envelope<'_>,
                tx: &mut SqliteTx,
            ) -> Result<(), HandlerError> {
                Self::add(envelope, tx, $amount(event))
            }
        }

        impl Apply<$event> for Order {
            fn apply(&mut self, _: &$event) {}
        }
    )*};
}

handlers! {
    AccountOpened: |event: &AccountOpened| event.initial;
    MoneyDeposited: |event: &MoneyDeposited| event.amount;
    MoneyWithdrawn: |event: &MoneyWithdrawn| -event.amount;
}

/// A runner that keeps one read model up with a log, at its head.
#[derive(Debug)]
pub struct Kept<M> {
    runner: RunnerHandle,
    model: M,
}

impl Kept<InMemory<Totals>> {
    /// In memory.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn in_memory(store: SqliteStore) -> Self {
        let model = InMemory::new(Totals::default);
        let runner = Runner::new(store).with(model.clone()).start();
        let runner = at_head(runner.expect("one projection")).await;
        Self { runner, model }
    }

    /// Builds it anew.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn rebuild(&self) -> Totals {
        let rebuilt = self.runner.rebuild("totals").await;
        rebuilt.expect("a whole file");
        self.model.read(|totals| **totals)
    }
}

impl Kept<SqliteReadModels> {
    /// In a table of the file.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn in_transactions(store: SqliteStore, model: SqliteReadModels) -> Self {
        let runner = Runner::new(store).with(Sums).start();
        let runner = at_head(runner.expect("one projection")).await;
        Self { runner, model }
    }

    /// Builds it anew.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn rebuild(&self) -> Totals {
        let rebuilt = self.runner.rebuild("sums").await;
        rebuilt.expect("a disk with room");
        let row = self.model.query_one(&totals_of("sums"), ()).await;
        let row = row.expect("one row");
        Totals {
            events: row.get(0).expect("a number"),
            bytes: row.get(1).expect("a number"),
            balance: row.get(2).expect("a number"),
        }
    }
}

impl<M> Kept<M> {
    /// Ends.
    pub async fn stop(self) {
        self.runner.stop().await;
    }
}

/// Waits until everything that a runner keeps up is at the head of the store, and so goes on live.
///
/// # Panics
///
/// When the store fails, or a projection stops.
pub async fn at_head(runner: RunnerHandle) -> RunnerHandle {
    loop {
        let all = runner.status().await.expect("a whole store");
        for one in &all {
            assert!(
                !one.state.is_stopped(),
                "{}: {:?}",
                one.name,
                one.last_error
            );
        }
        if all
            .iter()
            .all(|one| one.state.is_live() && one.is_at_head())
        {
            return runner;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
