//! Whether the versions of each stream follow each other, for a reader that sees all of its events.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use crate::{
    record::RecordedEvent,
    store::{EventStore, ReadError},
    stream::{StreamId, Version},
};

/// Of how many streams the last version is known, at least, and of twice as many at the most.
pub(super) const STREAMS: usize = 16_384;

/// What is kept by stream. A stream brings its hash, under a key that nobody knows: it need not be hashed again.
type OfStreams<T> = HashMap<StreamId, T, BuildHasherDefault<HashedBefore>>;

#[derive(Default)]
struct HashedBefore(u64);

impl Hasher for HashedBefore {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The last version of each stream that was seen lately. The streams that were not seen for the longest time are forgotten,
/// so that a store of many streams costs no more memory than one of some.
pub(crate) struct Sequence {
    /// Fills up, and then takes the place of `older`, which is forgotten.
    recent: OfStreams<Version>,
    older: OfStreams<Version>,
    streams: usize,
    /// Whether a stream that is not known has never been seen, so that it begins with its first event.
    knows_all: bool,
}

impl Sequence {
    /// For a reader that begins with the first event, or somewhere later.
    pub(super) fn new(from_the_beginning: bool, streams: usize) -> Self {
        Self {
            recent: OfStreams::default(),
            older: OfStreams::default(),
            streams,
            knows_all: from_the_beginning,
        }
    }

    /// For a reader that begins with the first event.
    pub(crate) fn from_the_beginning() -> Self {
        Self::new(true, STREAMS)
    }

    /// The version that is to come next; `None` where nobody can say.
    fn expected(&self, stream: &StreamId) -> Option<Version> {
        match self.recent.get(stream).or_else(|| self.older.get(stream)) {
            Some(last) => Some(Version::after(Some(*last))),
            None => self.knows_all.then_some(Version::FIRST),
        }
    }

    /// Goes beyond an event that follows the last one of its stream, if that was seen lately. Whether it did: for any other
    /// event, [`Sequence::check`] says what is to be said of it.
    pub(super) fn goes_on_with(&mut self, event: &RecordedEvent) -> bool {
        match self.recent.get_mut(&event.stream) {
            Some(last) if event.version == Version::after(Some(*last)) => {
                *last = event.version;
                true
            }
            _ => false,
        }
    }

    /// Whether this event is the next one of its stream. Where some before it are missing, the store is asked whether they
    /// were trimmed.
    pub(crate) async fn check(
        &self,
        store: &(impl EventStore + ?Sized),
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
    pub(crate) fn pass(&mut self, event: &RecordedEvent) {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        id::EventId,
        payload::StoredPayload,
        record::{NewEvent, Recorded},
        store::MemoryStore,
        stream::Position,
        text::EventName,
        time::Timestamp,
    };

    fn event(id: u32, version: u64) -> Recorded {
        let name = EventName::new("light.switched").expect("a legal name");
        let payload = StoredPayload::json(b"{}");
        let new = NewEvent::new(
            EventId::new(uuid::Uuid::nil()),
            name,
            1,
            payload,
            Timestamp::EPOCH,
        );
        let stream = StreamId::new("light", id.to_string()).expect("a legal stream");
        let version = Version::new(version).expect("not 0");
        let position = Position::from_number(1).expect("positions begin at 1");
        let event = RecordedEvent::new(new, stream, version, position, Timestamp::EPOCH);
        Arc::new(event)
    }

    /// Whether an event is found wrong; one that is right is passed.
    async fn is_wrong(sequence: &mut Sequence, event: Recorded) -> bool {
        if sequence.goes_on_with(&event) {
            return false;
        }
        // It has no such stream, so that nothing of it was trimmed.
        let checked = sequence.check(&MemoryStore::new(), &event).await;
        if checked.is_ok() {
            sequence.pass(&event);
        }
        checked.is_err()
    }

    #[tokio::test]
    async fn those_seen_last_are_known_and_no_more_than_twice_as_many() {
        const STREAMS: usize = 4;
        let mut sequence = Sequence::new(true, STREAMS);
        let mut seen: Vec<(u32, u64)> = Vec::new();
        for step in 0..500_u32 {
            // Some streams come again and again, others once.
            let id = if step % 3 == 0 {
                step % 5
            } else {
                100 + step / 2
            };
            let last = seen.iter().position(|(of, _)| *of == id);
            let version = last.map_or(1, |place| seen.remove(place).1 + 1);
            assert!(!is_wrong(&mut sequence, event(id, version)).await);
            seen.push((id, version));
            for (id, version) in seen.iter().rev().take(STREAMS) {
                let expected = sequence.expected(&event(*id, 1).stream);
                assert_eq!(
                    expected.map(Version::get),
                    Some(version + 1),
                    "{id} after {step}"
                );
            }
            let known = sequence.recent.len() + sequence.older.len();
            assert!(known <= 2 * STREAMS, "{known} are known");
        }
    }

    #[tokio::test]
    async fn the_first_event_of_a_stream_is_checked_until_one_was_forgotten() {
        let mut sequence = Sequence::new(true, 2);
        for id in 0..4 {
            assert!(
                is_wrong(&mut sequence, event(id, 2)).await,
                "the first one is missing"
            );
            assert!(!is_wrong(&mut sequence, event(id, 1)).await);
        }
        assert!(is_wrong(&mut sequence, event(0, 1)).await, "all are known");
        assert!(!is_wrong(&mut sequence, event(4, 1)).await);
        // Nobody knows any more whether this one has been seen.
        assert!(!is_wrong(&mut sequence, event(9, 7)).await);
        assert!(is_wrong(&mut sequence, event(9, 7)).await);
        let mut from_the_middle = Sequence::new(false, 2);
        assert!(!is_wrong(&mut from_the_middle, event(0, 5)).await);
        assert!(is_wrong(&mut from_the_middle, event(0, 7)).await);
        assert!(!is_wrong(&mut from_the_middle, event(0, 6)).await);
    }
}
