//! What was decided, as it will be stored.

use crate::{
    aggregate::{Aggregate, AggregateEvent, FoldError},
    codec::{DecodeError, EncodeError},
    context::Context,
    event::EventSchema,
    events::Events,
    id::{CommandId, EventId},
    payload::StoredPayload,
    record::NewEvent,
    repository::{
        ExecuteError,
        engine::{Done, Engine},
        fold::At,
    },
    signal,
    stream::StreamId,
    text::EventName,
    time::Timestamp,
};

/// The events of a decision, whatever their type.
pub(super) trait Decided: Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;
    /// The stored name and schema version of one.
    fn schema(&self, index: usize) -> EventSchema;
    /// Appends the JSON of one.
    fn encode(&self, index: usize, json: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Reads what would be stored, and keeps it where it is asked to.
    fn decode(&mut self, schema: EventSchema, json: &[u8], keep: bool) -> Result<(), DecodeError>;
    /// The category of their aggregate, and the event that creates it.
    fn aggregate(&self) -> (&'static str, Option<EventSchema>);
}

/// The events of a decision of the aggregate `A`.
pub(super) struct Decisions<A: Aggregate> {
    pub(super) events: Events<A>,
    /// The same events as they are read back.
    pub(super) read_back: Vec<A::Event>,
}

impl<A: Aggregate> Decisions<A> {
    pub(super) fn of(events: Events<A>) -> Self {
        Self {
            events,
            read_back: Vec::new(),
        }
    }
}

impl<A: Aggregate> Decisions<A> {
    /// Reads all of them back, as they would be stored.
    pub(super) fn read_all<E>(&mut self, stream: &StreamId) -> Result<(), ExecuteError<E>> {
        let mut json = Vec::new();
        for index in 0..self.events.len() {
            json.clear();
            reread(self, index, &mut json, stream, true)?;
        }
        Ok(())
    }
}

impl<A: Aggregate> Decided for Decisions<A> {
    fn count(&self) -> usize {
        self.events.len()
    }

    fn schema(&self, index: usize) -> EventSchema {
        self.events.as_slice()[index].schema()
    }

    fn encode(&self, index: usize, json: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.events.as_slice()[index].encode(json)
    }

    fn decode(&mut self, schema: EventSchema, json: &[u8], keep: bool) -> Result<(), DecodeError> {
        match A::Event::decode(schema.name, schema.version, json) {
            Ok(parts) if keep => self.read_back.extend(parts),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn aggregate(&self) -> (&'static str, Option<EventSchema>) {
        (A::CATEGORY, A::created_by())
    }
}

/// What one attempt is to append to one stream: a decision, and where it was made.
pub(super) struct Part<'a> {
    pub(super) stream: &'a StreamId,
    pub(super) at: At,
    pub(super) decided: &'a mut dyn Decided,
    /// The ids of the events. What is appended once more has the same ones.
    pub(super) ids: Vec<EventId>,
}

impl<'a> Part<'a> {
    pub(super) fn new(
        engine: &Engine,
        stream: &'a StreamId,
        at: At,
        decided: &'a mut dyn Decided,
    ) -> Self {
        let ids = (0..decided.count()).map(|_| EventId::new(engine.ids.next_id()));
        Self {
            stream,
            at,
            ids: ids.collect(),
            decided,
        }
    }
}

/// What all events of a command have in their envelopes.
pub(super) struct Stamp<'a> {
    pub(super) context: &'a Context,
    pub(super) command: CommandId,
    pub(super) occurred_at: Timestamp,
}

impl Stamp<'_> {
    /// The command, for who tells of it.
    pub(super) fn command(&self) -> signal::Command<'_> {
        signal::Command::new(self.command, self.context)
    }
}

impl Part<'_> {
    /// The events as they will be stored. With `keep`, what is read back of them is kept beside them.
    pub(super) fn encode(&mut self, stamp: &Stamp<'_>, keep: bool) -> Done<Vec<NewEvent>> {
        let stream = self.stream;
        check_fit(self.at.is_living, self.decided).map_err(|source| ExecuteError::Fold {
            stream: stream.clone(),
            source,
        })?;
        let (context, command) = (stamp.context, stamp.command);
        let mut json = Vec::new();
        let mut encoded = Vec::with_capacity(self.ids.len());
        for (index, id) in self.ids.iter().enumerate() {
            json.clear();
            let schema = reread(self.decided, index, &mut json, stream, keep)?;
            let name = EventName::of(schema).map_err(|source| ExecuteError::Name {
                stream: stream.clone(),
                source,
            })?;
            encoded.push(NewEvent {
                id: *id,
                name,
                schema_version: schema.version,
                payload: StoredPayload::json(&json),
                occurred_at: stamp.occurred_at,
                correlation_id: Some(context.correlation_of(command)),
                causation_id: Some(context.causation_of(command)),
                actor: context.actor.clone(),
                metadata: context.metadata.clone(),
                tags: context.tags.clone(),
            });
        }
        Ok(encoded)
    }
}

/// Writes an event and reads it back.
fn reread<E>(
    decided: &mut dyn Decided,
    index: usize,
    json: &mut Vec<u8>,
    stream: &StreamId,
    keep: bool,
) -> Result<EventSchema, ExecuteError<E>> {
    let written = decided.encode(index, json);
    written.map_err(|source| ExecuteError::Encode {
        stream: stream.clone(),
        source,
    })?;
    let schema = decided.schema(index);
    // Stored events are for ever: what could not be read back must not become one.
    let read = decided.decode(schema, json, keep);
    read.map_err(|source| ExecuteError::Unreadable {
        stream: stream.clone(),
        source,
    })?;
    Ok(schema)
}

/// Whether each of the events will fit the state that it meets, seen before anything is written: what does not would
/// make the stream unreadable.
pub(super) fn check_fit(mut is_living: bool, events: &dyn Decided) -> Result<(), FoldError> {
    let (aggregate, Some(creating)) = events.aggregate() else {
        return Ok(());
    };
    for index in 0..events.count() {
        let event = events.schema(index).name;
        match (is_living, event == creating.name) {
            (false, true) => is_living = true,
            (true, false) => {}
            (true, true) => return Err(FoldError::AlreadyCreated { aggregate, event }),
            (false, false) => {
                return Err(FoldError::NotCreated {
                    aggregate,
                    event,
                    created_by: creating.name,
                });
            }
        }
    }
    Ok(())
}
