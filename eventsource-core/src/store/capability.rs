//! What a store can do beyond the contract, and how much it takes.

use std::fmt;

use crate::{store::Rejection, stream::StreamId, text::EventName};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Something that not every engine can do. A store without it refuses with a typed error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[$doc])* $name,)*
        }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        impl fmt::Display for Capability {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)* })
            }
        }
    };
}

capabilities! {
    /// One append over several streams, all or nothing, with check-only streams.
    MultiStreamAppend = "an append over several streams";
    /// The positions of one append follow each other without a gap.
    ContiguousBatch = "contiguous positions within one append";
    /// What an append has acknowledged is still there after the process was killed.
    Durable = "durability across a crash of the process";
    /// Several processes may open the same store at once.
    MultiProcess = "use by several processes at once";
    /// Keeps snapshots: [`EventStore::snapshots`](crate::EventStore::snapshots).
    Snapshots = "snapshots";
    /// Lets go of the oldest events of a stream when it is asked to: [`EventStore::trims`](crate::EventStore::trims).
    Trim = "trimming of streams";
    /// Keeps checkpoints and parked events of projections: [`EventStore::projections`](crate::EventStore::projections).
    Projections = "checkpoints of projections";
    /// Gives leases: [`EventStore::leases`](crate::EventStore::leases).
    Leases = "leases";
}

/// The capabilities that a store declares.
///
/// ```
/// use eventsource_core::{Capabilities, Capability};
///
/// let some = Capabilities::none().with(Capability::Durable);
/// assert!(some.has(Capability::Durable));
/// assert!(some.require(Capability::MultiProcess).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(u32);

impl Capabilities {
    /// No capability.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Every capability.
    pub fn all() -> Self {
        Capability::ALL
            .iter()
            .fold(Self::none(), |all, one| all.with(*one))
    }

    /// The same with one more.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u32)
    }

    /// The same without one.
    #[must_use]
    pub const fn without(self, capability: Capability) -> Self {
        Self(self.0 & !(1 << capability as u32))
    }

    /// Whether the store declares it.
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u32) != 0
    }

    /// Insists on a capability.
    ///
    /// # Errors
    ///
    /// [`Unsupported`] when the store does not declare it.
    pub const fn require(self, capability: Capability) -> Result<(), Unsupported> {
        if self.has(capability) {
            Ok(())
        } else {
            Err(Unsupported { capability })
        }
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(Capability::ALL.iter().filter(|one| self.has(**one)))
            .finish()
    }
}

/// The store cannot do this; nothing was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this store does not offer {capability}")]
#[non_exhaustive]
pub struct Unsupported {
    /// What was needed.
    pub capability: Capability,
}

/// Something of which a store takes only so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// The bytes of one payload.
    PayloadBytes,
    /// The events of one append.
    EventsPerAppend,
    /// The bytes of one event's metadata, as JSON.
    MetadataBytes,
    /// The tags of one event.
    TagsPerEvent,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PayloadBytes => "bytes in one payload",
            Self::EventsPerAppend => "events in one append",
            Self::MetadataBytes => "bytes in the metadata of one event",
            Self::TagsPerEvent => "tags on one event",
        })
    }
}

/// How much a store takes. Names and ids have limits of their own, the same for every store: see the constants of
/// [`StreamId`], [`EventName`] and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The greatest length of one payload, in bytes.
    pub payload_bytes: usize,
    /// The greatest number of events in one append.
    pub events_per_append: usize,
    /// The greatest length of one event's metadata, in bytes of JSON.
    pub metadata_bytes: usize,
    /// The greatest number of tags on one event.
    pub tags_per_event: usize,
    /// The greatest length of one snapshot, in bytes as they are stored. It means nothing without
    /// [`Capability::Snapshots`].
    pub snapshot_bytes: usize,
}

impl Default for Limits {
    /// 64 MiB in a payload, 100,000 events in an append, 64 KiB of metadata and 64 tags on an event, 64 MiB in a snapshot.
    fn default() -> Self {
        Self {
            payload_bytes: 64 * 1024 * 1024,
            events_per_append: 100_000,
            metadata_bytes: 64 * 1024,
            tags_per_event: 64,
            snapshot_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// The same with another greatest length of a payload, in bytes.
    #[must_use]
    pub const fn with_payload_bytes(mut self, bytes: usize) -> Self {
        self.payload_bytes = bytes;
        self
    }

    /// The same with another greatest number of events in an append.
    #[must_use]
    pub const fn with_events_per_append(mut self, events: usize) -> Self {
        self.events_per_append = events;
        self
    }

    /// The same with another greatest length of an event's metadata, in bytes of JSON.
    #[must_use]
    pub const fn with_metadata_bytes(mut self, bytes: usize) -> Self {
        self.metadata_bytes = bytes;
        self
    }

    /// The same with another greatest number of tags on an event.
    #[must_use]
    pub const fn with_tags_per_event(mut self, tags: usize) -> Self {
        self.tags_per_event = tags;
        self
    }

    /// The same with another greatest length of a snapshot, in bytes.
    #[must_use]
    pub const fn with_snapshot_bytes(mut self, bytes: usize) -> Self {
        self.snapshot_bytes = bytes;
        self
    }

    pub(crate) fn check(
        &self,
        what: Limit,
        actual: usize,
        at: Option<(&StreamId, &EventName)>,
    ) -> Result<(), Rejection> {
        let limit = match what {
            Limit::PayloadBytes => self.payload_bytes,
            Limit::EventsPerAppend => self.events_per_append,
            Limit::MetadataBytes => self.metadata_bytes,
            Limit::TagsPerEvent => self.tags_per_event,
        };
        if actual <= limit {
            return Ok(());
        }
        let (stream, event) = at.unzip();
        Err(Rejection::TooLarge {
            what,
            limit,
            actual,
            stream: stream.cloned(),
            event: event.cloned(),
        })
    }
}
