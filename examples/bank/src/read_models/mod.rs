//! What is made of the events so that it can be asked: tables in the database's own file, each kept up by a projection.
//!
//! Each projection writes in the transaction of its checkpoint, so that every event is in its tables exactly once, however
//! often the program is killed. What the tables hold is read by `queries`, and by nothing else.

mod balances;
mod columns;
mod compare;
mod due;
pub mod fraud;
mod transactions;

use std::{fmt, time::Duration};

use clap::ValueEnum;
use eventsource_core::{
    HandlerError, Projection, RunSettings, Runner, RunnerHandle, runner::StartError,
};
use eventsource_sqlite::SqliteStore;

pub use self::{
    balances::Balances,
    compare::{Same, compare},
    fraud::Fraud,
    transactions::Transactions,
};

/// How long another process waits at the most before it goes on, when the one that ran the projections was killed.
pub const LEASE: Duration = Duration::from_secs(2);

/// How the projections are run where nothing else is asked for.
pub fn settings() -> RunSettings {
    RunSettings::default().with_lease(LEASE)
}

/// Has the projections run, each at its own pace, until the handle is dropped. Where another process runs them, these wait
/// until that one ends.
///
/// # Errors
///
/// [`StartError`].
pub fn start(store: &SqliteStore, settings: RunSettings) -> Result<RunnerHandle, StartError> {
    Runner::new(store.clone())
        .with_settings(Balances, settings)
        .with_settings(Transactions, settings)
        .with_settings(Fraud, settings)
        .start()
}

/// One of the projections, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// [`Balances`].
    Balances,
    /// [`Transactions`].
    Transactions,
    /// [`Fraud`].
    Fraud,
}

impl Name {
    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Balances => Balances::NAME,
            Self::Transactions => Transactions::NAME,
            Self::Fraud => Fraud::NAME,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Has one of the projections run.
///
/// # Errors
///
/// [`StartError`].
pub fn start_one(
    store: &SqliteStore,
    name: Name,
    settings: RunSettings,
) -> Result<RunnerHandle, StartError> {
    let runner = Runner::new(store.clone());
    match name {
        Name::Balances => runner.with_settings(Balances, settings),
        Name::Transactions => runner.with_settings(Transactions, settings),
        Name::Fraud => runner.with_settings(Fraud, settings),
    }
    .start()
}

/// An event came for a row that is not there: the stream of the account does not begin as it has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {what} that the event is about is not there")]
struct NotThere {
    what: &'static str,
}

/// Makes sure that a statement has changed the one row that it is about.
fn one_row(what: &'static str, changed: usize) -> Result<(), HandlerError> {
    if changed == 1 {
        return Ok(());
    }
    Err(HandlerError::permanent(NotThere { what }))
}
