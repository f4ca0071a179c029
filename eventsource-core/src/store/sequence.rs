//! Whether the versions of each stream follow each other, for a reader that sees all of its events.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher},
};

use crate::{
    record::{Recorded, RecordedEvent},
    store::{EventStore, Read, ReadError},
    stream::{StreamId, Version},
};

/// Of how many streams the last version is known, at least, and of twice as many at the most.
pub(super) const STREAMS: usize = 16_384;

/// What is kept by stream. A stream brings its hash, of 64 bits and under a key that nobody knows, and only that is kept: with
/// the names, 32,768 streams would take several MiB. That an event of a stream meets the hash of another one among them
/// happens once in 2^49 events; it is then told as out of sequence, and in order under the key of the next process.
type OfStreams<T> = HashMap<u64, T, BuildHasherDefault<HashedBefore>>;

fn hash_of(stream: &StreamId) -> u64 {
    BuildHasherDefault::<HashedBefore>::default().hash_one(stream)
}

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
    others: Others,
}

/// What is known of a stream that is neither in `recent` nor in `older`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// None of its events has come, so that it begins with its first one.
    Begin,
    /// None of its events has come here, and some may lie before the reader's beginning: the store knows.
    LieBefore,
    /// Nothing: it may have been forgotten.
    AreForgotten,
}

/// An event that does not follow the last one of its stream that was seen, or before which none was seen.
pub(super) struct Doubt {
    event: Recorded,
    /// The version that was to come; `None` where the store is to be asked for it.
    expected: Option<Version>,
}

impl Sequence {
    /// For a reader that begins with the first event, or somewhere later.
    pub(super) fn new(from_the_beginning: bool, streams: usize) -> Self {
        Self {
            recent: OfStreams::default(),
            older: OfStreams::default(),
            streams,
            others: if from_the_beginning {
                Others::Begin
            } else {
                Others::LieBefore
            },
        }
    }

    /// For a reader that begins with the first event.
    pub(crate) fn from_the_beginning() -> Self {
        Self::new(true, STREAMS)
    }

    /// The last version of a stream, where it is known.
    fn last(&self, stream: &StreamId) -> Option<Version> {
        let hash = hash_of(stream);
        let last = self.recent.get(&hash).or_else(|| self.older.get(&hash));
        last.copied()
    }

    /// Goes beyond an event that follows the last one of its stream, if that was seen lately. Whether it did: for any other
    /// event, [`Sequence::doubt`] says what is to be said of it.
    pub(super) fn goes_on_with(&mut self, event: &RecordedEvent) -> bool {
        match self.recent.get_mut(&hash_of(&event.stream)) {
            Some(last) if event.version == Version::after(Some(*last)) => {
                *last = event.version;
                true
            }
            _ => false,
        }
    }

    /// What is to be settled before this event can be passed; `None` where it is the next one of its stream, or nobody can
    /// say.
    pub(super) fn doubt(&self, event: &Recorded) -> Option<Doubt> {
        let expected = match (self.last(&event.stream), self.others) {
            (Some(last), _) => Some(Version::after(Some(last))),
            (None, Others::AreForgotten) => return None,
            (None, Others::LieBefore) if event.version > Version::FIRST => None,
            (None, Others::LieBefore | Others::Begin) => Some(Version::FIRST),
        };
        (expected != Some(event.version)).then(|| Doubt {
            event: Recorded::clone(event),
            expected,
        })
    }

    /// Whether this event is the next one of its stream, as far as anybody can say: the store is asked where only it can.
    pub(crate) async fn check(
        &self,
        store: &(impl EventStore + ?Sized),
        event: &Recorded,
    ) -> Result<(), ReadError> {
        match self.doubt(event) {
            Some(doubt) => doubt.settle(store).await,
            None => Ok(()),
        }
    }

    /// Goes beyond an event that was found right.
    pub(crate) fn pass(&mut self, event: &RecordedEvent) {
        let hash = hash_of(&event.stream);
        if let Some(last) = self.recent.get_mut(&hash) {
            *last = event.version;
            return;
        }
        self.older.remove(&hash);
        if self.recent.len() >= self.streams {
            if !self.older.is_empty() {
                self.others = Others::AreForgotten;
            }
            // Both keep their room, so that neither grows again.
            std::mem::swap(&mut self.recent, &mut self.older);
            self.recent.clear();
        }
        self.recent.insert(hash, event.version);
    }
}

impl Doubt {
    /// Whether the event is right all the same: everything that is missing before it was trimmed.
    pub(super) async fn settle(self, store: &(impl EventStore + ?Sized)) -> Result<(), ReadError> {
        let Self { event, expected } = self;
        let expected = match expected {
            Some(expected) => expected,
            None => Version::after(last_before(store, &event).await?),
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
}

/// The version of the last event that the store has of the same stream before this one.
async fn last_before(
    store: &(impl EventStore + ?Sized),
    event: &RecordedEvent,
) -> Result<Option<Version>, ReadError> {
    let Some(before) = Version::new(event.version.get() - 1) else {
        return Ok(None);
    };
    let read = Read::stream(event.stream.clone())
        .to_version(before)
        .backward()
        .limit(1);
    match store.read(read).next().await {
        Ok(last) => Ok(last.map(|last| last.version)),
        Err(ReadError::StreamNotFound { .. } | ReadError::Trimmed { .. }) => Ok(None),
        Err(error) => Err(error),
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
                let last = sequence.last(&event(*id, 1).stream);
                assert_eq!(last.map(Version::get), Some(*version), "{id} after {step}");
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
    }

    #[tokio::test]
    async fn from_the_middle_the_store_is_asked_what_came_before_until_a_stream_was_forgotten() {
        let mut sequence = Sequence::new(false, 2);
        assert!(
            is_wrong(&mut sequence, event(0, 5)).await,
            "the store has none before it"
        );
        for id in 1..=3 {
            assert!(!is_wrong(&mut sequence, event(id, 1)).await);
            assert!(is_wrong(&mut sequence, event(id, 3)).await);
            assert!(!is_wrong(&mut sequence, event(id, 2)).await);
            assert!(is_wrong(&mut sequence, event(9, 7)).await, "none forgotten");
        }
        for id in 4..=6 {
            assert!(!is_wrong(&mut sequence, event(id, 1)).await);
        }
        assert!(!is_wrong(&mut sequence, event(9, 7)).await);
    }
}
