//! How the states of one type are written as snapshots.

use std::{any::Any, fmt, sync::Arc};

use crate::{
    aggregate::Aggregate,
    repository::fold::Shared,
    snapshot::{Fingerprint, Snapshot, SnapshotCodecError},
    stream::StreamId,
};

/// How the states of one type are written and read.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// The category of their streams.
    category: &'static str,
    pub(super) fingerprint: Fingerprint,
    pub(super) encode: fn(&(dyn Any + Send + Sync), &mut Vec<u8>) -> Result<(), SnapshotCodecError>,
    pub(super) decode: fn(&[u8]) -> Result<Shared, SnapshotCodecError>,
}

impl Form {
    pub(super) fn of<A: Snapshot>() -> Self {
        Self {
            category: A::CATEGORY,
            fingerprint: A::FINGERPRINT,
            encode: |state, out| match state.downcast_ref::<A>() {
                Some(state) => A::encode(state, out),
                None => Err(SnapshotCodecError::new("the state is of another type")),
            },
            decode: |bytes| Ok(Arc::new(A::decode(bytes)?)),
        }
    }

    /// The same of a type that may have none.
    pub(super) fn if_any<A: Aggregate>() -> Option<Self> {
        Some(Self {
            category: A::CATEGORY,
            fingerprint: A::abilities().snapshot?.fingerprint,
            encode: |state, out| match (A::abilities().snapshot, state.downcast_ref::<A>()) {
                (Some(of), Some(state)) => (of.encode)(state, out),
                _ => Err(SnapshotCodecError::new("the state is of another type")),
            },
            decode: |bytes| match A::abilities().snapshot {
                Some(of) => Ok(Arc::new((of.decode)(bytes)?)),
                None => Err(SnapshotCodecError::new("the state is of another type")),
            },
        })
    }

    /// Whether the states of a stream are of this form.
    pub(super) fn is_of(&self, stream: &StreamId) -> bool {
        stream.category().as_str() == self.category
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Form").field(&self.fingerprint).finish()
    }
}
