//! The transaction in which handlers write.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    fmt,
    rc::Rc,
    sync::Arc,
};

use eventsource_core::{EngineError, Generation, ProjectionName};
use rusqlite::{Error as SqlError, ErrorCode, Statement};

use crate::{
    error::is_engines,
    guard::{Guarded, Mode},
    names,
    rows::{self, SqliteRow, SqliteRowError},
    sql,
    value::{SqliteParams, SqliteTypeError, checked},
};

/// The store's own transaction, as the handlers of one projection see it. What they write and the checkpoint are committed
/// together, or nothing of them.
///
/// A statement reads and changes the tables of the projection's own generation and nothing else: no event, no table of
/// another projection, no other generation; it ends no transaction, and makes, changes or drops no table. SQLite itself is
/// asked about each, so it does not matter how the statement is written. The name of a table in this generation is asked
/// of [`table`](Self::table) and stands in the statement; every value is a parameter.
///
/// ```
/// use eventsource_sqlite::{SqliteTx, SqliteTxError};
///
/// fn deposit(tx: &SqliteTx, account: &str, haler: i64) -> Result<i64, SqliteTxError> {
///     let balances = tx.table("balances")?;
///     let deposit = format!(
///         "INSERT INTO {balances} (account, haler) VALUES (?1, ?2)
///          ON CONFLICT (account) DO UPDATE SET haler = haler + excluded.haler"
///     );
///     tx.execute(&deposit, (account, haler))?;
///     let balance = format!("SELECT haler FROM {balances} WHERE account = ?1");
///     Ok(tx.query_one(&balance, [account])?.get("haler")?)
/// }
/// ```
///
/// A common table expression is read by at least one of its columns: SQLite asks about `SELECT count(*) FROM x` as about a
/// table `x`, which is refused; `SELECT count(id) FROM x` is not.
///
/// Statements are prepared once and kept by their text. All that the handlers of one batch do holds the writing thread, and
/// everybody who appends waits for it: a handler waits for nobody else. Least of all for a change of the same store, which
/// would wait for the handler: on the handler's own thread that is refused with [`WithinHandler`](crate::WithinHandler) as
/// the source; on another one, and for the end of [`SqliteStore::close`](crate::SqliteStore::close), nobody can tell, and
/// it lasts for ever.
///
/// An error of a statement may be handled: what the statement did is undone, what came before it is not. That holds for
/// each that writes, also for one that says `OR FAIL`; each of them has a savepoint for that. Once the engine itself has failed,
/// as on a full disk, or a statement has said `OR ROLLBACK`, each later statement is refused, and the batch with it,
/// whatever the handler makes of it.
pub struct SqliteTx {
    connection: Rc<Guarded>,
    projection: ProjectionName,
    generation: Generation,
    /// By their plain names.
    tables: BTreeMap<String, String>,
    allowed: Arc<BTreeSet<String>>,
    /// What keeps its statements apart from those of others.
    prefix: String,
    /// What the engine has failed of.
    failure: RefCell<Option<SqlError>>,
    is_lost: Cell<bool>,
}

/// A handler's statement was refused or has failed; it has changed nothing. Only where a [`Row`](Self::Row) does not have
/// what was asked of it, its statement was done before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteTxError {
    /// The projection does not declare this table.
    #[error(
        "the projection `{projection}` declares no table `{table}`: name it in `ReadModel::TABLES`"
    )]
    UndeclaredTable {
        /// The projection.
        projection: ProjectionName,
        /// The plain name.
        table: String,
    },
    /// The statement would do what handlers may not: touch another table, the schema, a transaction or a setting.
    #[error("the statement does more than read and change the rows of its own tables: {sql}")]
    Refused {
        /// The statement.
        sql: String,
    },
    /// SQLite does not take the statement, or it breaks a rule of the table.
    #[error("the statement failed: {sql}")]
    Sql {
        /// The statement, without its values.
        sql: String,
        /// What SQLite said.
        #[source]
        source: EngineError,
    },
    /// The statement gives rows, which nobody would take: ask for them by [`SqliteTx::query`].
    #[error("the statement gives rows, and is executed without taking them: {sql}")]
    GivesRows {
        /// The statement.
        sql: String,
    },
    /// One row was wanted, and there is none.
    #[error("the statement gave no row: {sql}")]
    NoRow {
        /// The statement.
        sql: String,
    },
    /// One row was wanted, and there are more.
    #[error("the statement gave more than one row: {sql}")]
    MoreRows {
        /// The statement.
        sql: String,
    },
    /// A value cannot be given to SQLite.
    #[error("a parameter of the statement: {0}")]
    Value(#[from] SqliteTypeError),
    /// A row does not have what was asked of it. The statement that gave it was done.
    #[error(transparent)]
    Row(#[from] SqliteRowError),
    /// The engine has failed, and the transaction is lost.
    #[error("the transaction is lost: {sql}")]
    Lost {
        /// The statement that was not executed.
        sql: String,
    },
}

impl SqliteTx {
    pub(crate) fn new(
        connection: Rc<Guarded>,
        projection: ProjectionName,
        generation: Generation,
        tables: Vec<String>,
    ) -> Self {
        let tables: BTreeMap<String, String> = tables
            .into_iter()
            .map(|plain| {
                let physical = names::physical(&plain, generation);
                (plain, physical)
            })
            .collect();
        Self {
            connection,
            prefix: format!("/*{projection} {generation}*/ "),
            allowed: Arc::new(tables.values().cloned().collect()),
            projection,
            generation,
            tables,
            failure: RefCell::new(None),
            is_lost: Cell::new(false),
        }
    }

    /// The name that a table of the read model has in this generation, such as `balances__g3`.
    ///
    /// # Errors
    ///
    /// [`SqliteTxError::UndeclaredTable`] where the projection does not declare it.
    pub fn table(&self, name: &str) -> Result<&str, SqliteTxError> {
        let found = match self.tables.get(name) {
            None => self.tables.get(&name.to_ascii_lowercase()),
            found => found,
        };
        found
            .map(String::as_str)
            .ok_or_else(|| SqliteTxError::UndeclaredTable {
                projection: self.projection.clone(),
                table: name.to_owned(),
            })
    }

    /// Executes a statement that gives no rows. How many rows it has changed.
    ///
    /// # Errors
    ///
    /// [`SqliteTxError::GivesRows`] for a `SELECT`, or where there is a `RETURNING`; others as the engine says. Nothing of
    /// the statement has happened.
    pub fn execute(&self, sql: &str, params: impl SqliteParams) -> Result<usize, SqliteTxError> {
        self.run(sql, params, |statement| {
            // It would be done up to its first row, or as a whole, and fail nevertheless.
            if statement.column_count() > 0 {
                let sql = sql.to_owned();
                return Err(SqliteTxError::GivesRows { sql });
            }
            let executed = statement.raw_execute();
            executed.map_err(|error| self.failed(sql, error))
        })
    }

    /// All rows of an answer, in memory at once: limit them where there may be many.
    ///
    /// # Errors
    ///
    /// [`SqliteTxError`]; nothing of the statement has happened.
    pub fn query(
        &self,
        sql: &str,
        params: impl SqliteParams,
    ) -> Result<Vec<SqliteRow>, SqliteTxError> {
        self.run(sql, params, |statement| {
            self.rows(sql, statement, usize::MAX)
        })
    }

    /// The only row.
    ///
    /// # Errors
    ///
    /// [`SqliteTxError::NoRow`] without one, [`SqliteTxError::MoreRows`] with several; others as
    /// [`query`](Self::query). Nothing of the statement has happened.
    pub fn query_one(
        &self,
        sql: &str,
        params: impl SqliteParams,
    ) -> Result<SqliteRow, SqliteTxError> {
        let row = self.query_optional(sql, params)?;
        row.ok_or_else(|| SqliteTxError::NoRow {
            sql: sql.to_owned(),
        })
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    ///
    /// [`SqliteTxError::MoreRows`] with several; others as [`query`](Self::query). Nothing of the statement has happened.
    pub fn query_optional(
        &self,
        sql: &str,
        params: impl SqliteParams,
    ) -> Result<Option<SqliteRow>, SqliteTxError> {
        self.run(sql, params, |statement| {
            let mut rows = self.rows(sql, statement, 2)?;
            if rows.len() > 1 {
                let sql = sql.to_owned();
                return Err(SqliteTxError::MoreRows { sql });
            }
            Ok(rows.pop())
        })
    }

    /// The generation that is written.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    fn rows(
        &self,
        sql: &str,
        statement: &mut Statement<'_>,
        most: usize,
    ) -> Result<Vec<SqliteRow>, SqliteTxError> {
        let rows = rows::take(statement, most);
        rows.map_err(|error| self.failed(sql, error))
    }

    /// Runs a statement: all of it, or nothing where there is an error, whoever finds it.
    fn run<T>(
        &self,
        sql: &str,
        params: impl SqliteParams,
        act: impl FnOnce(&mut Statement<'_>) -> Result<T, SqliteTxError>,
    ) -> Result<T, SqliteTxError> {
        let values = checked(params)?;
        // What came after the end of the transaction would be committed by itself.
        if self.is_lost.get() || self.connection.is_autocommit() {
            return Err(SqliteTxError::Lost {
                sql: sql.to_owned(),
            });
        }
        let text = format!("{}{sql}", self.prefix);
        let mode = || Mode::Changing(Arc::clone(&self.allowed));
        let prepared = self.connection.within(mode(), |connection| {
            rows::prepare(connection, &text, &values)
        });
        let mut statement = prepared.map_err(|error| self.failed(sql, error))?;
        let writes = !statement.readonly();
        let act = || self.connection.within(mode(), |_| act(&mut statement));
        if writes {
            self.all_or_nothing(sql, act)
        } else {
            act()
        }
    }

    /// SQLite by itself undoes not all of what fails: nothing of `OR FAIL`, of what gives rows, or of an `INSERT` of a
    /// `SELECT` that meets an error, where the table has no rule to break.
    fn all_or_nothing<T>(
        &self,
        sql: &str,
        act: impl FnOnce() -> Result<T, SqliteTxError>,
    ) -> Result<T, SqliteTxError> {
        let own = |statement| {
            let mut statement = self.connection.prepare_cached(statement)?;
            statement.raw_execute()
        };
        let ended = own(sql::BEGIN_STATEMENT).map(|_| act());
        let ended = ended.and_then(|done| {
            // Where it has rolled back the whole transaction, nothing is left to end.
            if !self.connection.is_autocommit() {
                if done.is_err() {
                    own(sql::UNDO_STATEMENT)?;
                }
                own(sql::END_STATEMENT)?;
            }
            Ok(done)
        });
        ended.unwrap_or_else(|error| Err(self.lost(sql, error)))
    }

    fn failed(&self, sql: &str, error: SqlError) -> SqliteTxError {
        if is_engines(&error) {
            return self.lost(sql, error);
        }
        let sql = sql.to_owned();
        if error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied) {
            return SqliteTxError::Refused { sql };
        }
        SqliteTxError::Sql {
            sql,
            source: error.into(),
        }
    }

    fn lost(&self, sql: &str, error: SqlError) -> SqliteTxError {
        self.is_lost.set(true);
        self.failure.replace(Some(error));
        SqliteTxError::Lost {
            sql: sql.to_owned(),
        }
    }

    /// What the engine has failed of, whatever the handlers have made of it.
    pub(crate) fn take_failure(&mut self) -> Option<SqlError> {
        self.failure.take()
    }
}

impl fmt::Debug for SqliteTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteTx")
            .field("projection", &self.projection)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
