//! How a state becomes bytes, and how bytes become fewer.

use std::{error::Error as StdError, fmt};

use serde::{Serialize, de::DeserializeOwned};

use crate::payload_error::PayloadError;

/// A state could not become bytes, or bytes no state. It repeats no value.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct SnapshotCodecError {
    /// What is wrong.
    reason: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl SnapshotCodecError {
    /// For codecs: what is wrong, without any value of the state in it.
    pub fn new(reason: impl Into<String>) -> Self {
        let (reason, source) = (reason.into(), None);
        Self { reason, source }
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }
}

/// Writes states as bytes and reads them: JSON unless `#[snapshot(codec = ..)]` names another one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no codec for the state `{S}`",
    label = "does not implement `SnapshotCodec<{S}>`",
    note = "write `impl SnapshotCodec<{S}> for {Self} {{ .. }}`; `JsonSnapshot` is one for what derives serde's two traits"
)]
pub trait SnapshotCodec<S> {
    /// The name of the codec, which is part of the [`Fingerprint`](crate::Fingerprint): what another codec wrote is not
    /// read.
    const NAME: &'static str;

    /// Appends the state's bytes to `out`.
    ///
    /// # Errors
    ///
    /// [`SnapshotCodecError`] when the state has no such form.
    fn encode(state: &S, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError>;

    /// Reads a state.
    ///
    /// # Errors
    ///
    /// [`SnapshotCodecError`] when the bytes are not a state.
    fn decode(bytes: &[u8]) -> Result<S, SnapshotCodecError>;
}

/// States as JSON.
#[derive(Debug, Clone, Copy)]
pub struct JsonSnapshot;

#[diagnostic::do_not_recommend]
impl<S: Serialize + DeserializeOwned> SnapshotCodec<S> for JsonSnapshot {
    const NAME: &'static str = "json";

    fn encode(state: &S, out: &mut Vec<u8>) -> Result<(), SnapshotCodecError> {
        serde_json::to_writer(out, state).map_err(|error| {
            SnapshotCodecError::new("the state has no JSON form").because(PayloadError::from(error))
        })
    }

    fn decode(bytes: &[u8]) -> Result<S, SnapshotCodecError> {
        serde_json::from_slice(bytes).map_err(|error| {
            SnapshotCodecError::new("the bytes are not a state").because(PayloadError::from(error))
        })
    }
}

/// Makes the bytes of snapshots fewer.
pub trait Compression: fmt::Debug + Send + Sync + 'static {
    /// The name that is stored with the snapshot. A snapshot under another name is a miss.
    fn name(&self) -> &'static str;

    /// Makes bytes fewer.
    ///
    /// # Errors
    ///
    /// [`SnapshotCodecError`] when they cannot be.
    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, SnapshotCodecError>;

    /// Makes them what they were.
    ///
    /// # Errors
    ///
    /// [`SnapshotCodecError`] when they are damaged, or were more than `limit` bytes.
    fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, SnapshotCodecError>;
}
