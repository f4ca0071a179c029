#![doc = include_str!("../README.md")]
//!
//! ## How it works
//!
//! One thread writes. It takes all appends that wait and stores them in one transaction, each with its own expectation
//! and its own outcome, so that many concurrent appends share one `fsync`. It never waits for a batch to fill. Other
//! threads read, on connections of their own: a read never waits for a write, nor a write for a read. A long read is
//! many short ones, also where it looks at much and finds little. Each begins where the last one ended, so that a slow
//! reader holds no snapshot open and a dropped one costs nothing.
//!
//! Snapshots lie in the same file. Small ones are saved together with the appends that wait; one of more than 64 KiB has a
//! transaction of its own, after those appends, and so has a trim. An append waits for one of these at the most.
//!
//! Read models lie in the same file, too. What the handlers of a projection write by [`SqliteTx`], its checkpoint and what
//! it parks are one step of the thread that writes; its tables are made for each generation, and read under their plain
//! names by [`SqliteReadModels`], which reaches no event. [`SqliteOptions::with_inline`] puts a projection into the
//! transactions of the appends themselves. A table of a read model has any name but one that the store has or will have:
//! refused is each that is there already, that begins with `eventsource_`, as all later tables of the store will, with
//! `sqlite_` or with `pragma_`, that is the name of a function which gives rows, such as `json_each`, or that names a
//! generation, such as `balances__g3`.
//!
//! ## What it promises
//!
//! Everything in the contract of [`EventStore`](eventsource_core::EventStore), with
//! [`MultiStreamAppend`](eventsource_core::Capability::MultiStreamAppend),
//! [`ContiguousBatch`](eventsource_core::Capability::ContiguousBatch),
//! [`Durable`](eventsource_core::Capability::Durable),
//! [`MultiProcess`](eventsource_core::Capability::MultiProcess),
//! [`Snapshots`](eventsource_core::Capability::Snapshots), [`Trim`](eventsource_core::Capability::Trim),
//! [`Projections`](eventsource_core::Capability::Projections) and [`Leases`](eventsource_core::Capability::Leases), and in
//! that of [`TransactionalStore`](eventsource_core::TransactionalStore). Positions are
//! 1, 2, 3 ... without holes, in the order of commits; those of trimmed events are never given to others.
//!
//! Triggers in the file refuse to update, delete or replace what is stored, to leave a hole, and to add a tag or a key
//! without its event, also where another program tries. What a row in the table `trims` covers may be deleted, once what the
//! keys of it answer with is kept. Snapshots may be changed by anybody; their checksums tell. They guard against mistakes, not against intent: a program that
//! may write to the file can drop the triggers or the tables, and can append events of its own. What it damages is
//! reported where a read meets it and can tell; keep others from the file with its permissions.
//!
//! An append of this store value wakes those who wait for it at once. One that came in another way, by another process
//! or another store value on the same file, is seen after [`SqliteOptions::poll_interval`] at the latest.
//!
//! ## When a commit fails
//!
//! A commit can fail after its pages have reached the write-ahead log, such as when an `fsync` fails. The present
//! connections do not see it then, but whoever opens the file after all of them have gone might. So the store makes
//! another commit at once, of nothing, which is written over these pages; then it is certain that nothing is stored, and
//! the append is [`Rejected`](eventsource_core::AppendError::Rejected). Where that fails too, the append is
//! [`Unknown`](eventsource_core::AppendError::Unknown), and until the store could make such a commit it answers neither
//! appends nor [`find_append`](eventsource_core::EventStore::find_append). Reads go on; that they do not give the events
//! is no proof then. Repeat the append under the same key: whatever the log turns out to hold, it is stored once. A commit of one
//! change of snapshots, of a trim or of a lease, that fails so is [`Unknown`](eventsource_core::SnapshotError::Unknown), and
//! can be repeated as it is. A step of a projection says where its checkpoint has to be, so that its repetition does nothing
//! twice: it is refused where the first one was made.
//!
//! A process that is killed within a commit may leave the same behind: a commit that was never acknowledged, that other
//! processes do not see, and that is there once all of them have gone and the file is opened anew, unless one of them has
//! appended something meanwhile. Here, too, a repetition under the same key is safe, and a look without one is not.
//!
//! The file must lie on a local disk: SQLite's write-ahead log needs memory that the processes share.

mod config;
mod error;
mod guard;
mod inline;
mod leases;
mod migrations;
mod names;
mod projections;
mod read_models;
mod reader;
mod row;
mod rows;
mod schema;
mod snapshots;
mod sql;
mod store;
mod transactional;
mod trims;
mod tx;
mod value;
mod watch;
mod writer;

pub use config::{SqliteOptions, Synchronous};
pub use error::{Closed, InlineError, OpenError, SharedFailure, ThreadPanicked, WithinHandler};
pub use read_models::{AsOf, SqliteReadError, SqliteReadModels};
pub use rows::{SqliteColumn, SqliteRow, SqliteRowError};
pub use store::SqliteStore;
pub use tx::{SqliteTx, SqliteTxError};
pub use value::{FromSqlite, SqliteParams, SqliteTypeError, SqliteValue, ToSqlite};
