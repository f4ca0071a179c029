//! Whether the versions of each stream follow each other, for a reader that sees all of its events.

use std::collections::HashMap;

use crate::{
    record::RecordedEvent,
    store::{EventStore, ReadError},
    stream::{StreamId, Version},
};

/// Of how many streams the last version is known, at least, and of twice as many at the most.
pub(super) const STREAMS: usize = 16_384;

/// The last version of each stream that was seen lately. The streams that were not seen for the longest time are forgotten,
/// so that a store of many streams costs no more memory than one of some.
pub(super) struct Sequence {
    /// Fills up, and then takes the place of `older`, which is forgotten.
    recent: HashMap<StreamId, Version>,
    older: HashMap<StreamId, Version>,
    streams: usize,
    /// Whether a stream that is not known has never been seen, so that it begins with its first event.
    knows_all: bool,
}

impl Sequence {
    /// For a reader that begins with the first event, or somewhere later.
    pub(super) fn new(from_the_beginning: bool, streams: usize) -> Self {
        Self {
            recent: HashMap::new(),
            older: HashMap::new(),
            streams,
            knows_all: from_the_beginning,
        }
    }

    /// The version that is to come next; `None` where nobody can say.
    fn expected(&self, stream: &StreamId) -> Option<Version> {
        match self.recent.get(stream).or_else(|| self.older.get(stream)) {
            Some(last) => Some(Version::after(Some(*last))),
            None => self.knows_all.then_some(Version::FIRST),
        }
    }

    /// Whether this event is the next one of its stream. Where some before it are missing, the store is asked whether they
    /// were trimmed.
    pub(super) async fn check(
        &self,
        store: &dyn EventStore,
        event: &RecordedEvent,
    ) -> Result<(), ReadError> {
        let Some(expected) = self.expected(&event.stream) else {
            return Ok(());
        };
        if event.version == expected {
            return Ok(());
        }
        if event.version > expected
            && let Some(trims) = store.trims()
        {
            // The event itself may be gone by now; of those before it, all must be.
            let first = trims.first_version(&event.stream).await?;
            if first >= Some(event.version) {
                return Ok(());
            }
        }
        Err(ReadError::OutOfSequence {
            stream: event.stream.clone(),
            expected,
            found: event.version,
            position: event.position,
        })
    }

    /// Goes beyond an event that was found right.
    pub(super) fn pass(&mut self, event: &RecordedEvent) {
        if let Some(last) = self.recent.get_mut(&event.stream) {
            *last = event.version;
            return;
        }
        self.older.remove(&event.stream);
        if self.recent.len() >= self.streams {
            self.knows_all &= self.older.is_empty();
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(event.stream.clone(), event.version);
    }
}
