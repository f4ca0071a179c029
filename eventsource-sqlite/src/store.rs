//! The store: what the framework asks, handed to the threads that answer.

use std::{
    fmt,
    path::Path,
    sync::{Arc, OnceLock},
};

use event_listener::Event;
use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Capability, EventStore, EventStream, Expected,
    LeaseStore, Limits, Position, ProjectionStore, Read, ReadError, Receipt, SnapshotStore,
    StreamId, TrimStore, Version, async_trait,
};
use tokio::sync::{Mutex, oneshot};

use crate::{
    config::SqliteOptions,
    error::{Closed, OpenError, read_error},
    read_models::SqliteReadModels,
    reader::{self, Pages, Readers},
    row,
    watch::Watch,
    writer::Writer,
};

/// A store in an SQLite file. Clones are handles on the same threads and connections, which end with the last of them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{
///     Append, EventId, EventName, EventStore, EventStoreExt, Expected, NewEvent, StoredPayload, StreamId, Timestamp,
/// };
/// use eventsource_sqlite::SqliteStore;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("bank.db");
/// let store = SqliteStore::open(&path).await?;
/// let stream = StreamId::new("account", "576")?;
/// let opened = NewEvent::new(
///     EventId::new("0192d5a4-6f7c-7000-8000-000000000001".parse()?),
///     EventName::new("account.opened")?,
///     1,
///     StoredPayload::json(br#"{"owner":"Ada"}"#),
///     Timestamp::EPOCH,
/// );
/// store.append(Append::to(stream.clone(), Expected::NoStream, [opened])).await?;
/// store.close().await;
///
/// let again = SqliteStore::open(&path).await?;
/// assert_eq!(again.read_stream(&stream).await?.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

struct Inner {
    options: Arc<SqliteOptions>,
    writer: Writer,
    readers: Arc<Readers>,
    watch: Arc<Watch>,
    appended: Arc<Event>,
    /// Started when they are asked for.
    read_models: OnceLock<SqliteReadModels>,
    /// Resolve when the threads have ended; the writer's is the first.
    ended: Mutex<Vec<oneshot::Receiver<()>>>,
}

impl SqliteStore {
    /// Opens the store in a file, or makes a new one there.
    ///
    /// # Errors
    ///
    /// [`OpenError`], which says what of a file that was there may have changed.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(SqliteOptions::new(path)).await
    }

    /// The same, with options.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use eventsource_sqlite::{OpenError, SqliteOptions, SqliteStore};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("notes.txt");
    /// std::fs::write(&path, "not a database, but something that must not be lost")?;
    /// let refused = SqliteStore::open_with(SqliteOptions::new(&path)).await;
    /// assert!(matches!(refused, Err(OpenError::NotADatabase { .. })));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`OpenError`], which says what of a file that was there may have changed.
    pub async fn open_with(options: SqliteOptions) -> Result<Self, OpenError> {
        let options = Arc::new(options.in_one_place()?);
        let appended = Arc::new(Event::new());
        let opened = Writer::open(Arc::clone(&options), Arc::clone(&appended)).await;
        let (writer, writer_ended) = opened?;
        let (readers, readers_ended) = Readers::start(&options)?;
        let (watch, watch_ended) = Watch::start(&options, Arc::clone(&appended))?;
        let mut ended = vec![writer_ended, watch_ended];
        ended.extend(readers_ended);
        Ok(Self(Arc::new(Inner {
            options,
            writer,
            readers: Arc::new(readers),
            watch,
            appended,
            read_models: OnceLock::new(),
            ended: Mutex::new(ended),
        })))
    }

    /// The read models in the file, by threads and connections of their own.
    ///
    /// They can be asked until the store is closed.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the threads cannot be started, or the store was closed.
    pub async fn read_models(&self) -> Result<SqliteReadModels, OpenError> {
        let inner = &*self.0;
        let mut ended = inner.ended.lock().await;
        if ended.is_empty() {
            return Err(OpenError::engine(&inner.options.path, Closed));
        }
        if let Some(models) = inner.read_models.get() {
            return Ok(models.clone());
        }
        let (models, models_ended) = SqliteReadModels::start(Arc::clone(&inner.options))?;
        ended.extend(models_ended);
        Ok(inner.read_models.get_or_init(|| models).clone())
    }

    /// Closes the store for all its handles: what was asked before is done, what comes later is refused with
    /// [`Closed`](crate::Closed) as the source, reads and subscriptions with [`ReadError::Closed`], and the write-ahead log is
    /// brought into the file, as far as no other process still reads what is in it. Queries of its read models that have not ended are ended. Returns when all connections are
    /// closed.
    ///
    /// Dropping the last handle does the same, but nobody can wait for it.
    pub async fn close(self) {
        let Inner {
            writer,
            readers,
            watch,
            appended,
            read_models,
            ended,
            ..
        } = &*self.0;
        let mut ended = ended.lock().await;
        readers.close();
        watch.close();
        if let Some(models) = read_models.get() {
            models.close();
        }
        // Those who wait look again, and are told.
        appended.notify(usize::MAX);
        // Read locks would keep the log from being emptied, so the writer goes last.
        while ended.len() > 1 {
            wait_for_last(&mut ended).await;
        }
        writer.close();
        wait_for_last(&mut ended).await;
    }
}

#[cfg(feature = "fault")]
impl SqliteStore {
    /// For tests: the steps of SQLite's plan for a read that go through a whole table or sort; none where the read follows
    /// an index.
    ///
    /// # Errors
    ///
    /// [`ReadError`] as for the read itself.
    pub async fn wasteful_steps(&self, read: &Read) -> Result<Vec<String>, ReadError> {
        let read = read.clone();
        let plan = move |connection: &_, _: &mut _| reader::wasteful_steps(connection, &read);
        self.0.readers.run(plan).await
    }
}

impl SqliteStore {
    pub(crate) fn writer(&self) -> &Writer {
        &self.0.writer
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.0.readers
    }

    /// What is answered after this is not taken back when the file is opened anew.
    pub(crate) async fn settle(&self) -> Result<(), ReadError> {
        if !self.0.writer.is_unsettled() {
            return Ok(());
        }
        // Before it looks at an append, even at one of nothing, the writer settles what is not.
        let nowhere = StreamId::new("nothing", "nothing").map_err(|error| ReadError::Engine {
            source: error.into(),
        })?;
        let nothing = Append::to(nowhere, Expected::Any, []);
        let settled = self.0.writer.append(nothing).await;
        settled.map(drop).map_err(|error| ReadError::Unavailable {
            source: error.into(),
        })
    }
}

/// Forgotten only when it has resolved, so that a call that was dropped can be made again.
async fn wait_for_last(ended: &mut Vec<oneshot::Receiver<()>>) {
    if let Some(last) = ended.last_mut() {
        // It never gives a value: the thread drops its end.
        last.await.unwrap_or_default();
        ended.pop();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.watch.close();
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.0.options.path)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .with(Capability::MultiStreamAppend)
            .with(Capability::ContiguousBatch)
            .with(Capability::Durable)
            .with(Capability::MultiProcess)
            .with(Capability::Snapshots)
            .with(Capability::Trim)
            .with(Capability::Projections)
            .with(Capability::Leases)
    }

    fn limits(&self) -> Limits {
        self.0.options.effective_limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        append
            .check(self.capabilities(), &self.limits())
            .map_err(AppendError::Rejected)?;
        self.0.writer.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.settle().await?;
        let key = key.clone();
        let read = move |connection: &rusqlite::Connection, texts: &mut _| {
            let transaction = connection.unchecked_transaction().map_err(read_error)?;
            let keyed = reader::of_key(&transaction, texts, key.as_str())?;
            Ok(keyed.map(|keyed| keyed.first))
        };
        self.0.readers.run(read).await
    }

    fn read(&self, read: Read) -> EventStream {
        match read.check() {
            Ok(()) => EventStream::from_pages(Pages::new(Arc::clone(&self.0.readers), read)),
            Err(error) => EventStream::failed(error),
        }
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        let stream = stream.clone();
        let read = move |connection: &_, texts: &mut _| {
            reader::stream_number(connection, texts, &stream)?
                .map_or(Ok(None), |number| reader::last_version(connection, number))
        };
        self.0.readers.run(read).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        let head = self
            .0
            .readers
            .run(|connection, _| reader::head(connection))
            .await?;
        if head == 0 {
            return Ok(None);
        }
        row::position(head).map(Some)
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        let _waiting = self.0.watch.wait();
        loop {
            // Listening comes before looking, so that nothing appended in between is missed.
            let appended = self.0.appended.listen();
            match self.head().await? {
                Some(head) if position < Some(head) => return Ok(head),
                _ => appended.await,
            }
        }
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        Some(self)
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        Some(self)
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        Some(self)
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        Some(self)
    }
}
