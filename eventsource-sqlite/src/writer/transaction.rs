//! One transaction of several jobs, each with its own outcome.

use std::rc::Rc;

use eventsource_core::{
    Append, AppendError, Applied, Conflict, ContentType, Expected, NewEvent, Position, Receipt,
    Recorded, Rejection, StreamConflict, StreamId, StreamReceipt, Tag, Version,
};
use rusqlite::{CachedStatement, OptionalExtension, Params, params};

use super::{
    inline::{Current, Reach},
    interned::{Interned, StreamNumber},
};
use crate::{
    config::SqliteOptions,
    error::{failed, rejected, unavailable, unreadable},
    guard::Guarded,
    reader::{self, Keyed, events_of_stream},
    row::{self, Texts},
    sql,
};

/// A stream as the transaction finds it.
struct Found {
    number: Option<StreamNumber>,
    last: Option<Version>,
}

/// Where the store ends.
#[derive(Clone, Copy)]
struct End {
    position: i64,
    recorded_at: i64,
}

pub(super) struct Transaction<'a> {
    pub(super) connection: &'a Rc<Guarded>,
    pub(super) interned: &'a mut Interned,
    pub(super) options: &'a SqliteOptions,
    end: End,
    /// How many statements the present job has made.
    statements: usize,
    broken: bool,
    /// The projections that go with appends, once they were found to be at the end.
    pub(super) current: Option<Vec<Current>>,
    /// From how far they are brought there within this transaction.
    pub(super) reach: Reach,
    /// An append or a trim was refused since they are too far.
    pub(super) behind: bool,
}

impl<'a> Transaction<'a> {
    /// Takes the write lock, and only then looks where the store ends: until the commit nobody else can move that.
    pub(super) fn begin(
        connection: &'a Rc<Guarded>,
        interned: &'a mut Interned,
        options: &'a SqliteOptions,
    ) -> rusqlite::Result<Self> {
        connection.prepare_cached(sql::BEGIN_WRITE)?.execute([])?;
        let last = connection
            .prepare_cached(sql::LAST)?
            .query_row([], |row| {
                Ok(End {
                    position: row.get(0)?,
                    recorded_at: row.get(1)?,
                })
            })
            .optional()?;
        // The next one would follow it.
        if let Some(End { position, .. }) = last
            && position <= 0
        {
            return Err(rusqlite::Error::IntegralValueOutOfRange(0, position));
        }
        Ok(Self {
            connection,
            interned,
            options,
            end: last.unwrap_or(End {
                position: 0,
                recorded_at: i64::MIN,
            }),
            statements: 0,
            broken: false,
            current: None,
            reach: Reach::Near,
            behind: false,
        })
    }

    /// Whether the transaction as a whole can no longer be committed, after a failed append.
    pub(super) fn is_broken(&self) -> bool {
        // After some failures SQLite rolls back the whole transaction by itself.
        self.broken || self.connection.is_autocommit()
    }

    /// What comes now is another job.
    pub(super) fn next_job(&mut self) {
        self.statements = 0;
    }

    /// Everything is asked before anything is written; what is written nevertheless in vain is undone.
    pub(super) fn append(&mut self, append: &Append) -> Result<Receipt, AppendError> {
        if let Some(key) = &append.key
            && let Some(stored) = self.of_key(key.as_str())?
        {
            if stored.is_content_of(append) {
                return Ok(stored.first);
            }
            let (key, first) = (key.clone(), Box::new(stored.first));
            return Err(Rejection::KeyReused { key, first }.into());
        }
        let found = self.check_expectations(append)?;
        if append.events().next().is_none() {
            return Ok(Receipt::new(Applied::Now, Vec::new()));
        }
        if !self.options.inline.is_empty() {
            return self.store_inline(append, |transaction| transaction.store(append, &found));
        }
        if self.is_one_row(append, &found) {
            // A statement that fails leaves nothing by itself.
            let end = self.end;
            let stored = self.store(append, &found);
            if stored.is_err() {
                self.end = end;
            }
            return stored;
        }
        self.all_or_nothing(|transaction| transaction.store(append, &found))
    }

    /// Whether an append is one event, and one statement stores it: nothing else is new.
    fn is_one_row(&self, append: &Append, found: &[Found]) -> bool {
        let ([part], [found]) = (append.parts.as_slice(), found) else {
            return false;
        };
        let [event] = part.events.as_slice() else {
            return false;
        };
        let kind = event.payload.content_type();
        append.key.is_none()
            && event.tags.is_empty()
            && found.number.is_some()
            && self.interned.names.get(&event.name).is_some()
            && (*kind == ContentType::JSON || self.interned.content_types.get(kind).is_some())
    }

    /// What fails within the transaction leaves nothing, and the rest of the transaction as it was.
    pub(super) fn all_or_nothing<T, E: From<AppendError>>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let end = self.end;
        self.run(sql::SAVEPOINT, [])?;
        let changed = change(self).and_then(|value| {
            self.run(sql::RELEASE, [])?;
            Ok(value)
        });
        if changed.is_err() {
            self.end = end;
            self.interned.undone();
            self.broken |= self.undo().is_err();
        }
        changed
    }

    fn undo(&self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection
            .prepare_cached(sql::ROLLBACK_TO)?
            .execute([])?;
        self.connection.prepare_cached(sql::RELEASE)?.execute([])?;
        Ok(())
    }

    fn of_key(&mut self, key: &str) -> Result<Option<Keyed>, AppendError> {
        self.strike()?;
        // Texts seen here may not be committed yet, so they are not kept.
        reader::of_key(self.connection, &mut Texts::default(), key).map_err(unreadable)
    }

    fn check_expectations(&mut self, append: &Append) -> Result<Vec<Found>, AppendError> {
        let mut all = Vec::with_capacity(append.parts.len());
        let mut violated = Vec::new();
        for part in &append.parts {
            let found = self.find(&part.stream)?;
            if !part.expected.holds(found.last) {
                let missed = self.missed(&found, part.expected, append.missed_limit)?;
                let (stream, expected) = (part.stream.clone(), part.expected);
                violated.push(StreamConflict::new(stream, expected, found.last, missed));
            }
            all.push(found);
        }
        if violated.is_empty() {
            return Ok(all);
        }
        Err(AppendError::Conflict(Conflict::new(violated)))
    }

    fn find(&mut self, stream: &StreamId) -> Result<Found, AppendError> {
        let Some(number) = self.stream_number(stream)? else {
            return Ok(Found {
                number: None,
                last: None,
            });
        };
        let last: Option<i64> = self
            .statement(sql::LAST_VERSION)?
            .query_row([number.stream], |row| row.get(0))
            .map_err(rejected)?;
        let last = last.map(|last| row::version(last, None)).transpose();
        Ok(Found {
            number: Some(number),
            last: last.map_err(unreadable)?,
        })
    }

    fn missed(
        &mut self,
        found: &Found,
        expected: Expected,
        limit: usize,
    ) -> Result<Vec<Recorded>, AppendError> {
        let (Some(number), Some(seen)) = (found.number, expected.last_seen()) else {
            return Ok(Vec::new());
        };
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.strike()?;
        let texts = &mut Texts::default();
        events_of_stream(
            self.connection,
            texts,
            number.stream,
            Version::number(seen),
            limit,
        )
        .map_err(unreadable)
    }

    fn store(&mut self, append: &Append, found: &[Found]) -> Result<Receipt, AppendError> {
        let now = self.options.clock.now().as_micros();
        self.end.recorded_at = self.end.recorded_at.max(now);
        let first = self.end.position.checked_add(1).ok_or_else(exhausted)?;
        let mut streams = Vec::with_capacity(append.parts.len());
        for (part, found) in append.parts.iter().zip(found) {
            if part.events.is_empty() {
                continue;
            }
            let number = match found.number {
                Some(number) => number,
                None => self.new_stream(&part.stream)?,
            };
            let first_position = self.next_position()?;
            let first_version = Version::after(found.last);
            let mut version =
                i64::try_from(Version::number(found.last)).map_err(|_| exhausted())?;
            for event in &part.events {
                version = version.checked_add(1).ok_or_else(exhausted)?;
                self.store_event(event, number, version)?;
            }
            let last_version = row::version(version, None).map_err(unreadable)?;
            let last_position = row::position(self.end.position).map_err(unreadable)?;
            streams.push(StreamReceipt::new(
                part.stream.clone(),
                (first_version, last_version),
                (first_position, last_position),
            ));
        }
        if let Some(key) = &append.key {
            let last = self.end.position;
            self.run(sql::INSERT_KEY, params![key.as_str(), first, last])?;
        }
        Ok(Receipt::new(Applied::Now, streams))
    }

    /// The position of the last event; 0 without one. It is never negative, which was looked at when it was read.
    pub(super) const fn end_position(&self) -> u64 {
        self.end.position.unsigned_abs()
    }

    /// When the last event was recorded, in microseconds.
    pub(super) const fn recorded_at(&self) -> i64 {
        self.end.recorded_at
    }

    fn next_position(&self) -> Result<Position, AppendError> {
        let next = self.end.position.checked_add(1).ok_or_else(exhausted)?;
        row::position(next).map_err(unreadable)
    }

    fn store_event(
        &mut self,
        event: &NewEvent,
        stream: StreamNumber,
        version: i64,
    ) -> Result<(), AppendError> {
        let position = self.end.position.checked_add(1).ok_or_else(exhausted)?;
        let name = self.name_number(&event.name)?;
        let content_type = self.content_type_number(event.payload.content_type())?;
        let metadata = (!event.metadata.is_empty())
            .then(|| serde_json::to_string(&event.metadata))
            .transpose()
            .map_err(failed)?;
        let tags = (!event.tags.is_empty())
            .then(|| serde_json::to_string(&event.tags.iter().map(Tag::as_str).collect::<Vec<_>>()))
            .transpose()
            .map_err(failed)?;
        let inserted = self.statement(sql::INSERT_EVENT)?.execute(params![
            position,
            stream.stream,
            stream.category,
            version,
            event.id.as_uuid().as_bytes(),
            name,
            event.schema_version,
            content_type,
            event.payload.bytes(),
            event.occurred_at.as_micros(),
            self.end.recorded_at,
            event.correlation_id.map(|id| id.as_uuid().into_bytes()),
            event.causation_id.map(|id| id.as_uuid().into_bytes()),
            event.actor.as_ref().map(AsRef::<str>::as_ref),
            metadata,
            tags,
        ]);
        if let Err(error) = inserted {
            return Err(self.not_inserted(event, error));
        }
        self.end.position = position;
        for tag in &event.tags {
            self.run(sql::INSERT_TAG, params![tag.as_str(), position])?;
        }
        Ok(())
    }

    /// Uniqueness is the schema's business; only where it refused an event is asked why.
    fn not_inserted(&self, event: &NewEvent, error: rusqlite::Error) -> AppendError {
        let is_refused =
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation);
        let is_there = is_refused
            && self
                .connection
                .prepare_cached(sql::EVENT_OF_ID)
                .and_then(|mut statement| statement.exists([event.id.as_uuid().as_bytes()]))
                .unwrap_or(false);
        AppendError::Rejected(if is_there {
            Rejection::DuplicateEventId { event: event.id }
        } else {
            rejected(error)
        })
    }

    pub(super) fn run(
        &mut self,
        statement: &'static str,
        values: impl Params,
    ) -> Result<(), AppendError> {
        self.statement(statement)?
            .execute(values)
            .map_err(rejected)?;
        Ok(())
    }

    pub(super) fn statement(
        &mut self,
        statement: &'static str,
    ) -> Result<CachedStatement<'a>, AppendError> {
        self.strike()?;
        Ok(self
            .connection
            .prepare_cached(statement)
            .map_err(rejected)?)
    }

    #[cfg(feature = "fault")]
    pub(super) fn strike(&mut self) -> Result<(), AppendError> {
        let point = eventsource_core::fault::FaultPoint::Statement(self.statements);
        self.statements += 1;
        super::strike(self.options, point)
    }

    #[cfg(not(feature = "fault"))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "with the feature `fault` it fails"
    )]
    pub(super) fn strike(&mut self) -> Result<(), AppendError> {
        self.statements += 1;
        Ok(())
    }
}

fn exhausted() -> AppendError {
    unavailable("there is no number left for another event")
}
