//! What the program is told of snapshots, and of the events below them.

use super::{
    amount,
    macros::{Span, count, measure, shown, span, tell},
    word::{self, says},
};
use crate::{
    repository::{SnapshotFailure, SnapshotMiss},
    store::Trimmed,
    stream::{StreamId, Version},
};

/// A state began at a snapshot.
pub(crate) fn snapshot_used(stream: &StreamId, version: Version) {
    tell!(TRACE SNAPSHOT_USED "a state began at a snapshot" {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        VERSION = version.get(),
    });
    count!(SNAPSHOT_HITS += 1, stream);
}

/// A state did not begin at a snapshot: `None` where there is none.
pub(crate) fn snapshot_missed(stream: &StreamId, miss: Option<&SnapshotMiss>) {
    if let Some(miss) = miss {
        tell!(WARN SNAPSHOT_MISSED "a snapshot is there and is not used" {
            STREAM = shown(stream),
            AGGREGATE = shown(stream.category()),
            REASON = word::missed(miss),
            ERROR = shown(says(miss)),
        });
    } else {
        tell!(TRACE SNAPSHOT_MISSED "there is no snapshot" {
            STREAM = shown(stream),
            AGGREGATE = shown(stream.category()),
            REASON = word::ABSENT,
        });
    }
    count!(
        SNAPSHOT_MISSES += 1,
        stream,
        REASON = miss.map_or(word::ABSENT, word::missed)
    );
}

/// A snapshot is to be taken, beside the work.
pub(crate) fn snapshot(stream: &StreamId, version: Version) -> Span {
    span!(SNAPSHOT beside {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        VERSION = version.get(),
    })
}

/// A snapshot was kept.
pub(crate) fn snapshot_saved(stream: &StreamId, version: Version, bytes: usize) {
    tell!(DEBUG SNAPSHOT_SAVED "a snapshot was kept" {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        VERSION = version.get(),
        BYTES = bytes,
    });
    count!(SNAPSHOTS_SAVED += 1, stream);
    measure!(SNAPSHOT_BYTES = amount(bytes as u64), stream);
}

/// A snapshot was to be taken and was not.
pub(crate) fn snapshot_failed(stream: &StreamId, version: Version, failure: &SnapshotFailure) {
    tell!(ERROR SNAPSHOT_FAILED "a snapshot was not taken" {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        VERSION = version.get(),
        REASON = word::failed(failure),
        ERROR = shown(says(failure)),
    });
    count!(
        SNAPSHOTS_FAILED += 1,
        stream,
        REASON = word::failed(failure)
    );
}

/// The events of a stream below a version were let go of.
pub(crate) fn trimmed(stream: &StreamId, trimmed: Trimmed) {
    tell!(INFO TRIMMED "events were let go of" {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        VERSION = trimmed.first.get(),
        EVENTS = trimmed.removed,
    });
    count!(TRIMMED_EVENTS += trimmed.removed, stream);
}
