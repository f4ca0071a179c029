//! Changes of snapshots, within a transaction.

use eventsource_core::{AppendError, Keep, SnapshotRange, StoredSnapshot, Version};
use rusqlite::{Params, params};

use super::transaction::Transaction;
use crate::{
    error::{failed, rejected},
    sql,
};

impl Transaction<'_> {
    pub(super) fn save_snapshot(
        &mut self,
        snapshot: &StoredSnapshot,
        keep: Keep,
    ) -> Result<(), AppendError> {
        let stream = snapshot.stream.to_string();
        let fingerprint = snapshot.fingerprint.number().cast_signed();
        let version = i64::try_from(snapshot.version.get()).map_err(failed)?;
        let event = snapshot.event.as_uuid();
        self.all_or_nothing(|transaction| {
            let values = params![
                stream,
                fingerprint,
                version,
                event.as_bytes(),
                snapshot.occurred_to.as_micros(),
                snapshot.taken_at.as_micros(),
                snapshot.compression,
                snapshot.checksum.cast_signed(),
                snapshot.bytes,
            ];
            transaction.run(sql::SAVE_SNAPSHOT, values)?;
            if let Some(most) = keep.most() {
                transaction.run(sql::THIN_SNAPSHOTS, params![stream, fingerprint, most])?;
            }
            Ok(())
        })
    }

    /// How many there were.
    pub(super) fn delete_snapshots(&mut self, range: &SnapshotRange) -> Result<u64, AppendError> {
        let stream = range.stream.to_string();
        let Ok(from) = i64::try_from(Version::number(range.from_version)) else {
            return Ok(0);
        };
        let to = range.to_version.map_or(u64::MAX, Version::get);
        let to = i64::try_from(to).unwrap_or(i64::MAX);
        self.all_or_nothing(|transaction| match range.fingerprint {
            None => transaction.count(sql::DELETE_SNAPSHOTS, params![stream, from, to]),
            Some(fingerprint) => transaction.count(
                sql::DELETE_SNAPSHOTS_OF_FINGERPRINT,
                params![stream, from, to, fingerprint.number().cast_signed()],
            ),
        })
    }

    fn count(&mut self, statement: &'static str, values: impl Params) -> Result<u64, AppendError> {
        let rows = self.statement(statement)?.execute(values);
        Ok(rows.map_err(rejected)? as u64)
    }
}
