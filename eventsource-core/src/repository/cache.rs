//! States that were loaded or saved a moment ago.
//!
//! They are never trusted: what is decided on one is appended on the condition that the stream still ends where the state
//! does, and what is not appended is looked up first.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    repository::fold::{At, Copy, Shared},
    stream::{StreamId, Version},
};

/// How many parts the cache has, so that those who ask for different streams seldom meet.
const SHARDS: usize = 16;

/// A state and where it stands.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) state: Shared,
    pub(super) at: At,
}

/// Bounded by entries. What was not asked for while half of the entries came anew is gone.
pub(super) struct Cache {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    capacity: usize,
    /// Copies a state, for who has to change one that others hold.
    pub(super) copy: Copy,
}

/// Entries by the hash of their stream, which is made once. Of two streams with one hash, the later has the place.
type Half = HashMap<u64, (StreamId, Entry), BuildHasherDefault<Hashed>>;

/// Two halves: when the young one is full, it becomes the old one, and the old one is forgotten.
#[derive(Default)]
struct Shard {
    young: Half,
    old: Half,
    half: usize,
}

/// Takes a hash as it is.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only hashes come, and those by the other way.
        self.0 = bytes
            .iter()
            .fold(self.0, |hash, byte| hash << 8 | u64::from(*byte));
    }
}

impl Shard {
    /// The entry, and what is forgotten for its being asked for.
    fn get(&mut self, hash: u64, stream: &StreamId) -> Option<(Entry, Half)> {
        if let Some((of, entry)) = self.young.get(&hash) {
            return (of == stream).then(|| (entry.clone(), Half::default()));
        }
        let (of, entry) = self.old.remove(&hash)?;
        let found = (of == *stream).then(|| entry.clone());
        let forgotten = self.put(hash, of, entry);
        Some((found?, forgotten))
    }

    /// Gives back what is forgotten for it.
    fn put(&mut self, hash: u64, stream: StreamId, entry: Entry) -> Half {
        let mut forgotten = Half::default();
        if self.young.len() >= self.half && !self.young.contains_key(&hash) {
            forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        }
        self.young.insert(hash, (stream, entry));
        forgotten
    }

    fn peek(&self, hash: u64, stream: &StreamId) -> Option<&Entry> {
        let (of, entry) = self.young.get(&hash).or_else(|| self.old.get(&hash))?;
        (of == stream).then_some(entry)
    }

    fn remove(&mut self, hash: u64) -> Option<(StreamId, Entry)> {
        let young = self.young.remove(&hash);
        // It is in one of the halves only.
        young.or_else(|| self.old.remove(&hash))
    }
}

impl Cache {
    /// Room for so many entries; fewer than 2 are taken as 2.
    pub(super) fn new(capacity: usize, copy: Copy) -> Self {
        let shards = SHARDS.min(capacity / 2).max(1);
        let half = (capacity / shards / 2).max(1);
        let shard = |_| {
            Mutex::new(Shard {
                half,
                ..Shard::default()
            })
        };
        Self {
            shards: (0..shards).map(shard).collect(),
            hasher: RandomState::new(),
            capacity,
            copy,
        }
    }

    /// The state of a stream as it was last put here.
    pub(super) fn get(&self, stream: &StreamId) -> Option<Entry> {
        let (hash, mut shard) = self.shard(stream);
        let found = shard.get(hash, stream);
        drop(shard);
        found.map(|(entry, _)| entry)
    }

    /// Keeps a state, unless a later one is there.
    pub(super) fn put(&self, stream: &StreamId, entry: Entry) {
        let (hash, mut shard) = self.shard(stream);
        let there = shard.remove(hash);
        let later = there
            .as_ref()
            .filter(|(of, there)| of == stream && there.at.version() > entry.at.version());
        let entry = later.map_or(entry, |(_, there)| there.clone());
        let forgotten = shard.put(hash, stream.clone(), entry);
        drop(shard);
        // Not under the lock: dropping a state is the user's code.
        drop((there, forgotten));
    }

    /// Lets go of a state that is about to change, unless a later one is there.
    pub(super) fn remove_to(&self, stream: &StreamId, version: Option<Version>) {
        let (hash, mut shard) = self.shard(stream);
        let is_later = shard
            .peek(hash, stream)
            .is_some_and(|entry| entry.at.version() > version);
        let removed = if is_later { None } else { shard.remove(hash) };
        drop(shard);
        drop(removed);
    }

    /// Lets go of a state that nobody is to use any more.
    pub(super) fn remove(&self, stream: &StreamId) {
        let (hash, mut shard) = self.shard(stream);
        let removed = shard.remove(hash);
        drop(shard);
        drop(removed);
    }

    /// A poisoned lock is taken all the same: an entry is whole or not there.
    fn shard(&self, stream: &StreamId) -> (u64, MutexGuard<'_, Shard>) {
        let hash = self.hasher.hash_one(stream);
        // The low bits say the place in a map, so the high ones say the shard.
        let shard = usize::try_from(hash >> 32).unwrap_or(0) % self.shards.len();
        let shard = self.shards[shard].lock();
        (hash, shard.unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::EventId;

    fn stream(number: u64) -> StreamId {
        StreamId::new("light", number.to_string()).expect("a legal stream")
    }

    fn entry(version: u64) -> Entry {
        let version = Version::new(version).expect("from 1");
        let id = EventId::new(uuid::Uuid::from_u128(u128::from(version.get())));
        let at = At {
            last: Some((version, id)),
            ..At::BEGINNING
        };
        Entry {
            state: Arc::new(version.get()),
            at,
        }
    }

    fn found(cache: &Cache, number: u64) -> Option<u64> {
        let entry = cache.get(&stream(number))?;
        entry.state.downcast_ref::<u64>().copied()
    }

    #[test]
    fn it_never_has_more_entries_than_it_has_room_for() {
        for capacity in [2, 3, 10, 32, 1_000] {
            let cache = Cache::new(capacity, |_| None);
            for number in 0..5_000 {
                cache.put(&stream(number), entry(1));
            }
            let there = (0..5_000).filter(|number| {
                let (hash, shard) = cache.shard(&stream(*number));
                shard.young.contains_key(&hash) || shard.old.contains_key(&hash)
            });
            let there = there.count();
            assert!((1..=capacity).contains(&there), "{there} of {capacity}");
        }
    }

    #[test]
    fn of_two_streams_with_one_hash_neither_is_taken_for_the_other() {
        let mut shard = Shard {
            half: 2,
            ..Shard::default()
        };
        drop(shard.put(7, stream(1), entry(1)));
        assert!(shard.get(7, &stream(2)).is_none());
        drop(shard.put(7, stream(2), entry(2)));
        assert!(shard.get(7, &stream(1)).is_none());
        assert!(shard.get(7, &stream(2)).is_some());
        // From the old half, too.
        drop(shard.put(8, stream(3), entry(1)));
        drop(shard.put(9, stream(4), entry(1)));
        assert!(shard.get(7, &stream(1)).is_none());
        assert!(shard.get(7, &stream(2)).is_some());
    }

    #[test]
    fn what_is_asked_for_stays() {
        let cache = Cache::new(64, |_| None);
        cache.put(&stream(0), entry(7));
        for number in 1..10_000 {
            cache.put(&stream(number), entry(1));
            assert_eq!(found(&cache, 0), Some(7));
        }
    }

    #[test]
    fn a_later_state_is_not_replaced_by_an_earlier_one() {
        let cache = Cache::new(64, |_| None);
        cache.put(&stream(1), entry(2));
        cache.put(&stream(1), entry(1));
        assert_eq!(found(&cache, 1), Some(2));
        cache.put(&stream(1), entry(3));
        assert_eq!(found(&cache, 1), Some(3));
        cache.remove_to(&stream(1), Version::new(2));
        assert_eq!(found(&cache, 1), Some(3));
        cache.remove_to(&stream(1), Version::new(3));
        assert_eq!(found(&cache, 1), None);
        cache.put(&stream(1), entry(3));
        cache.remove(&stream(1));
        assert_eq!(found(&cache, 1), None);
    }
}
