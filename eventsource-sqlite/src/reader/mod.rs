//! The threads that read, and the pages that they give.

mod bounds;
mod cursor;
mod keys;
mod pages;
mod plan;
mod queue;
mod trims;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use eventsource_core::{Page, ReadError, Recorded, StreamId, Version};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;

use self::queue::{Length, Queue};
pub(crate) use self::{
    keys::{Keyed, digest as digest_of_key, of_key},
    pages::Pages,
    trims::trimmed_between,
};
use crate::{
    config::SqliteOptions,
    error::{OpenError, ThreadPanicked, read_error},
    row::{self, Texts},
    schema, sql,
};

type Job = Box<dyn FnOnce(&mut Thread) + Send>;

/// The way to the threads. They end when it is dropped.
pub(crate) struct Readers {
    queue: Arc<Queue<Job>>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// What a reading thread has.
struct Thread {
    options: Arc<SqliteOptions>,
    /// Where its reads come from.
    queue: Arc<Queue<Job>>,
    /// Opened when it is needed, also again after a failure.
    connection: Option<Connection>,
    texts: Texts,
}

impl Readers {
    /// Starts the threads. The receivers resolve once they have ended.
    pub(crate) fn start(
        options: &Arc<SqliteOptions>,
    ) -> Result<(Self, Vec<oneshot::Receiver<()>>), OpenError> {
        let queue = Arc::new(Queue::of(options.readers.get()));
        let mut all_ended = Vec::new();
        let all = Self {
            queue: Arc::clone(&queue),
        };
        for number in 0..options.readers.get() {
            let (ended, has_ended) = oneshot::channel::<()>();
            let queue = Arc::clone(&queue);
            let mut reader = Thread::new(Arc::clone(options), Arc::clone(&queue));
            let run = move || {
                let mut last = None;
                while let Some((length, job)) = queue.take(number, last) {
                    // What a panic leaves behind is a connection whose statements are reset, and an answer dropped.
                    drop(catch_unwind(AssertUnwindSafe(|| job(&mut reader))));
                    last = Some(length);
                }
                drop(reader);
                drop(ended);
            };
            thread::Builder::new()
                .name(format!("sqlite-reader-{}", number + 1))
                .spawn(run)
                .map_err(|error| OpenError::engine(&options.path, error))?;
            all_ended.push(has_ended);
        }
        Ok((all, all_ended))
    }

    /// Lets the threads end once they have done what was queued before.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    /// Runs `read`, which is short, on one of the threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection, &mut Texts) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (reply, answered) = oneshot::channel();
        let job = move |thread: &mut Thread| {
            // Nothing is read where nobody waits for it any more.
            if !reply.is_closed() {
                // Where the caller has gone meanwhile, nobody asks.
                drop(reply.send(thread.read(read)));
            }
        };
        self.submit(Length::Short, job)?;
        answer(answered.await.ok())
    }

    /// Has a job done by one of the threads.
    fn submit(
        &self,
        length: Length,
        job: impl FnOnce(&mut Thread) + Send + 'static,
    ) -> Result<(), ReadError> {
        self.queue.put(length, Box::new(job)).map_err(|refused| {
            drop(refused);
            ReadError::Closed
        })
    }
}

/// What a channel gave: nothing where the thread has panicked.
fn answer<T>(received: Option<Result<T, ReadError>>) -> Result<T, ReadError> {
    received.unwrap_or_else(|| {
        let source = ThreadPanicked.into();
        Err(ReadError::Unavailable { source })
    })
}

impl Thread {
    fn new(options: Arc<SqliteOptions>, queue: Arc<Queue<Job>>) -> Self {
        Self {
            options,
            queue,
            connection: None,
            texts: Texts::default(),
        }
    }

    fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection, &mut Texts) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        // One that a read has left within a transaction would show the past for ever.
        self.connection.take_if(|left| !left.is_autocommit());
        let connection = match &self.connection {
            Some(connection) => connection,
            None => self
                .connection
                .insert(schema::open_reader(&self.options).map_err(read_error)?),
        };
        let answer = read(connection, &mut self.texts);
        if matches!(
            answer,
            Err(ReadError::Engine { .. } | ReadError::Unavailable { .. })
        ) {
            // The next read tries a new one.
            self.connection = None;
        }
        answer
    }
}

/// The position of the last event; 0 without one.
pub(crate) fn head(connection: &Connection) -> Result<i64, ReadError> {
    one(connection, sql::HEAD, []).map(|head: Option<Option<i64>>| head.flatten().unwrap_or(0))
}

/// The number of a stream.
pub(crate) fn stream_number(
    connection: &Connection,
    texts: &mut Texts,
    stream: &StreamId,
) -> Result<Option<i64>, ReadError> {
    if let Some(number) = texts.number(stream) {
        return Ok(Some(number));
    }
    let names = [stream.category().as_str(), stream.id()];
    let number = one(connection, sql::STREAM, names)?;
    if let Some(number) = number {
        texts.found(stream, number);
    }
    Ok(number)
}

/// A transaction that reads: SQLite's locks are taken once, and all is of one moment.
struct Moment<'a>(&'a Connection);

impl<'a> Moment<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached(sql::BEGIN_READ)?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        // Should it fail, the next read takes another connection.
        let ended = self.0.prepare_cached(sql::COMMIT);
        drop(ended.and_then(|mut statement| statement.execute([])));
    }
}

/// The last version of a stream.
pub(crate) fn last_version(
    connection: &Connection,
    stream: i64,
) -> Result<Option<Version>, ReadError> {
    let last: Option<Option<i64>> = one(connection, sql::LAST_VERSION, [stream])?;
    last.flatten()
        .map(|last| row::version(last, None))
        .transpose()
}

/// The versions of the first event that is left of a stream, and of the last one.
pub(crate) fn versions(
    connection: &Connection,
    stream: i64,
) -> Result<Option<(Version, Version)>, ReadError> {
    let versions: Option<(i64, Option<i64>)> = connection
        .prepare_cached(sql::VERSIONS)
        .and_then(|mut statement| {
            statement
                .query_row([stream], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
        .map_err(read_error)?;
    let Some((last, before)) = versions else {
        return Ok(None);
    };
    let first = row::version(before.unwrap_or(1), None)?;
    Ok(Some((first, row::version(last, None)?)))
}

/// The version of the first event that is left of a stream.
fn first_version(connection: &Connection, stream: i64) -> Result<i64, ReadError> {
    one(connection, sql::TRIMMED_BEFORE, [stream]).map(|before| before.unwrap_or(1))
}

/// The first and the last position of an append key; `None` when there is no such key.
pub(crate) fn positions_of_key(
    connection: &Connection,
    key: &str,
) -> Result<Option<(i64, i64)>, ReadError> {
    connection
        .prepare_cached(sql::KEY)
        .and_then(|mut statement| {
            statement
                .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
        .map_err(read_error)
}

/// The events at these positions.
pub(crate) fn events_between(
    connection: &Connection,
    texts: &mut Texts,
    first: i64,
    last: i64,
) -> Result<Vec<Recorded>, ReadError> {
    cursor::Cursor::of_positions(first, last).read_to_end(connection, texts)
}

/// The same page by page: what is in memory is bounded by bytes, however many there are.
pub(crate) struct EventsBetween {
    cursor: cursor::Cursor,
    texts: Texts,
}

impl EventsBetween {
    pub(crate) fn new(first: i64, last: i64) -> Self {
        Self {
            cursor: cursor::Cursor::of_positions(first, last),
            texts: Texts::default(),
        }
    }

    /// The next events; `None` after the last ones.
    pub(crate) fn next_page(&mut self, connection: &Connection) -> Result<Option<Page>, ReadError> {
        if self.cursor.is_done() {
            return Ok(None);
        }
        let page = self.cursor.next_page(connection, &mut self.texts, &|| true);
        page.map(Some)
    }
}

/// The first events of a stream after a version; none where the first of them were trimmed.
pub(crate) fn events_of_stream(
    connection: &Connection,
    texts: &mut Texts,
    stream: i64,
    after: u64,
    limit: usize,
) -> Result<Vec<Recorded>, ReadError> {
    let Some((first, last)) = versions(connection, stream)? else {
        return Ok(Vec::new());
    };
    // Where the first of them were trimmed, the others would look as if they followed.
    if after.saturating_add(1) < first.get() {
        return Ok(Vec::new());
    }
    let last = last.get();
    match cursor::Cursor::of_versions(stream, (after, last), limit) {
        Some(cursor) => cursor.read_to_end(connection, texts),
        None => Ok(Vec::new()),
    }
}

/// The steps of the plan for a read that go through a whole table or sort.
#[cfg(feature = "fault")]
pub(crate) fn wasteful_steps(
    connection: &Connection,
    read: &eventsource_core::Read,
) -> Result<Vec<String>, ReadError> {
    let texts = &mut Texts::default();
    let Some(cursor) = cursor::Cursor::begin(connection, texts, read)? else {
        return Ok(Vec::new());
    };
    let mut steps = plan::explain(connection, cursor.sql()).map_err(read_error)?;
    steps.retain(|step| plan::is_wasteful(step));
    Ok(steps)
}

/// The first column of the only row.
fn one<T: rusqlite::types::FromSql>(
    connection: &Connection,
    statement: &str,
    values: impl rusqlite::Params,
) -> Result<Option<T>, ReadError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut statement| statement.query_row(values, |row| row.get(0)).optional())
        .map_err(read_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_left_within_a_transaction_is_not_used_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = SqliteOptions::new(folder.path().join("events.db"));
        let writer = schema::open_writer(&options).expect("a writer");
        let mut thread = Thread::new(Arc::new(options), Arc::new(Queue::of(1)));
        let count =
            |connection: &Connection| one::<i64>(connection, "SELECT count(*) FROM categories", []);
        let left = thread.read(|connection, _| {
            connection
                .execute_batch(sql::BEGIN_READ)
                .map_err(read_error)?;
            count(connection)
        });
        assert_eq!(left.expect("a number"), Some(0));
        writer
            .execute_batch("INSERT INTO categories (name) VALUES ('a')")
            .expect("a row");
        let now = thread.read(|connection, _| count(connection));
        assert_eq!(now.expect("a number"), Some(1));
    }
}
