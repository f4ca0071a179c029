//! A store of events in one file that is only ever appended to. It shows how a backend is written, and is not for
//! production: the page `write-a-backend.md` of `eventsource-testing` walks through it, and says what it lacks.

use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::Arc,
};

use eventsource_core::{
    Actor, Append, AppendError, AppendKey, Capabilities, Capability, CausationId, Clock,
    ContentType, CorrelationId, EventId, EventName, EventStore, EventStream, Expected, Limits,
    ManualClock, MemoryStore, Metadata, NewEvent, Position, Read, ReadError, Receipt, Rejection,
    StoredPayload, StreamId, Tag, Timestamp, Version, async_trait,
    fault::{FaultHook, FaultPoint, strike},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tokio::sync::Mutex;

/// A store in one file. Clones are handles on the same one.
#[derive(Debug, Clone)]
pub struct FileStore {
    /// What is in the file, for readers.
    index: MemoryStore,
    /// The time at which the index records.
    index_clock: Arc<ManualClock>,
    /// Held by whoever appends, from the first check to the last byte.
    tail: Arc<Mutex<Tail>>,
    clock: Arc<dyn Clock>,
    faults: Arc<dyn FaultHook>,
}

#[derive(Debug)]
struct Tail {
    file: File,
    /// Where the last whole line ends.
    end: u64,
    ids: HashSet<EventId>,
}

impl FileStore {
    /// Opens the store in a file, or makes a new one there. One process may have it open, once.
    ///
    /// # Errors
    ///
    /// What the operating system says, or what is wrong with a file that is none of ours.
    pub async fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        faults: Arc<dyn FaultHook>,
    ) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path)?;
        file.try_lock()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let index_clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        let index = MemoryStore::with_clock(Arc::clone(&index_clock) as _);
        let ids = HashSet::new();
        let mut tail = Tail { file, end: 0, ids };
        // What follows the last end of a line is nothing, or a part of an append that nobody was told of.
        let pieces = bytes.split_inclusive(|byte| *byte == b'\n');
        for bytes in pieces.filter(|piece| piece.ends_with(b"\n")) {
            let line: Line = serde_json::from_slice(bytes)?;
            index_clock.set(line.recorded_at);
            let append = line.append().ok_or(io::ErrorKind::InvalidData)?;
            tail.ids.extend(append.events().map(|event| event.id));
            tail.end += bytes.len() as u64;
            index.append(append).await.map_err(io::Error::other)?;
        }
        let tail = Arc::new(Mutex::new(tail));
        Ok(Self {
            index,
            index_clock,
            tail,
            clock,
            faults,
        })
    }
}

impl Tail {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        // What a failed append has left behind goes.
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(line)?;
        self.end += line.len() as u64;
        Ok(())
    }
}

#[async_trait]
impl EventStore for FileStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .with(Capability::MultiStreamAppend)
            .with(Capability::ContiguousBatch)
            .with(Capability::Durable)
    }

    fn limits(&self) -> Limits {
        Limits::default()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        append.check(self.capabilities(), &self.limits())?;
        let mut tail = self.tail.lock().await;
        if let Some(key) = &append.key
            && let Ok(Some(_)) = self.index.find_append(key).await
        {
            // It has stored events: of this content, or of another one.
            return self.index.append(append).await;
        }
        // An append of nothing asks whether every stream is as expected.
        let mut nothing = append.clone();
        for part in &mut nothing.parts {
            part.events.clear();
        }
        let receipt = self.index.append(nothing).await?;
        if append.events().next().is_none() {
            return Ok(receipt);
        }
        if let Some(event) = append.events().find(|event| tail.ids.contains(&event.id)) {
            return Err(Rejection::DuplicateEventId { event: event.id }.into());
        }
        let recorded_at = self.clock.now();
        let line = serde_json::to_vec(&Line::of(&append, recorded_at));
        let mut line = line.expect("texts, numbers and lists are JSON");
        line.push(b'\n');
        strike(&*self.faults, FaultPoint::BeforeCommit)?;
        let written = tail.write(&line);
        written.map_err(|error| AppendError::Unknown(error.into()))?;
        // Now it is in the file, and readers may see it.
        tail.ids.extend(append.events().map(|event| event.id));
        self.index_clock.set(recorded_at);
        let receipt = self.index.append(append).await?;
        strike(&*self.faults, FaultPoint::AfterCommit)?;
        Ok(receipt)
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.index.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.index.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.index.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.index.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.index.wait_beyond(position).await
    }
}

/// One line of the file: one append. A line that has its end is whole, and so is its append.
#[derive(Serialize, Deserialize)]
struct Line {
    recorded_at: Timestamp,
    key: Option<AppendKey>,
    parts: Vec<(StreamId, Vec<Entry>)>,
}

impl Line {
    fn of(append: &Append, recorded_at: Timestamp) -> Self {
        let parts = append.parts.iter().map(|part| {
            let entries = part.events.iter().cloned().map(Entry).collect();
            (part.stream.clone(), entries)
        });
        let (key, parts) = (append.key.clone(), parts.collect());
        Self {
            recorded_at,
            key,
            parts,
        }
    }

    /// The same append, where nothing is expected any more; nothing where the line has no streams.
    fn append(self) -> Option<Append> {
        let parts = self.parts.into_iter().map(|(stream, entries)| {
            Append::to(
                stream,
                Expected::Any,
                entries.into_iter().map(|entry| entry.0),
            )
        });
        let mut append = parts.reduce(|mut all, one| {
            all.parts.extend(one.parts);
            all
        })?;
        append.key = self.key;
        Some(append)
    }
}

#[derive(Serialize, Deserialize)]
struct Entry(#[serde(with = "Envelope")] NewEvent);

/// Every part of an event that its writer knows.
#[derive(Serialize, Deserialize)]
#[serde(remote = "NewEvent")]
struct Envelope {
    id: EventId,
    name: EventName,
    schema_version: u32,
    #[serde(serialize_with = "write_payload", deserialize_with = "read_payload")]
    payload: StoredPayload,
    occurred_at: Timestamp,
    correlation_id: Option<CorrelationId>,
    causation_id: Option<CausationId>,
    actor: Option<Actor>,
    metadata: Metadata,
    tags: BTreeSet<Tag>,
}

/// A payload is any bytes and JSON has only texts, so each byte becomes the character of its number.
fn write_payload<S: Serializer>(payload: &StoredPayload, to: S) -> Result<S::Ok, S::Error> {
    let bytes = payload.bytes().iter().copied().map(char::from);
    (payload.content_type().as_str(), bytes.collect::<String>()).serialize(to)
}

fn read_payload<'de, D: Deserializer<'de>>(from: D) -> Result<StoredPayload, D::Error> {
    let (content_type, text) = <(String, String)>::deserialize(from)?;
    let bytes: Result<Vec<_>, _> = text.chars().map(u8::try_from).collect();
    let content_type = ContentType::new(content_type).map_err(de::Error::custom)?;
    Ok(StoredPayload::new(
        content_type,
        &bytes.map_err(de::Error::custom)?,
    ))
}
