//! Defects of the head, of versions, of waiting, and of readers that go.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use eventsource_core::{
    EventStore, EventStoreExt, EventStream, MemoryStore, Position, Read, ReadError, StreamId,
    Version, async_trait,
};

use crate::broken::{Defect, changed};

/// Tells an end that is not there yet.
#[derive(Debug, Default)]
pub(crate) struct HeadRunsAhead;

#[async_trait]
impl Defect for HeadRunsAhead {
    async fn head(&self, good: &MemoryStore) -> Result<Option<Position>, ReadError> {
        let head = good.head().await?;
        Ok(head.and_then(|head| Position::from_number(head.number() + 1)))
    }
}

/// Tells a first position before there is one.
#[derive(Debug, Default)]
pub(crate) struct AnEmptyStoreHasAHead;

#[async_trait]
impl Defect for AnEmptyStoreHasAHead {
    async fn head(&self, good: &MemoryStore) -> Result<Option<Position>, ReadError> {
        Ok(good.head().await?.or(Position::from_number(1)))
    }
}

/// Every second look at the head is an old one.
#[derive(Debug, Default)]
pub(crate) struct HeadLags(AtomicUsize);

#[async_trait]
impl Defect for HeadLags {
    async fn head(&self, good: &MemoryStore) -> Result<Option<Position>, ReadError> {
        let head = good.head().await?;
        if self.0.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
            return Ok(head.and_then(|head| Position::from_number(head.number() - 1)));
        }
        Ok(head)
    }
}

/// Tells nobody that something was appended.
#[derive(Debug, Default)]
pub(crate) struct NeverWakes;

#[async_trait]
impl Defect for NeverWakes {
    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        position: Option<Position>,
    ) -> Result<Position, ReadError> {
        match good.head().await? {
            Some(head) if position < Some(head) => Ok(head),
            _ => std::future::pending().await,
        }
    }
}

/// Says at once that there is something.
#[derive(Debug, Default)]
pub(crate) struct WakesTooEarly;

#[async_trait]
impl Defect for WakesTooEarly {
    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        _: Option<Position>,
    ) -> Result<Position, ReadError> {
        tokio::task::yield_now().await;
        good.wait_beyond(None).await
    }
}

/// A wait that is given up takes the next event with it.
#[derive(Debug, Default)]
pub(crate) struct LosesAnEventToAWaitGivenUp(Arc<AtomicBool>);

#[async_trait]
impl Defect for LosesAnEventToAWaitGivenUp {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let lost = self.0.load(Ordering::SeqCst);
        changed(good, read, move |mut events| {
            if lost {
                events.pop();
            }
            events
        })
    }

    async fn wait_beyond(
        &self,
        good: &MemoryStore,
        position: Option<Position>,
    ) -> Result<Position, ReadError> {
        struct Given(Arc<AtomicBool>, bool);
        impl Drop for Given {
            fn drop(&mut self) {
                self.0.fetch_or(!self.1, Ordering::SeqCst);
            }
        }
        let mut given = Given(Arc::clone(&self.0), false);
        let head = good.wait_beyond(position).await;
        given.1 = true;
        head
    }
}

/// Takes a stream that is not there for one with an event.
#[derive(Debug, Default)]
pub(crate) struct SeesAMissingStreamAtVersion1;

#[async_trait]
impl Defect for SeesAMissingStreamAtVersion1 {
    async fn stream_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        Ok(good.stream_version(stream).await?.or(Some(Version::FIRST)))
    }
}

/// Has so many readers, and none that is given back.
#[derive(Debug, Default)]
pub(crate) struct NeverGivesAReaderBack(AtomicUsize);

impl Defect for NeverGivesAReaderBack {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        if self.0.fetch_add(1, Ordering::SeqCst) < 32 {
            return good.read(read);
        }
        let source = "all readers are busy".into();
        EventStream::failed(ReadError::Unavailable { source })
    }
}

/// Counts the events of a category for the version of a stream.
#[derive(Debug, Default)]
pub(crate) struct TellsTheVersionOfAll;

#[async_trait]
impl Defect for TellsTheVersionOfAll {
    async fn stream_version(
        &self,
        good: &MemoryStore,
        _: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        let events = good.read_all().await?;
        Ok(Version::new(events.len() as u64))
    }
}
