//! What a repository tells of its work: spans and events of `tracing`, and metrics.

use std::{error::Error, time::Duration};

use crate::{
    repository::{SnapshotFailure, SnapshotMiss},
    stream::{StreamId, Version},
};

/// The cache was asked for a state.
pub(crate) fn cache_asked(_stream: &StreamId, _is_hit: bool) {}

/// A snapshot was there and was not used.
pub(crate) fn snapshot_missed(_stream: &StreamId, _miss: &SnapshotMiss) {}

/// A state began at a snapshot.
pub(crate) fn snapshot_used(_stream: &StreamId, _version: Version) {}

/// A snapshot was kept.
pub(crate) fn snapshot_saved(_stream: &StreamId, _version: Version, _bytes: usize) {}

/// A snapshot was to be taken and was not.
pub(crate) fn snapshot_failed(_stream: &StreamId, _version: Version, _failure: &SnapshotFailure) {}

/// A command was decided: on this version, with so many events; `None` where it was refused.
pub(crate) fn decided(_stream: &StreamId, _version: Option<Version>, _events: Option<usize>) {}

/// After a conflict, the command will be decided once more.
pub(crate) fn retry(_stream: &StreamId, _attempts: u32, _delay: Duration) {}

/// The store could not say whether it has stored an append; it will be asked again.
pub(crate) fn outcome_unknown(_stream: &StreamId, _attempts: u32, _error: &dyn Error) {}
