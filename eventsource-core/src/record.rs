//! An event with its envelope: before it is stored, and as it was stored.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    aggregate::{Aggregate, AggregateEvent, Replayed},
    codec::DecodeError,
    id::{CausationId, CorrelationId, EventId},
    metadata::Metadata,
    parts::Parts,
    payload::{ContentType, StoredPayload},
    stream::{Position, StreamId, Version},
    text::{Actor, EventName, Tag},
    time::Timestamp,
};

/// An event that is to be appended: its payload and the part of the envelope that the writer knows.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// The id of the event, unique in the store.
    pub id: EventId,
    /// The stored name.
    pub name: EventName,
    /// The schema version of the payload, from 1.
    pub schema_version: u32,
    /// The payload.
    pub payload: StoredPayload,
    /// When it happened, by the writer's word.
    pub occurred_at: Timestamp,
    /// The conversation that it belongs to.
    pub correlation_id: Option<CorrelationId>,
    /// What caused it.
    pub causation_id: Option<CausationId>,
    /// Who caused it.
    pub actor: Option<Actor>,
    /// Free facts.
    pub metadata: Metadata,
    /// Texts by which it can be found across streams.
    pub tags: BTreeSet<Tag>,
}

impl NewEvent {
    /// An event without correlation, cause, actor, metadata or tags.
    pub fn new(
        id: EventId,
        name: EventName,
        schema_version: u32,
        payload: StoredPayload,
        occurred_at: Timestamp,
    ) -> Self {
        Self {
            id,
            name,
            schema_version,
            payload,
            occurred_at,
            correlation_id: None,
            causation_id: None,
            actor: None,
            metadata: Metadata::new(),
            tags: BTreeSet::new(),
        }
    }
}

/// An event as it was stored, with its whole envelope. It never changes again.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its place in the whole store.
    pub position: Position,
    /// The id of the event, unique in the store.
    pub id: EventId,
    /// The stored name.
    pub name: EventName,
    /// The schema version of the payload, from 1.
    pub schema_version: u32,
    /// The payload.
    pub payload: StoredPayload,
    /// When it happened, by the writer's word.
    pub occurred_at: Timestamp,
    /// When the store recorded it, by the store's clock; it never falls as positions rise.
    pub recorded_at: Timestamp,
    /// The conversation that it belongs to.
    pub correlation_id: Option<CorrelationId>,
    /// What caused it.
    pub causation_id: Option<CausationId>,
    /// Who caused it.
    pub actor: Option<Actor>,
    /// Free facts.
    pub metadata: Metadata,
    /// Texts by which it can be found across streams.
    pub tags: BTreeSet<Tag>,
}

/// A recorded event, shared: the same one may be read by many at once.
pub type Recorded = Arc<RecordedEvent>;

impl RecordedEvent {
    /// For stores: what becomes of a new event at its place.
    pub fn new(
        event: NewEvent,
        stream: StreamId,
        version: Version,
        position: Position,
        recorded_at: Timestamp,
    ) -> Self {
        Self {
            stream,
            version,
            position,
            id: event.id,
            name: event.name,
            schema_version: event.schema_version,
            payload: event.payload,
            occurred_at: event.occurred_at,
            recorded_at,
            correlation_id: event.correlation_id,
            causation_id: event.causation_id,
            actor: event.actor,
            metadata: event.metadata,
            tags: event.tags,
        }
    }

    /// The event as an aggregate reads it, decoded by its stored name and schema version: one event, or, where it was
    /// retired, several or none, which share this version and position.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the pair is not in the aggregate's closed table, the payload does not have its shape, or is
    /// not JSON.
    pub fn decode<A: Aggregate>(&self) -> Result<Parts<A::Event>, DecodeError> {
        if *self.payload.content_type() != ContentType::JSON {
            return Err(self.not_json());
        }
        A::Event::decode(
            self.name.as_str(),
            self.schema_version,
            self.payload.bytes(),
        )
    }

    /// Decodes the event and folds it into a state.
    #[inline]
    pub(crate) fn replay<A: Aggregate>(&self, state: &mut Option<A>) -> Replayed {
        if *self.payload.content_type() != ContentType::JSON {
            return Err(self.not_json().into());
        }
        A::replay(
            state,
            self.name.as_str(),
            self.schema_version,
            self.payload.bytes(),
        )
    }

    /// The payload, where it is of the one content type that is read.
    pub(crate) fn json(&self) -> Result<&[u8], DecodeError> {
        if *self.payload.content_type() == ContentType::JSON {
            Ok(self.payload.bytes())
        } else {
            Err(self.not_json())
        }
    }

    #[cold]
    fn not_json(&self) -> DecodeError {
        DecodeError::ContentType {
            event: self.name.to_string(),
            expected: ContentType::JSON.as_str(),
            actual: self.payload.content_type().to_string(),
        }
    }

    /// Whether the content is that of `event`, as an append key understands it: stored name, schema version and
    /// payload. Ids, times and metadata do not count, since a retry has new ones.
    pub fn has_content_of(&self, event: &NewEvent) -> bool {
        self.name == event.name
            && self.schema_version == event.schema_version
            && self.payload == event.payload
    }
}
