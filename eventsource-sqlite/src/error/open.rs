//! Why a file was not opened.

use std::path::{Path, PathBuf};

use eventsource_core::{EngineError, ProjectionName, StreamId};
use rusqlite::{Error as SqlError, ErrorCode};

use super::inline::be;

/// A store was not opened. The events in a file that was there are as they were, and so is the file itself, but for two
/// things: an older schema may have been brought up, and what was done of the read models that go with appends stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder that is to hold the file does not exist.
    #[error("the folder of `{}` does not exist", .path.display())]
    FolderMissing {
        /// The file.
        path: PathBuf,
    },
    /// The file that is only to be read does not exist.
    #[error("`{}` does not exist", .path.display())]
    FileMissing {
        /// The file.
        path: PathBuf,
    },
    /// The file that is only to be read was written by an earlier version of this library.
    #[error(
        "`{}` has the schema version {found}, and {needed} is needed: open it as a store once, which brings it up",
        .path.display()
    )]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// The schema version of the file; 0 of an empty file.
        found: i64,
        /// The one that is needed.
        needed: i64,
    },
    /// There is something at the path that is not a database of SQLite.
    #[error("`{}` is not an SQLite database", .path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database of something else.
    #[error(
        "`{}` is the database of another application (its application id is {application_id})",
        .path.display()
    )]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
        /// What the file says that it belongs to; 0 where it does not say.
        application_id: i32,
    },
    /// The file was written by a later version of this library.
    #[error(
        "`{}` has the schema version {found}, this library knows those up to {supported}: use a later release",
        .path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The schema version of the file.
        found: i64,
        /// The latest that this library knows.
        supported: i64,
    },
    /// A later schema needs a name that something else in the file has already, so that the file cannot be brought up. All
    /// later names begin with `eventsource_`.
    #[error(
        "`{}` cannot be brought to the present schema: it has a {kind} `{name}`, which is the name of one of the \
         store's own; rename it or delete it",
        .path.display()
    )]
    NameTaken {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// What has it: a `table`, a `view`, an `index` or a `trigger`.
        kind: String,
    },
    /// The file or its folder cannot be written.
    #[error(
        "`{}` cannot be opened for writing: look at the permissions of the file and of its folder",
        .path.display()
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The disk has no room for the schema.
    #[error("there is no room for `{}`", .path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// Another process held the file for longer than the busy timeout.
    #[error("`{}` is in use by another process", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The file system cannot hold a write-ahead log.
    #[error(
        "`{}` lies where SQLite has no write-ahead log, only the journal mode `{mode}`: use a local disk",
        .path.display()
    )]
    NoWriteAheadLog {
        /// The file.
        path: PathBuf,
        /// The journal mode that SQLite offers there.
        mode: String,
    },
    /// A projection that goes with each append could not be brought to the end of the store. What it has done of it stays.
    #[error(
        "the read model of the projection `{projection}` in `{}` cannot be brought up",
        .path.display()
    )]
    Projection {
        /// The file.
        path: PathBuf,
        /// The projection.
        projection: ProjectionName,
        /// What it could not take, or what the engine said.
        #[source]
        source: EngineError,
    },
    /// What is kept of a projection that goes with each append is of a later version. This code must not take it back:
    /// whoever has the later code opens the store.
    #[error(
        "of the projection `{projection}` version {stored} is kept in `{}`, and this is version {code}: newer code opens it",
        .path.display()
    )]
    Superseded {
        /// The file.
        path: PathBuf,
        /// The projection.
        projection: ProjectionName,
        /// The version that is kept.
        stored: u32,
        /// The version of this code.
        code: u32,
    },
    /// What a projection takes is not what it took under the same version: what was built is not what would be built now.
    /// Raise its version, and it is built anew.
    #[error(
        "the projection `{projection}` takes other events, or has other tables, than what was built as version {version} in `{}`: raise its version, and it is built anew",
        .path.display()
    )]
    Redefined {
        /// The file.
        path: PathBuf,
        /// The projection.
        projection: ProjectionName,
        /// The version of both.
        version: u32,
    },
    /// Events may have been trimmed that a projection has not seen, and its read model would be without them: see
    /// [`with_inline_despite_trims`](crate::SqliteOptions::with_inline_despite_trims). Of a stream that it has not seen to
    /// the end, not all that is gone need be missing: which events were trimmed at a position is not kept. What is read now
    /// is as it was, and the code that has built it still opens the store, unless it has not seen them either.
    #[error(
        "the read model of the projection `{projection}` in `{}` may be without events of the stream `{stream}` that were trimmed: \
         open the store with the code that has seen them, or with `with_inline_despite_trims`",
        .path.display()
    )]
    Trimmed {
        /// The file.
        path: PathBuf,
        /// The projection.
        projection: ProjectionName,
        /// A stream that was trimmed; there may be others.
        stream: StreamId,
    },
    /// A runner has parked events of a read model that would go with each append: they are missing in it, and nobody else
    /// delivers them. Let a runner deliver them (`replay_parked`) and open the store then, or raise the version, and it is
    /// built anew. What is read now is as it was.
    #[error(
        "of the events of the projection `{projection}` in `{}` {parked} {} parked by a runner: let a runner deliver them, or raise \
         its version, and it is built anew",
        .path.display(),
        be(*.parked)
    )]
    Parked {
        /// The file.
        path: PathBuf,
        /// The projection.
        projection: ProjectionName,
        /// How many events are parked.
        parked: u64,
    },
    /// Something else.
    #[error("`{}` cannot be opened", .path.display())]
    Engine {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

impl OpenError {
    pub(crate) fn engine(path: &Path, source: impl Into<EngineError>) -> Self {
        Self::Engine {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    pub(crate) fn from_sql(path: &Path, error: SqlError) -> Self {
        let (code, path) = (error.sqlite_error_code(), path.to_owned());
        match code {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::CannotOpen) if path.is_dir() => Self::NotADatabase { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::NotWritable {
                    path,
                    source: error.into(),
                }
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull {
                path,
                source: error.into(),
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy {
                path,
                source: error.into(),
            },
            _ => Self::engine(&path, error),
        }
    }
}
