//! What a domain file needs: `use eventsource_core::prelude::*;`

pub use crate::{
    Aggregate, AggregateId, Apply, AsOf, Context, Create, Decision, Envelope, Event, EventStore,
    EventStoreExt, Events, Expected, Handle, HandleNew, HandlerError, MemoryStore, Project,
    ProjectAsync, ProjectIn, Projection, React, Reaction, ReactionId, ReadModel, Repository,
    Schema, Snapshot, SnapshotPolicy, StreamId, Timestamp, Version, snapshot::every,
};
