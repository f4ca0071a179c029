//! Ids of events, commands and conversations, and where new ones come from.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

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

/// UUIDs of version 7, which rise with time.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7;

impl IdSource for UuidV7 {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door through which ids come in"
    )]
    fn next_id(&self) -> Uuid {
        Uuid::now_v7()
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
