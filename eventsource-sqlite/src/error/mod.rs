//! What SQLite says, in the words of the store's contract.

mod inline;
mod open;

use std::{fmt, sync::Arc};

use eventsource_core::{
    AppendError, EngineError, LeaseError, ProjectionName, ProjectionStoreError, ReadError,
    Rejection, SnapshotError, TrimError,
};
use rusqlite::{Error as SqlError, ErrorCode};

pub(crate) use self::inline::{Refusal, Unfit};
pub use self::{inline::InlineError, open::OpenError};

/// The store was closed. What is asked of it later fails for good, with this as the source, and reads with
/// [`ReadError::Closed`]: waiting does not help, the file must be opened again.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the store was closed")]
#[non_exhaustive]
pub struct Closed;

/// Code that the writing or reading thread called has panicked, such as a clock or a fault hook.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a thread of the store panicked")]
#[non_exhaustive]
pub struct ThreadPanicked;

/// A handler has waited for the store whose transaction it writes in, which would have waited for the handler. What it was to
/// do was refused.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a handler waits for the store whose thread calls it")]
#[non_exhaustive]
pub struct WithinHandler;

/// A transaction could not be rolled back, and its connection was given up.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection has failed; another one is opened for what comes next")]
pub(crate) struct NoConnection;

/// A statement of a handler has rolled back the transaction that several shared.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a statement has rolled back the transaction that was shared")]
pub(crate) struct RolledBack;

/// The transaction that several appends and changes of snapshots shared has failed; the source is common to all of them.
#[derive(Debug, Clone)]
pub struct SharedFailure(Arc<dyn std::error::Error + Send + Sync>);

impl SharedFailure {
    pub(crate) fn new(source: EngineError) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for SharedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the transaction that was shared failed")
    }
}

impl std::error::Error for SharedFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Whether the reason may pass without anybody mending the file.
pub(crate) fn may_pass(error: &SqlError) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::CannotOpen
                | ErrorCode::OperationInterrupted
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::SchemaChanged
        )
    )
}

/// Whether the engine has failed, and not what was asked of it.
pub(crate) fn is_engines(error: &SqlError) -> bool {
    may_pass(error)
        || matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::InternalMalfunction
                    | ErrorCode::PermissionDenied
                    | ErrorCode::NoLargeFileSupport
            )
        )
}

/// A failure before the commit: nothing is stored.
pub(crate) fn rejected(error: SqlError) -> Rejection {
    let transient = may_pass(&error);
    let source = EngineError::from(error);
    if transient {
        Rejection::Unavailable { source }
    } else {
        Rejection::Engine { source }
    }
}

pub(crate) fn unavailable(source: impl Into<EngineError>) -> AppendError {
    let source = source.into();
    AppendError::Rejected(Rejection::Unavailable { source })
}

/// Nothing was stored, and nothing will be.
pub(crate) fn failed(source: impl Into<EngineError>) -> AppendError {
    let source = source.into();
    AppendError::Rejected(Rejection::Engine { source })
}

/// What was needed for an append could not be read.
pub(crate) fn unreadable(error: ReadError) -> AppendError {
    AppendError::Rejected(match error {
        ReadError::Unavailable { source } => Rejection::Unavailable { source },
        other => Rejection::Engine {
            source: Box::new(other),
        },
    })
}

/// How a change of snapshots has failed, which goes through the same thread as appends.
pub(crate) fn unchanged(error: AppendError) -> SnapshotError {
    match error {
        AppendError::Unknown(source) => SnapshotError::Unknown(source),
        AppendError::Rejected(Rejection::Unavailable { source }) => {
            SnapshotError::Unavailable { source }
        }
        AppendError::Rejected(Rejection::Engine { source }) => SnapshotError::Engine { source },
        other => SnapshotError::Engine {
            source: other.into(),
        },
    }
}

/// How a trim has failed, which goes through the same thread as appends.
pub(crate) fn not_trimmed(error: AppendError) -> TrimError {
    match error {
        AppendError::Unknown(source) => TrimError::Unknown(source),
        AppendError::Rejected(Rejection::Unavailable { source }) => {
            TrimError::Unavailable { source }
        }
        AppendError::Rejected(Rejection::Engine { source }) => TrimError::Engine { source },
        other => TrimError::Engine {
            source: other.into(),
        },
    }
}

/// How a change of what is kept of a projection has failed, which goes through the same thread as appends.
pub(crate) fn not_kept(error: AppendError) -> ProjectionStoreError {
    match error {
        AppendError::Unknown(source) => ProjectionStoreError::Unknown(source),
        AppendError::Rejected(Rejection::Unavailable { source }) => {
            ProjectionStoreError::Unavailable { source }
        }
        AppendError::Rejected(Rejection::Engine { source }) => {
            ProjectionStoreError::Engine { source }
        }
        other => ProjectionStoreError::Engine {
            source: other.into(),
        },
    }
}

/// How a change of a lease has failed, which goes through the same thread as appends.
pub(crate) fn not_leased(error: AppendError) -> LeaseError {
    match error {
        AppendError::Unknown(source) => LeaseError::Unknown(source),
        AppendError::Rejected(Rejection::Unavailable { source }) => {
            LeaseError::Unavailable { source }
        }
        AppendError::Rejected(Rejection::Engine { source }) => LeaseError::Engine { source },
        other => LeaseError::Engine {
            source: other.into(),
        },
    }
}

/// Why what is kept of a projection could not be read.
pub(crate) fn projection_not_found(
    projection: &ProjectionName,
    error: ReadError,
) -> ProjectionStoreError {
    match error {
        ReadError::Unavailable { source } => ProjectionStoreError::Unavailable { source },
        ReadError::Corrupt { reason, .. } => ProjectionStoreError::Corrupt {
            projection: projection.clone(),
            reason,
        },
        ReadError::Engine { source } => ProjectionStoreError::Engine { source },
        other => ProjectionStoreError::Engine {
            source: other.into(),
        },
    }
}

/// Why a lease could not be read.
pub(crate) fn lease_not_found(error: ReadError) -> LeaseError {
    match error {
        ReadError::Unavailable { source } => LeaseError::Unavailable { source },
        ReadError::Engine { source } => LeaseError::Engine { source },
        other => LeaseError::Engine {
            source: other.into(),
        },
    }
}

/// Why a snapshot could not be read.
pub(crate) fn not_found(error: ReadError) -> SnapshotError {
    match error {
        ReadError::Unavailable { source } => SnapshotError::Unavailable { source },
        ReadError::Corrupt { reason, .. } => SnapshotError::Corrupt { reason },
        ReadError::Closed => SnapshotError::Engine {
            source: Closed.into(),
        },
        ReadError::Engine { source } => SnapshotError::Engine { source },
        other => SnapshotError::Engine {
            source: other.into(),
        },
    }
}

pub(crate) fn read_error(error: SqlError) -> ReadError {
    match &error {
        SqlError::FromSqlConversionFailure(..)
        | SqlError::InvalidColumnType(..)
        | SqlError::IntegralValueOutOfRange(..) => corrupt(None, "a column has another type"),
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                corrupt(None, "SQLite finds the file damaged")
            }
            _ if may_pass(&error) => ReadError::Unavailable {
                source: error.into(),
            },
            _ => ReadError::Engine {
                source: error.into(),
            },
        },
    }
}

pub(crate) fn corrupt(
    position: Option<eventsource_core::Position>,
    reason: impl Into<String>,
) -> ReadError {
    ReadError::Corrupt {
        position,
        reason: reason.into(),
    }
}
