//! Defects that those meet who follow a store: what a stream lacks, and what is lost at the switch to live.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use eventsource_core::{
    EventStore, EventStream, MemoryStore, Position, Read, ReadError, Recorded, Scope, async_trait,
};

use crate::broken::{Defect, changed};

/// Has lost one event of each stream.
#[derive(Debug, Default)]
pub(crate) struct HasAHoleInEachStream;

impl Defect for HasAHoleInEachStream {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        changed(good, read, |mut events| {
            events.retain(|event| event.version.get() != 3);
            events
        })
    }
}

/// Gives the events of each stream their positions in another order than their versions.
#[derive(Debug, Default)]
pub(crate) struct InvertsAStream;

impl Defect for InvertsAStream {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        changed(good, read, |mut events| {
            let second = events.iter().position(|event| event.version.get() == 2);
            let third = second.and_then(|second| {
                let stream = &events[second].stream;
                events
                    .iter()
                    .position(|event| event.version.get() == 3 && event.stream == *stream)
            });
            if let (Some(second), Some(third)) = (second, third) {
                let version = |events: &[Recorded], place: usize| events[place].version;
                let (two, three) = (version(&events, second), version(&events, third));
                Arc::make_mut(&mut events[second]).version = three;
                Arc::make_mut(&mut events[third]).version = two;
            }
            events
        })
    }
}

/// Gives an event again under the next position.
#[derive(Debug, Default)]
pub(crate) struct GivesAnEventTwice;

impl Defect for GivesAnEventTwice {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        changed(good, read, |mut events| {
            let third = events.iter().position(|event| event.version.get() == 3);
            if let Some(third) = third {
                events.insert(third, Arc::clone(&events[third]));
            }
            events
        })
    }
}

/// Waits for the next append, whatever there is already.
#[derive(Debug, Default)]
pub(crate) struct HearsOnlyWhatComesWhileItWaits;

#[async_trait]
impl Defect for HearsOnlyWhatComesWhileItWaits {
    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        _: Option<Position>,
    ) -> Result<Position, ReadError> {
        let now = good.head().await?;
        good.wait_beyond(now).await
    }
}

/// Gives the last of the events that have ended a wait, as a channel does that keeps the newest only.
#[derive(Debug, Default)]
pub(crate) struct KeepsTheLastOfWhatWokeIt(Arc<AtomicBool>);

#[async_trait]
impl Defect for KeepsTheLastOfWhatWokeIt {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let goes_on = read.from_position.is_some() && read.to_position.is_some();
        let woken = goes_on && self.0.swap(false, Ordering::SeqCst);
        changed(good, read, move |events| {
            let first = if woken {
                events.len().saturating_sub(1)
            } else {
                0
            };
            events.into_iter().skip(first).collect()
        })
    }

    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        position: Option<Position>,
    ) -> Result<Position, ReadError> {
        let head = good.wait_beyond(position).await;
        self.0.store(true, Ordering::SeqCst);
        head
    }
}

/// Loses the first of the events that have ended a wait in which there was nothing at first; one who reads with a filter, or
/// from a part of the store, gets it.
#[derive(Debug, Default)]
pub(crate) struct LosesWhatWokeAReaderOfAll(Arc<AtomicBool>);

#[async_trait]
impl Defect for LosesWhatWokeAReaderOfAll {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let goes_on = read.from_position.is_some() && read.to_position.is_some();
        let woken = goes_on && self.0.swap(false, Ordering::SeqCst);
        let loses = woken && read.scope == Scope::All && read.filter.is_all();
        changed(good, read, move |events| {
            events.into_iter().skip(usize::from(loses)).collect()
        })
    }

    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        position: Option<Position>,
    ) -> Result<Position, ReadError> {
        let waits = good.head().await? <= position;
        let head = good.wait_beyond(position).await;
        self.0.store(waits, Ordering::SeqCst);
        head
    }
}

/// Tells of so many more positions each time it is asked for the head.
#[derive(Debug, Default)]
pub(crate) struct TellsItsHeadInSteps(AtomicU64);

#[async_trait]
impl Defect for TellsItsHeadInSteps {
    async fn head(&self, good: &MemoryStore) -> Result<Option<Position>, ReadError> {
        let Some(head) = good.head().await? else {
            return Ok(None);
        };
        let told = self.0.load(Ordering::SeqCst) + 200;
        let told = told.min(head.number());
        self.0.store(told, Ordering::SeqCst);
        Ok(Position::from_number(told))
    }
}
