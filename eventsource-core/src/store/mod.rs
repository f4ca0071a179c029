//! The store: what a backend promises, what it is asked, and how it answers.

mod append;
mod asked;
mod capability;
mod causation;
mod digest;
mod error;
mod event_stream;
mod ext;
mod filter;
mod leases;
mod memory;
mod projections;
mod read;
mod receipt;
mod sequence;
mod snapshots;
mod subscription;
mod transactional;
mod trim;

use std::{fmt, ops::Deref, sync::Arc};

use async_trait::async_trait;

pub use append::{Append, Expected, StreamAppend};
pub use capability::{Capabilities, Capability, Limit, Limits, Unsupported};
pub use causation::{CausationTree, Caused};
pub use digest::ContentDigest;
pub use error::{AppendError, Conflict, EngineError, ReadError, Rejection, StreamConflict};
pub use event_stream::{EventStream, Page};
pub use ext::EventStoreExt;
pub use filter::Filter;
pub use leases::{Fence, FencingToken, Lease, LeaseError, LeaseStore};
pub(crate) use memory::Keeper;
pub use memory::MemoryStore;
pub use projections::{
    Advance, Build, Generation, Parked, ParkedQuery, ProjectionStore, ProjectionStoreError,
    StoredGeneration, StoredProjection,
};
pub use read::{Direction, Read, Scope};
pub use receipt::{Applied, Receipt, StreamReceipt};
pub(crate) use sequence::Sequence;
pub use snapshots::{
    Keep, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot,
};
pub use subscription::{Delivery, Start, Subscribe, Subscription};
pub use transactional::{AdvanceError, ReadModelWork, TransactionalStore};
pub use trim::{TrimError, TrimStore, Trimmed};

use crate::{
    stream::{Position, StreamId, Version},
    text::AppendKey,
};

/// An append-only store of events.
///
/// This is what a backend writes; everything convenient is in [`EventStoreExt`]. A store is a handle: cloning it, or
/// sharing it in an [`Arc`], gives another handle on the same events.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use eventsource_core::{EventStore, MemoryStore, StreamId};
///
/// // Whatever the backend, one type serves.
/// let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
/// assert_eq!(store.stream_version(&StreamId::new("account", "1")?).await?, None);
/// # Ok(()) }
/// ```
///
/// ## Contract
///
/// A backend keeps all of this, and the conformance suite of `eventsource-testing` tests it.
///
/// 1. **Versions.** The events of a stream have the versions 1, 2, 3 … without holes. A stream that never had an event has
///    no version.
/// 2. **Expectation.** When a stream is not as [`Expected`], nothing is stored and the error is
///    [`AppendError::Conflict`] with every violated expectation, what was expected and what is there, and as many of the
///    missed events as were asked for. The check and the write are one step: of two writers with one expectation, one
///    wins.
/// 3. **Atomic.** All events of an append are stored, or none: for readers, after a failure, after a crash. A store with
///    [`Capability::MultiStreamAppend`] keeps that over several streams.
/// 4. **Empty append.** Without events nothing is stored and no version or position is used, but expectations are
///    checked. Nothing remembers its append key.
/// 5. **Position.** Positions rise in read order. Once a reader has seen a position, no lower one appears: nothing is
///    skipped and nothing reordered. If an append began after another had returned, its positions are higher.
/// 6. **Append key.** A key that has stored events answers every later append of the same content (streams, stored
///    names, schema versions, payloads) with the first receipt and [`Applied::Already`], for ever and without looking at
///    the expectation. Other content is [`Rejection::KeyReused`], and nothing is stored.
/// 7. **Event ids** are unique in the store: a second event of one id is [`Rejection::DuplicateEventId`]. The id of an event
///    that was trimmed may be taken again, or be refused.
/// 8. **Failures.** [`AppendError::Rejected`] means that certainly nothing was stored, [`AppendError::Unknown`] that
///    nobody can say. Whatever an engine says becomes one of the three; the store is usable afterwards.
/// 9. **Envelope.** Every part of an event is read as it was written. `recorded_at` is the store's clock, and never
///    falls as positions rise.
/// 10. **Reads** give a consistent prefix: what was stored when the first event was asked for, at least, each event once
///     and in order, in bounded memory. A stream that has never had an event is [`ReadError::StreamNotFound`]; bounds
///     that nothing meets give nothing.
/// 11. **For ever.** Stored events are never changed, and never removed but by [`TrimStore::trim`].
/// 12. **Names are data.** No text in a stream's name, event name, key, tag or payload is ever code. Sizes beyond
///     [`EventStore::limits`] are [`Rejection::TooLarge`].
/// 13. **Cancelling.** A dropped append stores all or nothing; a dropped read or wait changes nothing. The store is
///     usable afterwards.
/// 14. **Capabilities** are declared as they are; without one, the call is refused with [`Unsupported`], and a part of
///     the store that belongs to one is there exactly where it is declared.
/// 15. **Snapshots**, with [`Capability::Snapshots`], are found as they were saved until they are replaced, let go of or
///     deleted, as [`SnapshotStore`] says. They are no events: no stream, read, version or position shows them.
/// 16. **Trimming.** [`TrimStore::trim`] lets go of the events of one stream below a version, in one step: of all of them,
///     or, where it fails or is dropped, of all or none. The last event of a stream always stays. Nothing else changes: the
///     stream's version and what appends expect of it, the other events with their versions, positions and tags, the
///     head. Append keys answer as before (6), also when all of their events are gone. The missed events of a conflict
///     follow what the writer had seen without a hole, so that there are none where the first of them are gone. What reads
///     and subscriptions then see is told at [`TrimStore`], and [`TrimStore::trimmed_beyond`] tells whether somebody who
///     has come so far would miss something: never that nothing is missing where it is.
/// 17. **Projections**, with [`Capability::Projections`]: what is kept of them changes in whole steps, as
///     [`ProjectionStore`] says: from the checkpoint where it is said to be and from no other, never back, and under no
///     lease that was lost. A store whose transactions read models live in ([`TransactionalStore`]) keeps what they write
///     in the same steps.
/// 18. **Leases**, with [`Capability::Leases`], have one holder at a time by the store's clock, and a token that rises each
///     time one is taken anew, as [`LeaseStore`] says. A fence is checked in the step that it fences.
///
/// ## Futures that wait
///
/// Whoever reads may leave a future of [`read`](Self::read), [`head`](Self::head) or [`wait_beyond`](Self::wait_beyond)
/// unpolled for a while between two polls, as a [`Subscription`] does that keeps its question over calls that are dropped:
/// while it is pending, such a future holds nothing that others need, neither a lock nor a connection of a pool.
#[async_trait]
pub trait EventStore: fmt::Debug + Send + Sync + 'static {
    /// What the store can do beyond the contract.
    fn capabilities(&self) -> Capabilities;

    /// How much the store takes.
    fn limits(&self) -> Limits;

    /// Stores events: contract 1 to 9.
    ///
    /// Dropping the future leaves all of the append or nothing of it; with an append key, repeating it tells which.
    ///
    /// # Errors
    ///
    /// [`AppendError`]: conflict, rejected, or unknown outcome.
    async fn append(&self, append: Append) -> Result<Receipt, AppendError>;

    /// The receipt of the append that stored events under this key, with [`Applied::Already`]; `None` when none did.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError>;

    /// Reads events: contract 10. Nothing is read before the first event is asked for.
    fn read(&self, read: Read) -> EventStream;

    /// The version of a stream's last event; `None` when it has never had one.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError>;

    /// The position of the store's last event; `None` in an empty store. A read up to it sees every event up to it.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn head(&self) -> Result<Option<Position>, ReadError>;

    /// Waits until the store's last event is beyond `position` and gives its position. Appends of this process wake it
    /// at once; those of another one within a bound that the store documents.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read.
    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError>;

    /// The part that keeps snapshots; `None` without [`Capability::Snapshots`].
    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        None
    }

    /// The part that lets go of the oldest events of a stream; `None` without [`Capability::Trim`].
    fn trims(&self) -> Option<&dyn TrimStore> {
        None
    }

    /// The part that keeps checkpoints and parked events of projections; `None` without [`Capability::Projections`].
    fn projections(&self) -> Option<&dyn ProjectionStore> {
        None
    }

    /// The part that gives leases; `None` without [`Capability::Leases`].
    fn leases(&self) -> Option<&dyn LeaseStore> {
        None
    }
}

macro_rules! forward {
    ($($pointer:ident)*) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<S: EventStore + ?Sized> EventStore for $pointer<S> {
            fn capabilities(&self) -> Capabilities {
                self.deref().capabilities()
            }

            fn limits(&self) -> Limits {
                self.deref().limits()
            }

            async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
                self.deref().append(append).await
            }

            async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
                self.deref().find_append(key).await
            }

            fn read(&self, read: Read) -> EventStream {
                self.deref().read(read)
            }

            async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
                self.deref().stream_version(stream).await
            }

            async fn head(&self) -> Result<Option<Position>, ReadError> {
                self.deref().head().await
            }

            async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
                self.deref().wait_beyond(position).await
            }

            fn snapshots(&self) -> Option<&dyn SnapshotStore> {
                self.deref().snapshots()
            }

            fn trims(&self) -> Option<&dyn TrimStore> {
                self.deref().trims()
            }

            fn projections(&self) -> Option<&dyn ProjectionStore> {
                self.deref().projections()
            }

            fn leases(&self) -> Option<&dyn LeaseStore> {
                self.deref().leases()
            }
        }
    )*};
}
forward! { Arc Box }
