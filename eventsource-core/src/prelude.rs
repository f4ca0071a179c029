//! What a domain file needs: `use eventsource_core::prelude::*;`

pub use crate::{
    Aggregate, AggregateId, Apply, AsOf, Context, Create, Decision, Event, EventStore,
    EventStoreExt, Events, Expected, Handle, HandleNew, MemoryStore, Repository, Schema, Snapshot,
    SnapshotPolicy, StreamId, Timestamp, Version, snapshot::every,
};
