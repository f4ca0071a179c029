//! States that were loaded or saved a moment ago.
//!
//! They are never trusted: what is decided on one is appended on the condition that the stream still ends where the state
//! does, and what is not appended is looked up first.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    repository::fold::{At, Copy, Shared},
    stream::StreamId,
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

type Half = HashMap<StreamId, Entry>;

/// Two halves: when the young one is full, it becomes the old one, and the old one is forgotten.
#[derive(Default)]
struct Shard {
    young: Half,
    old: Half,
    half: usize,
}

impl Shard {
    fn get(&mut self, stream: &StreamId) -> Option<(Entry, Half)> {
        if let Some(entry) = self.young.get(stream) {
            return Some((entry.clone(), Half::new()));
        }
        let (stream, entry) = self.old.remove_entry(stream)?;
        let forgotten = self.put(stream, entry.clone());
        Some((entry, forgotten))
    }

    /// Gives back what is forgotten for it.
    fn put(&mut self, stream: StreamId, entry: Entry) -> Half {
        let mut forgotten = Half::new();
        if self.young.len() >= self.half && !self.young.contains_key(&stream) {
            forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        }
        self.young.insert(stream, entry);
        forgotten
    }

    fn remove(&mut self, stream: &StreamId) -> Option<Entry> {
        let young = self.young.remove(stream);
        let old = self.old.remove(stream);
        young.or(old)
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
        let found = self.shard(stream).get(stream);
        found.map(|(entry, _)| entry)
    }

    /// Keeps a state, unless a later one is there.
    pub(super) fn put(&self, stream: &StreamId, entry: Entry) {
        let (there, forgotten);
        {
            let mut shard = self.shard(stream);
            there = shard.remove(stream);
            let later = there
                .as_ref()
                .filter(|there| there.at.version() > entry.at.version());
            let entry = later.cloned().unwrap_or(entry);
            forgotten = shard.put(stream.clone(), entry);
        }
        // Not under the lock: dropping a state is the user's code.
        drop((there, forgotten));
    }

    /// Lets go of a state that nobody is to use any more, or that is about to change.
    pub(super) fn remove(&self, stream: &StreamId) {
        let removed = self.shard(stream).remove(stream);
        drop(removed);
    }

    /// A poisoned lock is taken all the same: an entry is whole or not there.
    fn shard(&self, stream: &StreamId) -> MutexGuard<'_, Shard> {
        let hash = usize::try_from(self.hasher.hash_one(stream)).unwrap_or(usize::MAX);
        let shard = &self.shards[hash % self.shards.len()];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
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
    use crate::{id::EventId, stream::Version};

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
                let shard = cache.shard(&stream(*number));
                shard.young.contains_key(&stream(*number))
                    || shard.old.contains_key(&stream(*number))
            });
            let there = there.count();
            assert!((1..=capacity).contains(&there), "{there} of {capacity}");
        }
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
        cache.remove(&stream(1));
        assert_eq!(found(&cache, 1), None);
    }
}
