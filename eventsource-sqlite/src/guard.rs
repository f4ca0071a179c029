//! What a statement may touch. SQLite asks when it prepares one, also when it does so anew after the schema has changed.
//!
//! Setting an authorizer expires all prepared statements, so one is set when the connection is opened, and what it allows
//! is changed. A statement that was prepared under one mode must not run under another one: those of a read model begin
//! with a comment that names it, so that the cache keeps them apart.

use std::{
    collections::BTreeSet,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{
    Connection,
    hooks::{AuthAction, AuthContext, Authorization},
};

use crate::names;

/// What may be done.
#[derive(Debug, Clone, Default)]
pub(crate) enum Mode {
    /// Everything: the statements are the store's own.
    #[default]
    Own,
    /// This table is made, with its indexes.
    Making(Arc<str>),
    /// The rows of these tables are read and changed.
    Changing(Arc<BTreeSet<String>>),
    /// These views and the tables behind them are read.
    Reading(Arc<BTreeSet<String>>),
}

/// A connection, and what may be done by it.
#[derive(Debug)]
pub(crate) struct Guarded {
    connection: Connection,
    mode: Arc<Mutex<Mode>>,
}

/// Everything is allowed again when it is dropped.
struct Within<'a>(&'a Mutex<Mode>);

impl Guarded {
    pub(crate) fn new(mut connection: Connection) -> rusqlite::Result<Self> {
        let mode = Arc::new(Mutex::new(Mode::Own));
        let shared = Arc::clone(&mode);
        connection.authorizer(Some(move |asked: AuthContext<'_>| {
            let mode = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if mode.allows(&asked) {
                Authorization::Allow
            } else {
                Authorization::Deny
            }
        }))?;
        Ok(Self { connection, mode })
    }

    /// Does something by statements of others.
    pub(crate) fn within<'a, T>(&'a self, mode: Mode, act: impl FnOnce(&'a Connection) -> T) -> T {
        set(&self.mode, mode);
        let _within = Within(&self.mode);
        act(&self.connection)
    }
}

fn set(cell: &Mutex<Mode>, mode: Mode) {
    *cell.lock().unwrap_or_else(PoisonError::into_inner) = mode;
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        set(self.0, Mode::Own);
    }
}

impl Deref for Guarded {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Mode {
    pub(crate) fn making(table: &str) -> Self {
        Self::Making(table.into())
    }

    fn allows(&self, asked: &AuthContext<'_>) -> bool {
        if matches!(self, Self::Own) {
            return true;
        }
        // What is read of no database is of a part of the statement itself, or says nothing of its columns.
        if asked.database_name.is_some_and(|name| name != "main") {
            return false;
        }
        match (self, asked.action) {
            (_, AuthAction::Select | AuthAction::Recursive) => true,
            (_, AuthAction::Function { function_name }) => {
                !function_name.eq_ignore_ascii_case("load_extension")
            }
            (Self::Making(table), action) => is_of_making(table, action),
            (
                Self::Changing(tables),
                AuthAction::Insert { table_name }
                | AuthAction::Delete { table_name }
                | AuthAction::Update { table_name, .. },
            ) => has(tables, table_name),
            // Who reads a table in the place of whom is no help: a part of the statement may have the name of a view.
            (
                Self::Changing(tables) | Self::Reading(tables),
                AuthAction::Read { table_name, .. },
            ) => has(tables, table_name) || names::is_list(table_name),
            _ => false,
        }
    }
}

/// A new table is written into the schema.
fn is_of_making(table: &str, action: AuthAction<'_>) -> bool {
    match action {
        AuthAction::CreateTable { table_name } => {
            table_name == table || table_name == "sqlite_sequence"
        }
        AuthAction::CreateIndex { table_name, .. } => table_name == table,
        AuthAction::Read { table_name, .. } => table_name == table || table_name == "sqlite_master",
        AuthAction::Insert { table_name } | AuthAction::Update { table_name, .. } => {
            table_name == "sqlite_master"
        }
        AuthAction::Reindex { .. } => true,
        _ => false,
    }
}

fn has(names: &BTreeSet<String>, name: &str) -> bool {
    names.contains(name) || names.contains(&name.to_ascii_lowercase())
}
