//! Ids of events, commands and conversations, and where new ones come from.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::{Clock, SystemClock};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// The id of one event, unique in its store.
    EventId;
    /// The id of one command, which the events that it causes name as their cause.
    CommandId;
    /// What all events and commands of one conversation share.
    CorrelationId;
    /// What caused an event: the id of a command, or of another event.
    CausationId;
}

impl From<CommandId> for CausationId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

impl From<EventId> for CausationId {
    fn from(id: EventId) -> Self {
        Self(id.0)
    }
}

impl From<CommandId> for CorrelationId {
    fn from(id: CommandId) -> Self {
        Self(id.0)
    }
}

/// Makes new ids.
///
/// ```
/// use eventsource_core::{CountingIds, IdSource, UuidV7};
///
/// let (first, second) = (UuidV7.next_id(), UuidV7.next_id());
/// assert_ne!(first, second);
/// assert_eq!(CountingIds::from(7).next_id().as_u128(), 7);
/// ```
pub trait IdSource: fmt::Debug + Send + Sync + 'static {
    /// An id that no other call gives, on no machine.
    fn next_id(&self) -> Uuid;
}

/// UUIDs of version 7. Those of one process rise strictly, also when its clock is set back.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7;

impl IdSource for UuidV7 {
    fn next_id(&self) -> Uuid {
        /// The time of the last id, in the unit of the 60 bits that a version 7 has for it: 1/4096 of a millisecond.
        static LAST: AtomicU64 = AtomicU64::new(0);
        /// Keys that the operating system drew for this process.
        static KEYS: OnceLock<RandomState> = OnceLock::new();

        let micros = u64::try_from(SystemClock.now().as_micros()).unwrap_or(0);
        let now = micros / 1000 * 4096 + micros % 1000 * 4096 / 1000;
        // Two calls in one tick, or after the clock was set back, go on from the last id.
        let rising = |last: u64| now.max(last + 1);
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(rising(last))
        });
        let time = last.map_or(now, rising);
        // A keyed hash of what only this call has, so that no library for random numbers is needed. The process is a
        // part of it for those that fork.
        let random = KEYS
            .get_or_init(RandomState::new)
            .hash_one((time, std::process::id()));
        Uuid::from_u64_pair(
            time >> 12 << 16 | 0x7000 | time & 0xfff,
            1 << 63 | random >> 2,
        )
    }
}

/// Counts its ids, for tests: `00000000-0000-0000-0000-000000000001` and so on.
#[derive(Debug)]
pub struct CountingIds(AtomicU64);

impl CountingIds {
    /// A source whose first id is `first`.
    pub const fn from(first: u64) -> Self {
        Self(AtomicU64::new(first))
    }
}

impl Default for CountingIds {
    fn default() -> Self {
        Self::from(1)
    }
}

impl IdSource for CountingIds {
    fn next_id(&self) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, thread};

    use super::*;

    #[test]
    fn ids_are_of_version_7_and_tell_the_time() {
        let before = SystemClock.now().as_micros() / 1000;
        let id = UuidV7.next_id();
        let after = SystemClock.now().as_micros() / 1000;
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        let millis = i64::try_from(id.as_u128() >> 80).unwrap();
        // Ids that were asked for faster than the clock ticks run ahead of it a little.
        assert!((before..=after + 1_000).contains(&millis));
    }

    #[test]
    fn ids_of_one_thread_rise_and_those_of_many_differ() {
        const EACH: usize = 20_000;
        let made = || -> Vec<Uuid> { (0..EACH).map(|_| UuidV7.next_id()).collect() };
        let ids: Vec<Vec<Uuid>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(made)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(
            ids.iter()
                .all(|ids| ids.is_sorted_by(|one, next| one < next))
        );
        let all: BTreeSet<_> = ids.iter().flatten().collect();
        assert_eq!(all.len(), 4 * EACH);
        // The part that is not time differs as well.
        let random: BTreeSet<_> = all.iter().map(|id| id.as_u64_pair().1).collect();
        assert_eq!(random.len(), 4 * EACH);
    }
}
