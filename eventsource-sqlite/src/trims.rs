//! Trimming: done by the thread that writes, asked of those that read.

use std::collections::BTreeSet;

use eventsource_core::{
    Category, Position, ReadError, StreamId, TrimError, TrimStore, Trimmed, Version, async_trait,
};

use crate::{reader, store::SqliteStore};

/// A trim is one transaction, during which all writers wait: of this process in the queue, of others as long as
/// [`SqliteOptions::with_busy_timeout`](crate::SqliteOptions::with_busy_timeout) says. A stream with millions of events is
/// better trimmed in steps.
///
/// The file does not shrink: the pages of what was trimmed are used again by what is appended later. What is to be given
/// back to the file system, `VACUUM` gives back, run by another program while no store has the file open.
#[async_trait]
impl TrimStore for SqliteStore {
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        self.writer().trim(stream.clone(), before).await
    }

    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        let stream = stream.clone();
        let read = move |connection: &_, texts: &mut _| {
            let Some(number) = reader::stream_number(connection, texts, &stream)? else {
                return Ok(None);
            };
            let versions = reader::versions(connection, number)?;
            Ok(versions.map(|(first, _)| first))
        };
        self.readers().run(read).await
    }

    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        let categories = categories.clone();
        let after = after.map_or(0, Position::number);
        // No position is beyond what a column takes.
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let read = move |connection: &_, _: &mut _| {
            reader::trimmed_between(connection, &categories, (after, i64::MAX))
        };
        self.readers().run(read).await
    }
}
