//! The stream of one scenario: events go in encoded, and come out as they lie in the store. Every event of a scenario
//! passes through [`Journal::append`], given ones and new ones.

use std::{error::Error, sync::Arc};

use eventsource_core::{
    Append, CountingIds, EventId, EventName, EventSchema, EventStore, EventStoreExt, Expected,
    IdSource, ManualClock, MemoryStore, NewEvent, Read, Recorded, StoredPayload, StreamId,
    TextError, Timestamp, Version,
};

use super::{ready::block_on_ready, report::text::chain};

/// An event as it is to be stored, or as it was read from the store.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) name: Name,
    pub(crate) schema_version: u32,
    pub(crate) payload: StoredPayload,
}

/// A stored name: a literal in the code of the event, or a text that stands for what is in production.
#[derive(Clone)]
pub(crate) enum Name {
    Of(EventSchema),
    Text(String),
    Read(EventName),
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Of(schema) => schema.name,
            Self::Text(text) => text,
            Self::Read(name) => name.as_str(),
        }
    }

    fn checked(&self) -> Result<EventName, TextError> {
        match self {
            Self::Of(schema) => EventName::of(*schema),
            Self::Text(text) => EventName::new(text.as_str()),
            Self::Read(name) => Ok(name.clone()),
        }
    }
}

/// Given events have ids that no source of a test's own is likely to give.
const FIRST_ID: u64 = 1 << 63;

/// A stream in a store in memory; or, when nothing is to be appended, what would be in it.
pub(super) struct Journal {
    store: Option<(MemoryStore, StreamId)>,
    clock: Arc<ManualClock>,
    ids: CountingIds,
    /// What was appended, as it was read back, and when it occurred.
    events: Vec<(Stored, Timestamp)>,
}

impl Journal {
    /// A journal that appends for real.
    pub(super) fn in_store(stream: StreamId) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        Self {
            store: Some((MemoryStore::with_clock(clock.clone()), stream)),
            clock,
            ids: CountingIds::from(FIRST_ID),
            events: Vec::new(),
        }
    }

    /// A journal that only remembers.
    pub(super) fn beside_store() -> Self {
        Self {
            store: None,
            clock: Arc::new(ManualClock::at(Timestamp::EPOCH)),
            ids: CountingIds::from(FIRST_ID),
            events: Vec::new(),
        }
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// Appends events, each with the time at which it occurred, behind those that are there, at exactly that version,
    /// and reads them back.
    pub(super) fn append(
        &mut self,
        events: Vec<(Stored, Timestamp)>,
    ) -> Result<Vec<Stored>, String> {
        let read: Vec<Stored> = match &self.store {
            None => events.iter().map(|(event, _)| event.clone()).collect(),
            Some((store, stream)) => {
                if let Some((_, last)) = events.last() {
                    self.clock.set(*last);
                }
                let new: Result<Vec<_>, _> = events
                    .iter()
                    .map(|(event, occurred_at)| envelope(&self.ids, event, *occurred_at))
                    .collect();
                let last = Version::new(self.events.len() as u64);
                append(store, stream, last, new.map_err(|e| chain(&e))?).map_err(|e| chain(&*e))?
            }
        };
        let times = events.into_iter().map(|(_, occurred_at)| occurred_at);
        self.events.extend(read.iter().cloned().zip(times));
        Ok(read)
    }

    /// All events, read again.
    pub(super) fn read(&self) -> Result<Vec<Stored>, String> {
        match &self.store {
            Some((store, stream)) if !self.events.is_empty() => {
                let events = block_on_ready(store.read_stream(stream)).map_err(|e| chain(&e))?;
                Ok(events.iter().map(stored).collect())
            }
            _ => Ok(self.events.iter().map(|(event, _)| event.clone()).collect()),
        }
    }

    /// Another store, on a clock that stands at `now`, with the first events of this one in it.
    pub(super) fn copy(
        &self,
        stream: &StreamId,
        first: usize,
        now: Timestamp,
    ) -> Result<(MemoryStore, Arc<ManualClock>), String> {
        let clock = Arc::new(ManualClock::at(now));
        let store = MemoryStore::with_clock(clock.clone());
        let ids = CountingIds::from(FIRST_ID);
        let events = self.events.iter().take(first);
        let events: Result<Vec<_>, _> = events
            .map(|(event, occurred_at)| envelope(&ids, event, *occurred_at))
            .collect();
        let append = Append::to(
            stream.clone(),
            Expected::NoStream,
            events.map_err(|e| chain(&e))?,
        );
        block_on_ready(store.append(append)).map_err(|e| chain(&e))?;
        Ok((store, clock))
    }
}

pub(crate) fn envelope(
    ids: &dyn IdSource,
    event: &Stored,
    occurred_at: Timestamp,
) -> Result<NewEvent, TextError> {
    Ok(NewEvent::new(
        EventId::new(ids.next_id()),
        event.name.checked()?,
        event.schema_version,
        event.payload.clone(),
        occurred_at,
    ))
}

fn append(
    store: &MemoryStore,
    stream: &StreamId,
    last: Option<Version>,
    events: Vec<NewEvent>,
) -> Result<Vec<Stored>, Box<dyn Error + Send + Sync>> {
    let count = events.len();
    let append = Append::to(stream.clone(), Expected::seen(last), events);
    block_on_ready(store.append(append))?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let read = Read::stream(stream.clone()).from_version(Version::after(last));
    let read = block_on_ready(store.read(read).collect())?;
    if read.len() != count {
        return Err(format!(
            "{count} events were appended, but {} were read back",
            read.len()
        )
        .into());
    }
    Ok(read.iter().map(stored).collect())
}

pub(super) fn stored(event: &Recorded) -> Stored {
    Stored {
        name: Name::Read(event.name.clone()),
        schema_version: event.schema_version,
        payload: event.payload.clone(),
    }
}
