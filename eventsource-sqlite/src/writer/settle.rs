//! What became of a commit that failed, and making it sure.
//!
//! A commit writes its pages to the end of the log and then syncs it. When it fails on the way, as with a failed `fsync`,
//! SQLite forgets the transaction, but the pages may be in the log all the same: readers do not see them, yet whoever
//! opens the file anew after all others have gone reads the log from its beginning, and finds a commit. The next commit
//! is written over these pages. Once there is one, what it found is what will be found for ever.

use std::sync::atomic::{AtomicBool, Ordering};

use eventsource_core::EventId;
use rusqlite::{Connection, ErrorCode};

use super::{
    End,
    job::{Done, Job, Outcome, Task},
};
use crate::{error::rejected, schema, sql};

/// How a transaction ended whose commit failed.
pub(super) fn failed_commit(
    connection: &Connection,
    error: rusqlite::Error,
    (group, outcomes): (&[Job], Vec<Outcome>),
    unsettled: &AtomicBool,
) -> End {
    if !outcomes.iter().any(is_change) || is_undone(connection, &error) {
        return End::RolledBack(rejected(error).into());
    }
    let mut all = group.iter().zip(&outcomes);
    let event = all.find_map(|(job, outcome)| match &job.task {
        Task::Append(append) if is_new(outcome) => append.events().next(),
        _ => None,
    });
    match settle(connection, event.map(|event| event.id)) {
        // Only an event tells what became of the commit. What has changed nothing but snapshots or leases, or
        // trimmed a stream, can be done again; a step of a projection cannot.
        Ok(false) if event.is_some() || group.len() > 1 && !outcomes.iter().any(is_step) => {
            End::RolledBack(rejected(error).into())
        }
        // Somebody has read the log from its beginning meanwhile, and whether that is on the disk, nobody knows; or
        // nothing tells.
        Ok(_) => End::Unknown(error.into(), outcomes),
        Err(_) => {
            unsettled.store(true, Ordering::SeqCst);
            End::Unknown(error.into(), outcomes)
        }
    }
}

/// Whether a commit that failed has certainly stored nothing.
///
/// While the transaction is still open, it is rolled back next. A full disk means that the log's last frame, which makes
/// the transaction one, was not written.
fn is_undone(connection: &Connection, error: &rusqlite::Error) -> bool {
    !connection.is_autocommit() || error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// Whether the call itself has stored events.
pub(super) fn is_new(outcome: &Outcome) -> bool {
    matches!(outcome, Ok(Done::Appended(new)) if new.is_first() && !new.is_empty())
}

/// Whether the call itself has changed anything.
fn is_change(outcome: &Outcome) -> bool {
    let is_trim = matches!(outcome, Ok(Done::Trimmed(Ok(done))) if done.removed > 0);
    is_new(outcome)
        || is_trim
        || is_step(outcome)
        || matches!(outcome, Ok(Done::Snapshots(_) | Done::Leased(Ok(_))))
}

/// Whether the call itself has changed what is kept of a projection, which cannot be done again.
fn is_step(outcome: &Outcome) -> bool {
    matches!(outcome, Ok(Done::Projection(Ok(_))))
}

/// Whether the call has certainly changed nothing, whatever becomes of the commit.
pub(super) fn is_refused(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Err(_) | Ok(Done::Projection(Err(_)) | Done::Leased(Err(_)) | Done::Trimmed(Err(_)))
    )
}

/// Makes a commit that changes nothing. Whether the event is stored, for ever.
pub(super) fn settle(connection: &Connection, event: Option<EventId>) -> rusqlite::Result<bool> {
    connection.prepare_cached(sql::BEGIN_WRITE)?.execute([])?;
    let is_stored = match event {
        Some(event) => connection
            .prepare_cached(sql::EVENT_OF_ID)?
            .exists([event.as_uuid().as_bytes()])?,
        None => false,
    };
    // SQLite writes the page although the mark is there already.
    connection.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    connection.prepare_cached(sql::COMMIT)?.execute([])?;
    Ok(is_stored)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use eventsource_core::{EventId, IdSource, UuidV7};

    use super::*;

    fn open(path: &Path) -> crate::guard::Guarded {
        schema::open_writer(&crate::SqliteOptions::new(path)).expect("a connection")
    }

    fn log(path: &Path) -> std::path::PathBuf {
        path.with_extension("db-wal")
    }

    fn copy(from: &Path, to: &Path) {
        fs::copy(from, to).expect("a copy");
        fs::copy(log(from), log(to)).expect("a copy");
    }

    fn store(connection: &Connection, position: i64, id: EventId) {
        let inserted = connection.execute(
            "INSERT INTO events SELECT ?1, 1, 1, ?1, ?2, 1, 1, NULL, x'', 0, 0, NULL, NULL, NULL, NULL, NULL",
            rusqlite::params![position, id.as_uuid().as_bytes()],
        );
        inserted.expect("an event");
    }

    #[test]
    fn what_a_failed_commit_left_in_the_log_is_gone_for_ever_once_it_is_settled() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).with_extension("db");
        let [first, lost] = [(); 2].map(|()| EventId::new(UuidV7.next_id()));
        let whole = open(&at("whole"));
        let texts =
            "INSERT INTO categories VALUES (1, 'a'); INSERT INTO streams VALUES (1, 1, 'a');
            INSERT INTO names VALUES (1, 'a');";
        whole.execute_batch(texts).expect("the texts");
        store(&whole, 1, first);
        // A connection that has read the log before the second commit came into it, as after a failed `fsync`.
        copy(&at("whole"), &at("failed"));
        let failed = open(&at("failed"));
        let is_there = |connection: &Connection, id| {
            let mut statement = connection.prepare(sql::EVENT_OF_ID).expect("a statement");
            let id: EventId = id;
            statement.exists([id.as_uuid().as_bytes()]).expect("a row")
        };
        assert!(is_there(&failed, first));
        store(&whole, 2, lost);
        fs::copy(log(&at("whole")), log(&at("failed"))).expect("a copy");

        assert!(!is_there(&failed, lost), "nobody sees it");
        copy(&at("failed"), &at("before"));
        assert!(is_there(&open(&at("before")), lost), "who comes anew does");
        assert!(!settle(&failed, Some(lost)).expect("a commit"));
        copy(&at("failed"), &at("after"));
        let after = open(&at("after"));
        assert!(is_there(&after, first) && !is_there(&after, lost));
        assert!(settle(&failed, Some(first)).expect("a commit"));
    }
}
