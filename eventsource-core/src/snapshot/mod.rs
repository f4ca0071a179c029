//! The state of an aggregate, kept beside its stream so that loading need not begin at the first event.

mod codec;
pub(crate) mod derived;
mod fingerprint;
mod policy;
#[cfg(feature = "zstd")]
mod zstd;

pub use codec::{Compression, JsonSnapshot, SnapshotCodec, SnapshotCodecError};
pub use fingerprint::Fingerprint;
pub(crate) use policy::Moment;
pub use policy::{SnapshotPolicy, after, every, never, on_each_save, replayed_more_than};

#[cfg(feature = "zstd")]
pub use self::zstd::Zstd;
use crate::aggregate::Aggregate;

/// A state that can be kept as a snapshot, written by `#[derive(Snapshot)]` on the state of an aggregate.
///
/// A snapshot is a shortcut and never the truth: it is used only if it was written by code that sees the state and its
/// events as this code does, which the [`Fingerprint`] tells, and only if the event that it ends with is still where it
/// was. Everything else is a miss: it is reported, and the stream is read from its first event.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be kept as a snapshot",
    label = "does not implement `Snapshot`",
    note = "add `#[derive(Snapshot)]` to `{Self}`"
)]
pub trait Snapshot: Aggregate {
    /// What this code takes a snapshot to be: the shape of the state through all types in it, the events of the aggregate
    /// with their schema versions, the codec, and the version that was given by hand.
    const FINGERPRINT: Fingerprint;

    /// Appends the state's bytes to `out`.
    ///
    /// # Errors
    ///
    /// [`SnapshotCodecError`] when the state has no such form.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError>;

    /// Reads a state.
    ///
    /// # Errors
    ///
    /// [`SnapshotCodecError`] when the bytes are not a state.
    fn decode(bytes: &[u8]) -> Result<Self, SnapshotCodecError>;
}
