//! The stream of one scenario: events go in encoded, and come out as they lie in the store.

use std::{error::Error, sync::Arc};

use eventsource_core::{
    Append, CountingIds, EventId, EventName, EventSchema, EventStore, EventStoreExt, Expected,
    IdSource, ManualClock, MemoryStore, NewEvent, Read, Recorded, StoredPayload, StreamId,
    TextError, Timestamp, Version,
};

use super::{ready::block_on_ready, report::text::chain};

/// The time at which scenarios play: 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

/// An event as it is to be stored, or as it was read from the store.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) name: Name,
    pub(super) schema_version: u32,
    pub(super) payload: StoredPayload,
}

/// A stored name: a literal in the code of the event, or a text that stands for what is in production.
#[derive(Clone)]
pub(super) enum Name {
    Of(EventSchema),
    Text(String),
    Read(EventName),
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
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

/// A stream in a store in memory; or, when nothing is to be appended, what would be in it.
pub(super) struct Journal {
    store: Option<(MemoryStore, StreamId)>,
    events: Vec<Stored>,
    ids: CountingIds,
}

impl Journal {
    /// A journal that appends for real.
    pub(super) fn in_store(stream: StreamId) -> Self {
        let store = MemoryStore::with_clock(Arc::new(ManualClock::at(NOW)));
        Self::new(Some((store, stream)))
    }

    /// A journal that only remembers.
    pub(super) fn beside_store() -> Self {
        Self::new(None)
    }

    fn new(store: Option<(MemoryStore, StreamId)>) -> Self {
        Self {
            store,
            events: Vec::new(),
            ids: CountingIds::default(),
        }
    }

    /// Appends events behind those that are there, at exactly that version, and reads them back.
    pub(super) fn append(&mut self, events: Vec<Stored>) -> Result<Vec<Stored>, String> {
        let read = match &self.store {
            None => events,
            Some((store, stream)) => {
                let events = events
                    .iter()
                    .map(|event| self.envelope(event))
                    .collect::<Result<Vec<_>, _>>();
                let last = Version::new(self.events.len() as u64);
                append(store, stream, last, events.map_err(|e| chain(&e))?)
                    .map_err(|e| chain(&*e))?
            }
        };
        self.events.extend_from_slice(&read);
        Ok(read)
    }

    /// All events, read again.
    pub(super) fn read(&self) -> Result<Vec<Stored>, String> {
        match &self.store {
            Some((store, stream)) if !self.events.is_empty() => {
                let events = block_on_ready(store.read_stream(stream)).map_err(|e| chain(&e))?;
                Ok(events.iter().map(stored).collect())
            }
            _ => Ok(self.events.clone()),
        }
    }

    fn envelope(&self, event: &Stored) -> Result<NewEvent, TextError> {
        let id = EventId::new(self.ids.next_id());
        Ok(NewEvent::new(
            id,
            event.name.checked()?,
            event.schema_version,
            event.payload.clone(),
            NOW,
        ))
    }
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

fn stored(event: &Recorded) -> Stored {
    Stored {
        name: Name::Read(event.name.clone()),
        schema_version: event.schema_version,
        payload: event.payload.clone(),
    }
}
