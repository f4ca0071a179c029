//! What came of something, or why not, in one word of a closed list; and what an error may say.

use std::error::Error;

use crate::{
    payload_error::PayloadError,
    repository::{Appended, ExecuteError, Origin, SnapshotFailure, SnapshotMiss, Undecided},
    snapshot::SnapshotCodecError,
    store::{AppendError, Receipt},
};

/// There is no snapshot.
pub(super) const ABSENT: &str = "absent";

pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Beginning => "beginning",
        Origin::Snapshot(_) => "snapshot",
        Origin::Cache(_) => "cache",
    }
}

pub(super) fn executed(done: &Result<Receipt, ExecuteError<Undecided>>) -> &'static str {
    match done {
        Ok(receipt) if !receipt.is_first() => "already_stored",
        Ok(receipt) if receipt.is_empty() => "nothing",
        Ok(_) => "stored",
        Err(ExecuteError::Refused(kept)) if kept.refusal.is_some() => "refused",
        Err(ExecuteError::Conflict { .. }) => "conflict",
        Err(error) if error.is_unknown() => "unknown",
        Err(_) => "failed",
    }
}

pub(super) fn answered(answer: &Result<Receipt, AppendError>) -> &'static str {
    match answer {
        Ok(receipt) if receipt.is_first() => "stored",
        Ok(_) => "already_stored",
        Err(AppendError::Conflict(_)) => "conflict",
        Err(AppendError::Rejected(_)) => "rejected",
        Err(AppendError::Unknown(_)) => "unknown",
    }
}

pub(super) fn settled(settled: &Result<Appended, ExecuteError<Undecided>>) -> &'static str {
    match settled {
        Ok(Appended::Stored(receipt)) if receipt.is_first() => "stored",
        Ok(Appended::Stored(_)) => "already_stored",
        Ok(Appended::Conflict(_)) => "not_stored",
        Err(_) => "unknown",
    }
}

pub(super) fn missed(miss: &SnapshotMiss) -> &'static str {
    match miss {
        SnapshotMiss::Fingerprint { .. } => "fingerprint",
        SnapshotMiss::Damaged { .. } => "damaged",
        SnapshotMiss::Compression { .. } => "compression",
        SnapshotMiss::Undecodable { .. } => "undecodable",
        SnapshotMiss::Ahead { .. } => "ahead",
        SnapshotMiss::OtherHistory { .. } => "other_history",
        SnapshotMiss::Trimmed { .. } => "trimmed",
        SnapshotMiss::Store(_) => "store",
    }
}

pub(super) fn failed(failure: &SnapshotFailure) -> &'static str {
    match failure {
        SnapshotFailure::Encode(_) => "encode",
        SnapshotFailure::Store(_) => "store",
        SnapshotFailure::Busy => "busy",
        SnapshotFailure::Dropped => "dropped",
    }
}

/// An error with its causes. What a codec of the user's has as its cause may repeat a value, and is left out.
pub(super) fn says(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut last = error;
    while let Some(cause) = last.source() {
        if last.is::<SnapshotCodecError>() && !cause.is::<PayloadError>() {
            break;
        }
        text.push_str(": ");
        text.push_str(&cause.to_string());
        last = cause;
    }
    text
}
