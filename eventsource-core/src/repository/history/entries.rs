//! The entries of a history, one after the other.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use super::walk::Walk;
use crate::{
    aggregate::Aggregate,
    parts::Parts,
    record::{Recorded, RecordedEvent},
    repository::LoadError,
    stream::StreamId,
};

/// A stored event of a history: its whole envelope, to which it dereferences, and what it is today.
pub struct HistoryEntry<A: Aggregate> {
    recorded: Recorded,
    events: Parts<A::Event>,
}

impl<A: Aggregate> HistoryEntry<A> {
    /// The event as it was stored: who, why, when, its stored name and schema version, its payload.
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// The events that it is today: none where it was dropped, several where it was split.
    pub fn events(&self) -> &[A::Event] {
        self.events.as_slice()
    }

    /// The same, given away.
    pub fn into_events(self) -> Parts<A::Event> {
        self.events
    }
}

impl<A: Aggregate> Deref for HistoryEntry<A> {
    type Target = RecordedEvent;

    fn deref(&self) -> &RecordedEvent {
        &self.recorded
    }
}

impl<A: Aggregate> Clone for HistoryEntry<A>
where
    A::Event: Clone,
{
    fn clone(&self) -> Self {
        Self {
            recorded: Arc::clone(&self.recorded),
            events: self.events.clone(),
        }
    }
}

impl<A: Aggregate> fmt::Debug for HistoryEntry<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryEntry")
            .field("recorded", &self.recorded)
            .field("events", &self.events)
            .finish()
    }
}

/// The entries of a [`History`](super::History), one after the other, in bounded memory: the next page is read when the last one is used
/// up. Dropping it ends the read.
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
/// let mut entries = jars.history(&7).entries();
/// while let Some(entry) = entries.next().await? {
///     println!("{} at {}", entry.name, entry.occurred_at);
/// }
///
/// jars.execute(&7, Fill(2)).await?;
/// let mut states = jars.history(&7).since(Version::new(2)).states();
/// let change = states.next().await?.expect("an entry");
/// assert_eq!(change.before.map(|jar| jar.coins), Some(3));
/// assert_eq!(change.after.map(|jar| jar.coins), Some(5));
/// # Ok(()) }
/// ```
pub struct Entries<A> {
    walk: Result<Walk, Option<LoadError>>,
    /// What comes after the entries that a page was given of.
    failed: Option<LoadError>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Entries<A> {
    pub(super) fn new(walk: Result<Walk, LoadError>) -> Self {
        Self {
            walk: walk.map_err(Some),
            failed: None,
            aggregate: PhantomData,
        }
    }

    /// The next entry; `None` after the last one.
    ///
    /// Cancel safe: dropping the future loses no entry.
    ///
    /// # Errors
    ///
    /// [`LoadError`] with the place of what cannot be read, once; the history has then ended.
    pub async fn next(&mut self) -> Result<Option<HistoryEntry<A>>, LoadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let walk = match &mut self.walk {
            Ok(walk) => walk,
            Err(error) => return error.take().map_or(Ok(None), Err),
        };
        let Some(recorded) = walk.next().await? else {
            return Ok(None);
        };
        let entry = decoded(walk.stream(), recorded);
        if entry.is_err() {
            walk.end();
        }
        entry.map(Some)
    }

    /// The entries that the store reads in one go; empty after the last one.
    ///
    /// Cancel safe: dropping the future loses no entry.
    ///
    /// # Errors
    ///
    /// [`LoadError`] as [`Entries::next`]; the entries before it are given first.
    pub async fn next_page(&mut self) -> Result<Vec<HistoryEntry<A>>, LoadError> {
        let Some(first) = self.next().await? else {
            return Ok(Vec::new());
        };
        let mut page = vec![first];
        while self.walk.as_ref().is_ok_and(|walk| walk.at_hand() > 0) {
            match self.next().await {
                Ok(entry) => page.extend(entry),
                Err(error) => self.failed = Some(error),
            }
        }
        Ok(page)
    }
}

impl<A> fmt::Debug for Entries<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stream = self.walk.as_ref().map(Walk::stream);
        f.debug_struct("Entries")
            .field("stream", &stream.ok())
            .finish_non_exhaustive()
    }
}

pub(super) fn decoded<A: Aggregate>(
    stream: &StreamId,
    recorded: Recorded,
) -> Result<HistoryEntry<A>, LoadError> {
    match recorded.decode::<A>() {
        Ok(events) => Ok(HistoryEntry { recorded, events }),
        Err(source) => Err(LoadError::Decode {
            stream: stream.clone(),
            version: recorded.version,
            position: recorded.position,
            source,
        }),
    }
}
