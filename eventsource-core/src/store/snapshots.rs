//! Where snapshots lie: beside the events, in the same store.

use std::fmt;

use async_trait::async_trait;

use crate::{
    id::EventId,
    snapshot::Fingerprint,
    store::{EngineError, Limits},
    stream::{StreamId, Version},
    time::Timestamp,
};

/// A snapshot as it is stored. No store looks into its bytes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSnapshot {
    /// The stream.
    pub stream: StreamId,
    /// The version of the last event in the state.
    pub version: Version,
    /// The id of that event: a stream that has another one there has another history.
    pub event: EventId,
    /// What the code that wrote it took a snapshot to be.
    pub fingerprint: Fingerprint,
    /// The latest time at which one of the events in the state occurred.
    pub occurred_to: Timestamp,
    /// When it was taken, by the clock of who took it.
    pub taken_at: Timestamp,
    /// The name of the [`Compression`](crate::snapshot::Compression) of the bytes.
    pub compression: Option<String>,
    /// The bytes of the state.
    pub bytes: Vec<u8>,
    /// The checksum of everything above but the time at which it was taken, by who took it. A store keeps it as it is.
    ///
    /// It is FNV-1a with 64 bits over the parts in turn, each after its length in 8 bytes: category, id, version, the bytes
    /// of the event's id, fingerprint, `occurred_to` in microseconds, 1 where it is compressed and 0 where it is not, the
    /// compression, the bytes. Numbers have 8 bytes, the lowest first; that 0 or 1 is one byte.
    pub checksum: u64,
}

impl StoredSnapshot {
    /// A snapshot with its checksum.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of what is stored"
    )]
    pub fn new(
        stream: StreamId,
        version: Version,
        event: EventId,
        fingerprint: Fingerprint,
        occurred_to: Timestamp,
        taken_at: Timestamp,
        compression: Option<String>,
        bytes: Vec<u8>,
    ) -> Self {
        let mut snapshot = Self::as_stored(
            (stream, version, event),
            fingerprint,
            (occurred_to, taken_at),
            compression,
            bytes,
            0,
        );
        snapshot.checksum = snapshot.sum();
        snapshot
    }

    /// For stores: what was stored, with the checksum that was stored. Whether that is right, is asked by who uses it.
    pub fn as_stored(
        (stream, version, event): (StreamId, Version, EventId),
        fingerprint: Fingerprint,
        (occurred_to, taken_at): (Timestamp, Timestamp),
        compression: Option<String>,
        bytes: Vec<u8>,
        checksum: u64,
    ) -> Self {
        Self {
            stream,
            version,
            event,
            fingerprint,
            occurred_to,
            taken_at,
            compression,
            bytes,
            checksum,
        }
    }

    /// Whether it is as it was written.
    pub fn is_whole(&self) -> bool {
        self.checksum == self.sum()
    }

    /// For stores: refuses what is larger than the store takes, before anything is written.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::TooLarge`] when it has more bytes than [`Limits::snapshot_bytes`].
    pub fn check(&self, limits: &Limits) -> Result<(), SnapshotError> {
        let (limit, actual) = (limits.snapshot_bytes, self.bytes.len());
        if actual > limit {
            return Err(SnapshotError::TooLarge { limit, actual });
        }
        Ok(())
    }

    fn sum(&self) -> u64 {
        let mut sum = Sum::new();
        sum.add(self.stream.category().as_str().as_bytes());
        sum.add(self.stream.id().as_bytes());
        sum.add(&self.version.get().to_le_bytes());
        sum.add(self.event.as_uuid().as_bytes());
        sum.add(&self.fingerprint.number().to_le_bytes());
        sum.add(&self.occurred_to.as_micros().to_le_bytes());
        sum.add(&[u8::from(self.compression.is_some())]);
        sum.add(self.compression.as_deref().unwrap_or_default().as_bytes());
        sum.add(&self.bytes);
        sum.0
    }
}

/// FNV-1a. It is stored, so it never changes.
struct Sum(u64);

impl Sum {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_le_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Without the bytes.
impl fmt::Debug for StoredSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSnapshot")
            .field("stream", &self.stream)
            .field("version", &self.version)
            .field("fingerprint", &self.fingerprint)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Which snapshot of a stream is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotQuery {
    /// The stream.
    pub stream: StreamId,
    /// Its fingerprint. Where there is none of it, the newest one of another fingerprint is given, so that a miss can be
    /// told from nothing.
    pub fingerprint: Fingerprint,
    /// The highest version; `None` for the newest.
    pub to_version: Option<Version>,
    /// Only with events that had occurred by this time.
    pub occurred_to: Option<Timestamp>,
}

impl SnapshotQuery {
    /// The newest one of a stream.
    pub fn newest(stream: StreamId, fingerprint: Fingerprint) -> Self {
        Self {
            stream,
            fingerprint,
            to_version: None,
            occurred_to: None,
        }
    }

    /// For stores: whether a snapshot is one of those that the query admits, whatever its fingerprint.
    pub fn admits(&self, snapshot: &StoredSnapshot) -> bool {
        snapshot.stream == self.stream
            && self.to_version.is_none_or(|to| snapshot.version <= to)
            && self.occurred_to.is_none_or(|to| snapshot.occurred_to <= to)
    }
}

/// Which snapshots of a stream are meant; the bounds are inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotRange {
    /// The stream.
    pub stream: StreamId,
    /// Only those of this fingerprint; `None` for all.
    pub fingerprint: Option<Fingerprint>,
    /// The lowest version.
    pub from_version: Option<Version>,
    /// The highest version.
    pub to_version: Option<Version>,
}

impl SnapshotRange {
    /// All of a stream.
    pub fn all(stream: StreamId) -> Self {
        Self {
            stream,
            fingerprint: None,
            from_version: None,
            to_version: None,
        }
    }

    /// For stores: whether a snapshot is one of those that are meant.
    pub fn contains(&self, snapshot: &StoredSnapshot) -> bool {
        snapshot.stream == self.stream
            && self.fingerprint.is_none_or(|of| snapshot.fingerprint == of)
            && self
                .from_version
                .is_none_or(|from| snapshot.version >= from)
            && self.to_version.is_none_or(|to| snapshot.version <= to)
    }
}

/// How many snapshots of a stream are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// All of them: states of the past are near whatever is asked for.
    All,
    /// The ones of the highest versions, so many of each fingerprint; 0 is taken as 1. One that is older than all of
    /// these is let go of when it has just been saved.
    Latest(u32),
}

impl Keep {
    /// For stores: how many of each fingerprint are kept, at least 1; `None` for all.
    ///
    /// ```
    /// use eventsource_core::Keep;
    ///
    /// assert_eq!((Keep::All.most(), Keep::Latest(0).most(), Keep::Latest(3).most()), (None, Some(1), Some(3)));
    /// ```
    pub const fn most(self) -> Option<u32> {
        match self {
            Self::All => None,
            Self::Latest(0) => Some(1),
            Self::Latest(most) => Some(most),
        }
    }
}

/// A snapshot could not be kept or found. No command fails for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It has more bytes than the store takes.
    #[error("a snapshot of {actual} bytes is larger than the {limit} that this store takes")]
    TooLarge {
        /// How much the store takes.
        limit: usize,
        /// How much there was.
        actual: usize,
    },
    /// What is stored cannot be what was saved.
    #[error("a stored snapshot is damaged: {reason}")]
    Corrupt {
        /// What is wrong.
        reason: String,
    },
    /// Nobody can say whether it was done, as when an answer is lost. Doing it again does no harm.
    #[error("the snapshots may or may not have been changed: do it again")]
    Unknown(#[source] EngineError),
    /// The store cannot do it now; it may later.
    #[error("the store cannot keep or find snapshots now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The store cannot do it until somebody mends it.
    #[error("the store failed to keep or find a snapshot")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

/// The part of a store that keeps snapshots, given by [`EventStore::snapshots`](crate::EventStore::snapshots).
///
/// A snapshot is named by stream, fingerprint and version. What is kept is given back as it was; no store judges it, and
/// whether its stream has these events is asked by who uses it. A stream whose snapshot is kept does not exist for that
/// until it has an event.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{
///     EventId, EventStore, Fingerprint, Keep, MemoryStore, SnapshotQuery, StoredSnapshot, StreamId, Timestamp, Version,
/// };
///
/// let store = MemoryStore::new();
/// let snapshots = store.snapshots().expect("this store declares `Capability::Snapshots`");
/// let (stream, fingerprint, time) = (StreamId::new("account", "576")?, Fingerprint::new(7), Timestamp::EPOCH);
/// let event = EventId::new("0192d5a4-6f7c-7000-8000-000000000001".parse()?);
/// let taken = StoredSnapshot::new(
///     stream.clone(), Version::FIRST, event, fingerprint, time, time, None, b"{}".to_vec(),
/// );
/// snapshots.save_snapshot(taken.clone(), Keep::Latest(2)).await?;
///
/// let newest = SnapshotQuery::newest(stream, fingerprint);
/// assert_eq!(snapshots.find_snapshot(&newest).await?, Some(taken));
/// # Ok(()) }
/// ```
#[async_trait]
pub trait SnapshotStore: fmt::Debug + Send + Sync + 'static {
    /// Keeps a snapshot, in place of one of the same stream, fingerprint and version, and lets go of those of its stream
    /// and fingerprint that are not to be kept.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`]; nothing has changed then, but perhaps under [`SnapshotError::Unknown`].
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError>;

    /// The snapshot of the highest version that the query admits: of its fingerprint where there is one, else of another
    /// one, and of two of another one and of the same version the one that was saved last.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] when the store cannot be read, or what it has found is damaged.
    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError>;

    /// Lets go of snapshots, and says of how many.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`]; nothing has changed then, but perhaps under [`SnapshotError::Unknown`].
    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksums in every file are made so.
    #[test]
    fn a_checksum_is_what_it_always_was() {
        let id = uuid::Uuid::from_u128(0x0192_d5a4_6f7c_7000_8000_0000_0000_0001);
        for (compression, expected) in [
            (Some("zstd"), 0x70ee_0ed7_d241_8f46),
            (None, 0xb44c_1642_b195_01b2),
            (Some(""), 0xa4d4_0da7_f4da_8cb3),
        ] {
            let taken = StoredSnapshot::new(
                StreamId::new("account", "576").expect("a stream"),
                Version::new(258).expect("not 0"),
                EventId::new(id),
                Fingerprint::new(0x0102_0304_0506_0708),
                Timestamp::from_micros(-5),
                Timestamp::MAX,
                compression.map(str::to_owned),
                br#"{"balance":7}"#.to_vec(),
            );
            assert_eq!(taken.checksum, expected, "{compression:?}");
        }
    }
}
