//! What a scenario tells: the events, and what is known of them.

use eventsource_core::{
    Aggregate, AggregateEvent, Append, CountingIds, EventId, EventStore, Events, Expected,
    IdSource, StoredPayload, StreamId, Timestamp, projection::Source,
};

use super::{block::block_on, check::Settings};
use crate::scenario::{
    journal::{Name, Stored, envelope},
    report::text::chain,
    run::{decoded, encoded},
};

/// What a scenario tells.
pub(super) struct Story {
    /// The name of the projection or the reaction.
    pub(super) name: &'static str,
    /// The stored names today of what it lists.
    pub(super) listed: Vec<&'static str>,
    /// The categories of the aggregates that it takes from.
    pub(super) categories: Vec<&'static str>,
    pub(super) events: Vec<Told>,
    pub(super) now: Timestamp,
    pub(super) settings: Settings,
}

/// An event that a scenario tells.
pub(super) struct Told {
    pub(super) stream: StreamId,
    pub(super) stored: Stored,
    /// The stored names of what it is today.
    pub(super) today: Vec<&'static str>,
    /// Whether it comes after what was given.
    pub(super) comes: bool,
    pub(super) occurred_at: Timestamp,
}

/// Ids count from here, so that no source of a test's own is likely to give one of them.
const FIRST_ID: u64 = 1 << 63;

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

impl Story {
    pub(super) fn new(name: &'static str, listed: Vec<&'static str>, sources: &[Source]) -> Self {
        Self {
            name,
            listed,
            categories: sources.iter().map(Source::category).collect(),
            events: Vec::new(),
            now: NOW,
            settings: Settings::default(),
        }
    }

    /// Adds events of one aggregate.
    #[track_caller]
    pub(super) fn add<A: Aggregate>(&mut self, id: &A::Id, events: Events<A>, comes: bool) {
        let stream = self.stream::<A>(id);
        for event in events {
            let at = self.events.len() + 1;
            match encoded(&event) {
                Ok(stored) => self.events.push(Told {
                    stream: stream.clone(),
                    stored,
                    today: vec![event.schema().name],
                    comes,
                    occurred_at: self.now,
                }),
                Err(error) => panic!(
                    "{}: the event {at} cannot be written: {}",
                    self.name,
                    chain(&error)
                ),
            }
        }
    }

    /// Adds an event as it was stored.
    #[track_caller]
    pub(super) fn add_stored<A: Aggregate>(
        &mut self,
        id: &A::Id,
        (name, schema_version): (String, u32),
        payload: &serde_json::Value,
        comes: bool,
    ) {
        let stream = self.stream::<A>(id);
        let stored = Stored {
            name: Name::Text(name),
            schema_version,
            payload: StoredPayload::json(payload.to_string().as_bytes()),
        };
        let at = self.events.len() + 1;
        let parts = match decoded::<A>(&stored) {
            Ok(parts) => parts,
            Err(error) => panic!(
                "{}: the stored event {at} cannot be read: {}",
                self.name,
                chain(&error)
            ),
        };
        let today = parts.iter().map(|part| part.schema().name).collect();
        self.events.push(Told {
            stream,
            stored,
            today,
            comes,
            occurred_at: self.now,
        });
    }

    #[track_caller]
    fn stream<A: Aggregate>(&self, id: &A::Id) -> StreamId {
        match StreamId::of::<A>(id) {
            Ok(stream) => stream,
            Err(error) => panic!("{}: {}: {}", self.name, A::CATEGORY, chain(&error)),
        }
    }

    /// How many events were given before any comes.
    pub(super) fn given(&self) -> usize {
        let comes = self.events.iter().position(|told| told.comes);
        comes.unwrap_or(self.events.len())
    }

    /// Whether events are told, and each is of an aggregate that nothing is taken from.
    pub(super) fn is_of_others(&self) -> bool {
        let can_come = |told: &Told| self.categories.contains(&told.stream.category().as_str());
        !self.events.is_empty() && !self.events.iter().any(can_come)
    }

    /// The id of an event; the same in every run.
    pub(super) fn id(place: usize) -> EventId {
        EventId::new(CountingIds::from(FIRST_ID + place as u64).next_id())
    }

    /// Appends some of the events, one after the other.
    pub(super) fn append(
        &self,
        store: &impl EventStore,
        places: std::ops::Range<usize>,
    ) -> Result<(), String> {
        for place in places {
            let told = &self.events[place];
            let refused =
                |why: String| format!("the store does not take event {}: {why}", place + 1);
            let ids = CountingIds::from(FIRST_ID + place as u64);
            let event = envelope(&ids, &told.stored, told.occurred_at);
            let event = event.map_err(|error| refused(chain(&error)))?;
            let append = Append::to(told.stream.clone(), Expected::Any, vec![event]);
            block_on(store.append(append)).map_err(|error| refused(chain(&error)))?;
        }
        Ok(())
    }
}
