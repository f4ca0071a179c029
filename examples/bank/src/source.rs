//! Where a database's events come from: one stream whose first event says it, written before anything else.
//!
//! A database that was begun from one source is not continued from another: that would mix two banks.

use std::{fmt, sync::Arc};

use eventsource_core::{ExecuteError, LoadError, Schema, prelude::*};
use serde::{Deserialize, Serialize};

use crate::{bank::Store, fingerprint::Fingerprint};

/// The database was begun from a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "source.chosen")]
pub struct SourceChosen {
    /// Which.
    pub source: Origin,
}

/// What the events of a database are made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// A bank drawn by chance, the same one for the same numbers.
    Seeded {
        /// The rules by which it is drawn; other rules draw another bank from the same numbers.
        rules: u32,
        /// What chance begins with.
        seed: u64,
        /// How many accounts.
        accounts: u64,
        /// How many commands.
        commands: u64,
    },
    /// A ledger.
    Ledger {
        /// What tells the file from another.
        fingerprint: Fingerprint,
        /// How many rows it has.
        rows: u64,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seeded {
                rules,
                seed,
                accounts,
                commands,
            } => write!(
                f,
                "the bank of seed {seed} with {accounts} accounts and {commands} commands (rules {rules})"
            ),
            Self::Ledger { fingerprint, rows } => {
                write!(f, "the ledger {fingerprint} of {rows} rows")
            }
        }
    }
}

/// The source of a database.
#[derive(Debug, Clone, PartialEq, Eq, Aggregate)]
#[aggregate(
    name = "bank.source",
    id = String,
    error = std::convert::Infallible,
    created_by = SourceChosen,
    events(SourceChosen)
)]
pub struct Source {
    origin: Origin,
}

impl Create<SourceChosen> for Source {
    fn create(event: &SourceChosen) -> Self {
        Self {
            origin: event.source.clone(),
        }
    }
}

struct Choose(Origin);

impl HandleNew<Choose> for Source {
    fn handle(Choose(source): &Choose) -> Decision<Self> {
        let source = source.clone();
        Ok(SourceChosen { source }.into())
    }
}

/// A database cannot be continued from this source; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It was begun from another one.
    #[error(
        "this database was begun from {begun}, and cannot be continued from {asked}; name another one with --db"
    )]
    Other {
        /// What it was begun from.
        begun: Origin,
        /// What it was to be continued from.
        asked: Origin,
    },
    /// It has events, but none that says where they come from.
    #[error(
        "this database holds events of something else than this bank; name another one with --db"
    )]
    Foreign,
    /// It has no events.
    #[error("there is no bank in this database yet; run the bank or import a ledger first")]
    Nothing,
    /// It could not be read.
    #[error("the source of the database could not be read")]
    Load(#[from] LoadError),
    /// It could not be read.
    #[error("the database could not be read")]
    Read(#[from] eventsource_core::ReadError),
    /// It could not be written.
    #[error("the source of the database could not be written")]
    Write(#[from] Box<ExecuteError<std::convert::Infallible>>),
}

/// There is one source in a database.
const ONLY: &str = "only";

/// What a database was begun from.
///
/// # Errors
///
/// [`SourceError`], also where it has not begun.
pub async fn begun_from(store: &Store) -> Result<Origin, SourceError> {
    match Repository::<Source>::new(Arc::clone(store))
        .load(&ONLY.to_owned())
        .await
    {
        Ok(source) => Ok(source.origin.clone()),
        Err(LoadError::NotFound { .. }) => match store.head().await? {
            None => Err(SourceError::Nothing),
            Some(_) => Err(SourceError::Foreign),
        },
        Err(error) => Err(error.into()),
    }
}

/// Begins a database from a source, or makes sure that it was begun from it.
///
/// # Errors
///
/// [`SourceError::Other`] and [`SourceError::Foreign`] before anything is written.
pub async fn begin(store: &Store, asked: Origin) -> Result<(), SourceError> {
    match begun_from(store).await {
        Ok(begun) => same(begun, asked),
        Err(SourceError::Nothing) => {
            let sources = Repository::<Source>::new(Arc::clone(store));
            match sources
                .create(&ONLY.to_owned(), Choose(asked.clone()))
                .await
            {
                Ok(_) => Ok(()),
                // Another process was faster; it may have begun from something else.
                Err(ExecuteError::AlreadyExists { .. }) => same(begun_from(store).await?, asked),
                Err(error) => Err(Box::new(error).into()),
            }
        }
        Err(error) => Err(error),
    }
}

fn same(begun: Origin, asked: Origin) -> Result<(), SourceError> {
    if begun == asked {
        return Ok(());
    }
    Err(SourceError::Other { begun, asked })
}
