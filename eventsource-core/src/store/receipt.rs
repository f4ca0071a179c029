//! What comes back from an append.

use crate::{
    record::Recorded,
    stream::{Position, StreamId, Version},
};

/// Whether an append was stored by this call or by an earlier one with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applied {
    /// By this call.
    Now,
    /// By an earlier call with the same append key; this call wrote nothing.
    Already,
}

/// Where the events of an append stand.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar { coins: u32 }
/// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
/// # struct Fill(u32);
/// # impl Handle<Fill> for Jar {
/// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
/// # }
/// let jars = Repository::<Jar>::new(MemoryStore::new());
/// jars.execute(&7, Fill(3)).await?;
/// let receipt = jars.execute(&7, Fill(2)).await?;
/// assert!(receipt.is_first());
/// assert_eq!(receipt.version(), Version::new(2));
/// assert_eq!(receipt.position(), jars.store().head().await?);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Whether this call stored them.
    pub applied: Applied,
    /// One entry for each part of the append that has events, in their order.
    pub streams: Vec<StreamReceipt>,
}

/// Where the events of one append stand in one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamReceipt {
    /// The stream.
    pub stream: StreamId,
    /// The version of the first of the events.
    pub first_version: Version,
    /// The version of the last of the events.
    pub last_version: Version,
    /// The position of the first of the events.
    pub first_position: Position,
    /// The position of the last of the events.
    pub last_position: Position,
}

impl StreamReceipt {
    /// For stores: where events stand.
    pub fn new(
        stream: StreamId,
        versions: (Version, Version),
        positions: (Position, Position),
    ) -> Self {
        Self {
            stream,
            first_version: versions.0,
            last_version: versions.1,
            first_position: positions.0,
            last_position: positions.1,
        }
    }

    /// How many events there are.
    pub fn events(&self) -> u64 {
        self.last_version.get() - self.first_version.get() + 1
    }
}

impl Receipt {
    /// For stores: the receipt of an append.
    pub fn new(applied: Applied, streams: Vec<StreamReceipt>) -> Self {
        Self { applied, streams }
    }

    /// Whether this call stored the events; `false` when an earlier one with the same key did.
    pub fn is_first(&self) -> bool {
        self.applied == Applied::Now
    }

    /// Whether nothing was to be stored.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// How many events there are, over all streams.
    pub fn events(&self) -> u64 {
        self.streams.iter().map(StreamReceipt::events).sum()
    }

    /// The version of the last event, where the append has one stream with events.
    pub fn version(&self) -> Option<Version> {
        match self.streams.as_slice() {
            [only] => Some(only.last_version),
            _ => None,
        }
    }

    /// The position of the last event: once a reader has passed it, it has seen the whole append.
    pub fn position(&self) -> Option<Position> {
        self.streams.iter().map(|stream| stream.last_position).max()
    }

    /// For stores: the receipt of events that an earlier append stored, given in the order of their positions.
    pub fn already(stored: &[Recorded]) -> Self {
        let mut streams: Vec<StreamReceipt> = Vec::new();
        for event in stored {
            match streams.last_mut() {
                Some(last) if last.stream == event.stream => {
                    last.last_version = event.version;
                    last.last_position = event.position;
                }
                _ => streams.push(StreamReceipt::new(
                    event.stream.clone(),
                    (event.version, event.version),
                    (event.position, event.position),
                )),
            }
        }
        Self::new(Applied::Already, streams)
    }
}
