//! From a row to a recorded event. Nothing stored is trusted: what cannot have been written is reported with its
//! position.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use eventsource_core::{
    Actor, Category, ContentType, EventName, Metadata, Position, ReadError, Recorded,
    RecordedEvent, StoredPayload, StreamId, Tag, Timestamp, Version,
};
use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use uuid::Uuid;

use crate::{
    error::{corrupt, read_error},
    sql,
};

/// The columns that [`event`] reads, of the table `e`.
pub(crate) const COLUMNS: &str = "e.position, e.stream, e.version, e.id, e.name, e.schema_version, \
     e.content_type, e.payload, e.occurred_at, e.recorded_at, e.correlation, e.causation, e.actor, e.metadata, e.tags";

const NAMES: [&str; 15] = [
    "position",
    "stream",
    "version",
    "id",
    "name",
    "schema_version",
    "content_type",
    "payload",
    "occurred_at",
    "recorded_at",
    "correlation",
    "causation",
    "actor",
    "metadata",
    "tags",
];

/// How many streams are kept at the most, a power of two.
const STREAMS: usize = 8_192;

/// The texts behind the numbers. They never change once committed, so what a reader has seen stays true.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    streams: Streams,
    /// The other way round, for streams that were asked for.
    numbers: HashMap<StreamId, i64>,
    categories: OfNumbers<Category>,
    names: OfNumbers<EventName>,
    /// Those of the page that is read: see [`Texts::begin_page`].
    own_names: Vec<(i64, EventName)>,
    content_types: OfNumbers<ContentType>,
}

/// Streams by number, each in the place that the low bits of its number say. Streams that are written at the same time were
/// mostly begun at the same time, so those that a read meets lie side by side. Where two want one place, the table grows;
/// once it is full-grown, the later one takes it.
#[derive(Debug, Default)]
struct Streams(Vec<Option<(i64, StreamId)>>);

impl Streams {
    fn place(&self, number: i64) -> usize {
        // Its length is a power of two, or 0, where every place is outside.
        let low = u32::try_from(number & i64::from(u32::MAX)).unwrap_or(0);
        low as usize & self.0.len().wrapping_sub(1)
    }

    fn get(&self, number: i64) -> Option<&StreamId> {
        match self.0.get(self.place(number)) {
            Some(Some((own, stream))) if *own == number => Some(stream),
            _ => None,
        }
    }

    fn keep(&mut self, number: i64, stream: StreamId) {
        while self.0.len() < STREAMS && self.is_taken(number) {
            let longer = vec![None; (2 * self.0.len()).max(1)];
            for kept in std::mem::replace(&mut self.0, longer).into_iter().flatten() {
                let place = self.place(kept.0);
                self.0[place] = Some(kept);
            }
        }
        let place = self.place(number);
        self.0[place] = Some((number, stream));
    }

    fn is_taken(&self, number: i64) -> bool {
        let kept = self.0.get(self.place(number));
        kept.is_none_or(|kept| kept.as_ref().is_some_and(|(own, _)| *own != number))
    }
}

type OfNumbers<T> = HashMap<i64, T, BuildHasherDefault<NumberHasher>>;

/// Each event asks for two texts by number, and the hash that the standard library keeps for hostile keys costs more than
/// the look itself. These numbers are given out by the file, one after the other.
#[derive(Debug, Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write_i64(&mut self, number: i64) {
        // The high bits choose among keys in one place, the low ones the place: both must tell neighbours apart.
        let spread = number.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = spread ^ (spread >> 32);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i64((self.0 ^ u64::from(*byte)).cast_signed());
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The event in a row of [`COLUMNS`].
pub(crate) fn event(
    row: &Row<'_>,
    connection: &Connection,
    texts: &mut Texts,
) -> Result<Recorded, ReadError> {
    let position = position(integer(row, 0, None)?)?;
    let at = Some(position);
    let stream = texts.stream(connection, integer(row, 1, at)?, at)?;
    let name = texts.name(connection, integer(row, 4, at)?, at)?;
    let content_type = match row.get_ref(6) {
        Ok(ValueRef::Null) => ContentType::JSON,
        _ => texts.content_type(connection, integer(row, 6, at)?, at)?,
    };
    let Ok(ValueRef::Blob(payload)) = row.get_ref(7) else {
        return Err(damaged(7, at));
    };
    Ok(Arc::new(RecordedEvent {
        stream,
        version: version(integer(row, 2, at)?, at)?,
        position,
        id: uuid(row, 3, at)?.ok_or_else(|| damaged(3, at))?.into(),
        name,
        schema_version: u32::try_from(integer(row, 5, at)?).map_err(|_| damaged(5, at))?,
        payload: StoredPayload::new(content_type, payload),
        occurred_at: Timestamp::from_micros(integer(row, 8, at)?),
        recorded_at: Timestamp::from_micros(integer(row, 9, at)?),
        correlation_id: uuid(row, 10, at)?.map(Into::into),
        causation_id: uuid(row, 11, at)?.map(Into::into),
        actor: match text(row, 12, at)? {
            None => None,
            Some(actor) => Some(Actor::new(actor).map_err(|_| damaged(12, at))?),
        },
        metadata: match text(row, 13, at)? {
            None => Metadata::new(),
            Some(facts) => serde_json::from_str(facts).map_err(|_| damaged(13, at))?,
        },
        tags: match text(row, 14, at)? {
            None => BTreeSet::new(),
            Some(tags) => self::tags(tags).ok_or_else(|| damaged(14, at))?,
        },
    }))
}

// By reference, without the errors of the driver: each event has fifteen columns.

#[inline]
fn integer(row: &Row<'_>, column: usize, at: Option<Position>) -> Result<i64, ReadError> {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(number)) => Ok(number),
        _ => Err(damaged(column, at)),
    }
}

#[inline]
fn uuid(row: &Row<'_>, column: usize, at: Option<Position>) -> Result<Option<Uuid>, ReadError> {
    match row.get_ref(column) {
        Ok(ValueRef::Null) => Ok(None),
        Ok(ValueRef::Blob(bytes)) => match Uuid::from_slice(bytes) {
            Ok(uuid) => Ok(Some(uuid)),
            Err(_) => Err(damaged(column, at)),
        },
        _ => Err(damaged(column, at)),
    }
}

#[inline]
fn text<'a>(
    row: &'a Row<'_>,
    column: usize,
    at: Option<Position>,
) -> Result<Option<&'a str>, ReadError> {
    match row.get_ref(column) {
        Ok(ValueRef::Null) => Ok(None),
        Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(damaged(column, at)),
        },
        _ => Err(damaged(column, at)),
    }
}

fn tags(json: &str) -> Option<BTreeSet<Tag>> {
    let texts: Vec<String> = serde_json::from_str(json).ok()?;
    texts.into_iter().map(|text| Tag::new(text).ok()).collect()
}

#[cold]
fn damaged(column: usize, at: Option<Position>) -> ReadError {
    let column = NAMES.get(column).copied().unwrap_or("unnamed");
    corrupt(at, format!("the column `{column}` is not what was written"))
}

/// A stored position.
pub(crate) fn position(number: i64) -> Result<Position, ReadError> {
    u64::try_from(number)
        .ok()
        .and_then(Position::from_number)
        .ok_or_else(|| damaged(0, None))
}

/// A stored version.
pub(crate) fn version(number: i64, at: Option<Position>) -> Result<Version, ReadError> {
    u64::try_from(number)
        .ok()
        .and_then(Version::new)
        .ok_or_else(|| damaged(2, at))
}

impl Texts {
    pub(crate) fn stream(
        &mut self,
        connection: &Connection,
        id: i64,
        at: Option<Position>,
    ) -> Result<StreamId, ReadError> {
        if let Some(stream) = self.streams.get(id) {
            return Ok(stream.clone());
        }
        let found: Option<(i64, String)> = connection
            .prepare_cached(sql::STREAM_TEXT)
            .and_then(|mut statement| {
                statement
                    .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .map_err(read_error)?;
        let (category, name) = found.ok_or_else(|| damaged(1, at))?;
        let category = look_up(
            &mut self.categories,
            connection,
            (sql::CATEGORY_TEXT, category),
            |text| Category::new(text).ok(),
        )?
        .ok_or_else(|| damaged(1, at))?;
        let stream = StreamId::in_category(category, name).map_err(|_| damaged(1, at))?;
        self.streams.keep(id, stream.clone());
        Ok(stream)
    }

    /// The number of a stream, where it is known.
    pub(crate) fn number(&self, stream: &StreamId) -> Option<i64> {
        self.numbers.get(stream).copied()
    }

    /// Keeps the number of a stream that was asked for.
    pub(crate) fn found(&mut self, stream: &StreamId, number: i64) {
        self.streams.keep(number, stream.clone());
        if self.numbers.len() >= STREAMS {
            self.numbers.clear();
        }
        self.numbers.insert(stream.clone(), number);
    }

    /// Gives the events that are read from now on names that no others share. Whoever drops the events of the last page
    /// would otherwise count down what is counted up for the next one at the same moment, which makes both wait.
    pub(crate) fn begin_page(&mut self) {
        self.own_names.clear();
    }

    fn name(
        &mut self,
        connection: &Connection,
        id: i64,
        at: Option<Position>,
    ) -> Result<EventName, ReadError> {
        if let Some((_, name)) = self.own_names.iter().find(|(own, _)| *own == id) {
            return Ok(name.clone());
        }
        let name = self.known_name(connection, id, at)?;
        // As many as a look through a list is worth.
        if self.own_names.len() < 16 {
            let name = EventName::new(name.as_str()).unwrap_or(name);
            self.own_names.push((id, name.clone()));
            return Ok(name);
        }
        Ok(name)
    }

    fn known_name(
        &mut self,
        connection: &Connection,
        id: i64,
        at: Option<Position>,
    ) -> Result<EventName, ReadError> {
        look_up(&mut self.names, connection, (sql::NAME_TEXT, id), |text| {
            EventName::new(text).ok()
        })?
        .ok_or_else(|| damaged(4, at))
    }

    fn content_type(
        &mut self,
        connection: &Connection,
        id: i64,
        at: Option<Position>,
    ) -> Result<ContentType, ReadError> {
        look_up(
            &mut self.content_types,
            connection,
            (sql::CONTENT_TYPE_TEXT, id),
            |text| ContentType::new(text).ok(),
        )?
        .ok_or_else(|| damaged(6, at))
    }
}

/// The text of a number, if there is one that passes; looked up once.
fn look_up<T: Clone>(
    known: &mut OfNumbers<T>,
    connection: &Connection,
    (statement, id): (&str, i64),
    check: impl FnOnce(String) -> Option<T>,
) -> Result<Option<T>, ReadError> {
    if let Some(text) = known.get(&id) {
        return Ok(Some(text.clone()));
    }
    let found: Option<String> = connection
        .prepare_cached(statement)
        .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
        .map_err(read_error)?;
    let found = found.and_then(check);
    if let Some(text) = &found {
        known.insert(id, text.clone());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_found_under_its_own_number_and_no_other() {
        let stream = |number: i64| StreamId::new("a", number.to_string()).expect("a legal name");
        let mut streams = Streams::default();
        assert_eq!(streams.get(1), None);
        let most = i64::try_from(STREAMS).expect("a small number");
        let numbers = [1, 2, 3, 1 + most, i64::MAX, -1, 0, i64::MIN];
        for number in numbers {
            streams.keep(number, stream(number));
            assert_eq!(streams.get(number), Some(&stream(number)));
        }
        for number in -10..10 {
            let found = streams.get(number);
            assert!(found.is_none_or(|found| *found == stream(number)));
        }
        // Those that follow one another have a place each.
        for number in 0..most {
            streams.keep(number, stream(number));
        }
        for number in 0..most {
            assert_eq!(streams.get(number), Some(&stream(number)));
        }
        assert_eq!(streams.0.len(), STREAMS);
        assert_eq!(streams.get(most), None);
    }
}
