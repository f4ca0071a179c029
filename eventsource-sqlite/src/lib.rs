#![doc = include_str!("../README.md")]
//!
//! ## How it works
//!
//! One thread writes. It takes all appends that wait and stores them in one transaction, each with its own expectation
//! and its own outcome, so that many concurrent appends share one `fsync`. It never waits for a batch to fill. Other
//! threads read, on connections of their own: a read never waits for a write, nor a write for a read. A long read is
//! many short ones, each with a place where the last one ended, so that a slow reader holds no snapshot open and a
//! dropped one costs nothing.
//!
//! ## What it promises
//!
//! Everything in the contract of [`EventStore`](eventsource_core::EventStore), with
//! [`MultiStreamAppend`](eventsource_core::Capability::MultiStreamAppend),
//! [`ContiguousBatch`](eventsource_core::Capability::ContiguousBatch),
//! [`Durable`](eventsource_core::Capability::Durable) and
//! [`MultiProcess`](eventsource_core::Capability::MultiProcess). Positions are 1, 2, 3 … without holes, in the order of
//! commits.
//!
//! Triggers in the file refuse to update, delete or replace what is stored, to leave a hole, and to add a tag or a key
//! without its event, also where another program tries. They guard against mistakes, not against intent: a program that
//! may write to the file can drop the triggers or the tables, and can append events of its own. What it damages is
//! reported where a read meets it and can tell; keep others from the file with its permissions.
//!
//! An append of this store value wakes those who wait for it at once. One that came in another way, by another process
//! or another store value on the same file, is seen after [`SqliteOptions::poll_interval`] at the latest.
//!
//! The file must lie on a local disk: SQLite's write-ahead log needs memory that the processes share.

mod config;
mod error;
mod reader;
mod row;
mod schema;
mod sql;
mod store;
mod watch;
mod writer;

pub use config::{SqliteOptions, Synchronous};
pub use error::{Closed, MetadataTooDeep, OpenError, SharedFailure, ThreadPanicked};
pub use store::SqliteStore;
