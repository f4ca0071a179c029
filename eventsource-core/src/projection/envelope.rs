//! What is known of an event beside its payload.

use std::{fmt, ops::Deref};

use crate::{
    aggregate::Aggregate, aggregate_id::AggregateIdError, record::RecordedEvent, stream::Position,
};

/// The envelope of an event that a handler is given: all that was recorded of it, and which part of the stored event it is.
///
/// It reads as the [`RecordedEvent`] that it is of: `envelope.stream`, `envelope.version`, `envelope.actor`.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    recorded: &'a RecordedEvent,
    part: usize,
    parts: usize,
}

impl<'a> Envelope<'a> {
    /// The envelope of one part of a stored event.
    pub const fn new(recorded: &'a RecordedEvent, part: usize, parts: usize) -> Self {
        Self {
            recorded,
            part,
            parts,
        }
    }

    /// The event as it was stored.
    pub const fn recorded(&self) -> &'a RecordedEvent {
        self.recorded
    }

    /// Which part of the stored event this one is, from 0. A stored event is one part, unless it was retired and split.
    pub const fn part(&self) -> usize {
        self.part
    }

    /// How many parts the stored event has today.
    pub const fn parts(&self) -> usize {
        self.parts
    }

    /// The place of the event in the whole store; all parts of a stored event share it.
    pub const fn position(&self) -> Position {
        self.recorded.position
    }

    /// The typed id of the aggregate whose event it is.
    ///
    /// # Errors
    ///
    /// [`AggregateIdError`] when the stream is none of `A`, or its id is none.
    pub fn id<A: Aggregate>(&self) -> Result<A::Id, AggregateIdError> {
        self.recorded.stream.aggregate_id::<A>()
    }
}

impl Deref for Envelope<'_> {
    type Target = RecordedEvent;

    fn deref(&self) -> &RecordedEvent {
        self.recorded
    }
}

/// Without the payload.
impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("stream", &self.recorded.stream)
            .field("version", &self.recorded.version)
            .field("position", &self.recorded.position)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}
