//! Why a read model gave no answer.

use eventsource_core::{EngineError, ProjectionName};
use rusqlite::{Error as SqlError, ErrorCode};

use crate::{error::may_pass, rows::SqliteRowError, value::SqliteTypeError};

/// A read model gave no answer. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteReadError {
    /// The query would do more than read what is live of read models.
    #[error("the query does more than read the live tables of read models: {sql}")]
    Refused {
        /// The query.
        sql: String,
    },
    /// SQLite does not take the query.
    #[error("the query failed: {sql}")]
    Sql {
        /// The query, without its values.
        sql: String,
        /// What SQLite said.
        #[source]
        source: EngineError,
    },
    /// One row was wanted, and there is none.
    #[error("the query gave no row: {sql}")]
    NoRow {
        /// The query.
        sql: String,
    },
    /// One row was wanted, and there are more.
    #[error("the query gave more than one row: {sql}")]
    MoreRows {
        /// The query.
        sql: String,
    },
    /// A value cannot be given to SQLite.
    #[error("a parameter of the query: {0}")]
    Value(#[from] SqliteTypeError),
    /// A row does not have what was asked of it.
    #[error(transparent)]
    Row(#[from] SqliteRowError),
    /// Nothing of this projection is read: it was never finished, or deleted.
    #[error("there is no finished read model of the projection `{projection}`")]
    NoProjection {
        /// The projection.
        projection: ProjectionName,
    },
    /// The file cannot be read now; it may later.
    #[error("the read models cannot be read now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The file cannot be read until somebody mends it.
    #[error("the read models cannot be read")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

impl SqliteReadError {
    /// Whether the same query may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Of the engine, and of no query.
    pub(super) fn engine(error: SqlError) -> Self {
        let is_transient = may_pass(&error);
        let source = error.into();
        if is_transient {
            Self::Unavailable { source }
        } else {
            Self::Engine { source }
        }
    }

    pub(super) fn of_query(sql: &str, error: SqlError) -> Self {
        let sql = sql.to_owned();
        if crate::error::is_engines(&error) {
            return Self::engine(error);
        }
        if error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied) {
            return Self::Refused { sql };
        }
        Self::Sql {
            sql,
            source: error.into(),
        }
    }
}
