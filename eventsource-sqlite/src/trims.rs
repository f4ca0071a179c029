//! Trimming: done by the thread that writes, asked of those that read.

use eventsource_core::{ReadError, StreamId, TrimError, TrimStore, Trimmed, Version, async_trait};

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
}
