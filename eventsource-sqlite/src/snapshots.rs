//! Snapshots: changed by the thread that writes, read by those that read.

use eventsource_core::{
    EventId, EventStore, Fingerprint, Keep, ReadError, SnapshotError, SnapshotQuery, SnapshotRange,
    SnapshotStore, StoredSnapshot, Timestamp, Version, async_trait,
};
use rusqlite::{Connection, Row, params, types::FromSql};
use uuid::Uuid;

use crate::{
    error::{corrupt, not_found, read_error},
    sql,
    store::SqliteStore,
};

/// The columns of [`sql::FIND_SNAPSHOT`].
const NAMES: [&str; 8] = [
    "fingerprint",
    "version",
    "event",
    "occurred_to",
    "taken_at",
    "compression",
    "checksum",
    "bytes",
];

#[async_trait]
impl SnapshotStore for SqliteStore {
    async fn save_snapshot(
        &self,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Result<(), SnapshotError> {
        snapshot.check(&self.limits())?;
        self.writer().save_snapshot(snapshot, keep).await
    }

    async fn find_snapshot(
        &self,
        query: &SnapshotQuery,
    ) -> Result<Option<StoredSnapshot>, SnapshotError> {
        let query = query.clone();
        let read = move |connection: &_, _: &mut _| find(connection, &query);
        self.readers().run(read).await.map_err(not_found)
    }

    async fn delete_snapshots(&self, range: &SnapshotRange) -> Result<u64, SnapshotError> {
        self.writer().delete_snapshots(range.clone()).await
    }
}

fn find(
    connection: &Connection,
    query: &SnapshotQuery,
) -> Result<Option<StoredSnapshot>, ReadError> {
    let to_version = query.to_version.map_or(u64::MAX, Version::get);
    let values = params![
        query.stream.to_string(),
        query.fingerprint.number().cast_signed(),
        i64::try_from(to_version).unwrap_or(i64::MAX),
        query.occurred_to.unwrap_or(Timestamp::MAX).as_micros(),
    ];
    let mut statement = connection
        .prepare_cached(sql::FIND_SNAPSHOT)
        .map_err(read_error)?;
    let mut rows = statement.query(values).map_err(read_error)?;
    let Some(row) = rows.next().map_err(read_error)? else {
        return Ok(None);
    };
    let version = u64::try_from(get::<i64>(row, 1)?)
        .ok()
        .and_then(Version::new);
    let version = version.ok_or_else(|| damaged(1))?;
    let event = EventId::new(Uuid::from_bytes(get(row, 2)?));
    let times = (
        Timestamp::from_micros(get(row, 3)?),
        Timestamp::from_micros(get(row, 4)?),
    );
    Ok(Some(StoredSnapshot::as_stored(
        (query.stream.clone(), version, event),
        Fingerprint::new(get::<i64>(row, 0)?.cast_unsigned()),
        times,
        get(row, 5)?,
        get(row, 7)?,
        get::<i64>(row, 6)?.cast_unsigned(),
    )))
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T, ReadError> {
    row.get(column).map_err(|_| damaged(column))
}

fn damaged(column: usize) -> ReadError {
    let column = NAMES.get(column).copied().unwrap_or("unnamed");
    corrupt(
        None,
        format!("the column `{column}` is not what was written"),
    )
}
