//! Event sourcing with events that the compiler checks: the derives, the repository, the contract of a store.
//!
//! A domain is a state (an [`Aggregate`]), its events ([`Event`], [`Apply`]) and its commands ([`Handle`]). A
//! [`Repository`] runs it against any [`EventStore`]; [`MemoryStore`] is one, for tests and for what need not last.
//!
//! ```
//! use eventsource_core::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Serialize, Deserialize, Event)]
//! #[event(name = "light.switched")]
//! struct Switched {
//!     on: bool,
//! }
//!
//! #[derive(Debug, Default, Aggregate)]
//! #[aggregate(name = "light", id = String, error = std::convert::Infallible, events(Switched))]
//! struct Light {
//!     on: bool,
//! }
//!
//! impl Apply<Switched> for Light {
//!     fn apply(&mut self, event: &Switched) {
//!         self.on = event.on;
//!     }
//! }
//!
//! struct Switch {
//!     on: bool,
//! }
//!
//! impl Handle<Switch> for Light {
//!     fn handle(&self, command: &Switch) -> Decision<Self> {
//!         // Accepted either way; there is something to do only when it is to change.
//!         Ok((self.on != command.on).then_some(Switched { on: command.on }).into())
//!     }
//! }
//!
//! assert_eq!(Light::default().handle(&Switch { on: true })?.len(), 1);
//! assert!(Light::default().handle(&Switch { on: false })?.is_empty());
//! # Ok::<(), std::convert::Infallible>(())
//! ```
//!
//! ## Beyond load and execute
//!
//! - **Snapshots**: derive `Snapshot` for the state and say when with [`Repository::snapshot`]; see [`snapshot`].
//! - **Hot states**: [`Repository::cache`].
//! - **Commands that come twice**: [`Context::with_key`] or [`Context::with_command_id`], with [`Repository::within`]; the
//!   [`Receipt`] says whether it was the first time.
//! - **Two aggregates at once**: [`Repository::decide_both`]; several commands on one: [`Repository::begin`].
//! - **The past**: [`Repository::load_as_of`], [`Repository::history`], [`Repository::difference`].
//! - **Read models**: [`Projection`], [`Reaction`]; folded on demand by [`live`](EventStoreExt::live). See [`projection`].
//! - **Who and why**: [`Context::by`], [`Context::caused_by`]; [`Read::correlated`] and
//!   [`causation_tree`](EventStoreExt::causation_tree) find it again.
//! - **Letting go of old events**, on request only: [`Repository::trim`].
//! - **What the program is told of all this**: [`signal`].
//!
//! ## Features
//!
//! - `derive` (default): re-exports the derives.
//! - `tracing` (default): tells what repositories do in spans and events of `tracing`; see [`signal`]. Without it, nothing
//!   says that a snapshot failed.
//! - `metrics`: counts and measures the same, through the facade `metrics`.
//! - `tokio`: waits for a retry on tokio's timer. Without it core needs no async runtime: a thread sleeps.
//! - `zstd`: [`snapshot::Zstd`](crate::snapshot), which makes the bytes of snapshots fewer.
//! - `fault`: lets tests make a store fail at chosen points.

mod aggregate;
mod aggregate_id;
mod audit;
mod clock;
mod codec;
mod command;
mod context;
pub mod describe;
mod difference;
mod each;
mod empty;
mod event;
mod events;
mod events_of;
#[cfg(feature = "fault")]
pub mod fault;
mod id;
mod message;
mod metadata;
mod parts;
mod past;
mod payload;
mod payload_error;
pub mod prelude;
pub mod projection;
mod record;
mod registry;
mod repository;
pub mod runner;
mod schema;
pub mod signal;
pub mod snapshot;
mod store;
mod stream;
mod table;
mod text;
mod time;
mod upcast;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
use __private as private;

pub use aggregate::{Aggregate, AggregateEvent, Apply, Create, FoldError};
pub use aggregate_id::{AggregateId, AggregateIdError};
/// The attribute for implementations of [`EventStore`], so that a backend needs no version of its own.
pub use async_trait::async_trait;
pub use audit::{Audit, AuditReport, StoredPair, UnreadableEvent};
pub use clock::{Clock, ManualClock, SystemClock};
pub use codec::{DecodeError, EncodeError};
pub use command::{Decision, Handle, HandleNew};
pub use context::Context;
pub use difference::{Change, Difference, DifferenceError, JsonText};
pub use event::{Event, EventSchema, Payload, StoredName};
pub use events::{Draft, Events, Lists};
pub use events_of::EventsOf;
#[cfg(feature = "derive")]
pub use eventsource_derive::{
    Aggregate, AggregateId, Event, Projection, Reaction, Schema, Snapshot,
};
pub use id::{CausationId, CommandId, CorrelationId, CountingIds, EventId, IdSource, UuidV7};
pub use metadata::{Fact, FactError, Metadata, MetadataError};
pub use parts::{Parts, PartsIntoIter};
pub use past::Past;
pub use payload::{ContentType, StoredPayload};
pub use payload_error::PayloadError;
pub use projection::{
    Envelope, HandlerError, Project, ProjectAsync, ProjectIn, Projection, React, Reaction,
    ReactionId, ReadModel, Table,
};
pub use record::{NewEvent, Recorded, RecordedEvent};
pub use registry::{Aggregates, Registry, RegistryError, Today, TodayError, TodayIn};
#[cfg(feature = "tokio")]
pub use repository::TokioTimer;
pub use repository::{
    AsOf, Bound, Entries, ExecuteError, History, HistoryEntry, InContext, LoadError, Loaded,
    Origin, Repository, RetryPolicy, SnapshotFailure, SnapshotMiss, Spawner, StateChange, States,
    Task, ThreadSpawner, ThreadTimer, Timer, TrimAggregateError, Unit,
};
pub use runner::{
    InMemory, OnFailure, ProjectionKind, ProjectionState, ProjectionStatus, RunSettings, Runner,
    RunnerHandle,
};
pub use schema::Schema;
pub use snapshot::{Fingerprint, Snapshot, SnapshotPolicy};
pub use store::{
    Advance, AdvanceError, Append, AppendError, Applied, Build, Capabilities, Capability,
    CausationTree, Caused, Conflict, ContentDigest, Delivery, Direction, EngineError, EventStore,
    EventStoreExt, EventStream, Expected, Fence, FencingToken, Filter, Generation, Keep, Lease,
    LeaseError, LeaseStore, Limit, Limits, MemoryStore, Page, Parked, ParkedQuery, ProjectionStore,
    ProjectionStoreError, Read, ReadError, ReadModelWork, Receipt, Rejection, Scope, SnapshotError,
    SnapshotQuery, SnapshotRange, SnapshotStore, Start, StoredGeneration, StoredProjection,
    StoredSnapshot, StreamAppend, StreamConflict, StreamReceipt, Subscribe, Subscription,
    TransactionalStore, TrimError, TrimStore, Trimmed, Unsupported,
};
pub use stream::{Position, PositionError, StreamId, StreamIdError, Version};
pub use table::KnownEvent;
pub use text::{
    Actor, AppendKey, Category, EventName, LeaseHolder, LeaseName, ProjectionName, Tag, TextError,
};
pub use time::{Timestamp, TimestampError};
pub use upcast::{AtVersion, Shape, UpcastError};

#[cfg(feature = "derive")]
#[doc = include_str!("../docs/changing-an-event.md")]
pub mod changing_an_event {}

/// The README's program is one that runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The programs of the derives' reference run here: the crate of the derives cannot depend on this one.
#[cfg(all(doctest, feature = "derive"))]
mod reference {
    #[doc = include_str!("../../eventsource-derive/docs/event.md")]
    struct Event;
    #[doc = include_str!("../../eventsource-derive/docs/aggregate.md")]
    struct Aggregate;
    #[doc = include_str!("../../eventsource-derive/docs/aggregate_id.md")]
    struct AggregateId;
    #[doc = include_str!("../../eventsource-derive/docs/snapshot.md")]
    struct Snapshot;
    #[doc = include_str!("../../eventsource-derive/docs/projection.md")]
    struct Projection;
    #[doc = include_str!("../../eventsource-derive/docs/reaction.md")]
    struct Reaction;
}
