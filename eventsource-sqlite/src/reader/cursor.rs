//! One read: where it stands, and the next page from there.
//!
//! The bounds are settled before the first page, by the end that the store had then. Since nothing stored ever changes
//! and nothing comes in between, pages that are read later give what one long transaction would have given.

use eventsource_core::{
    Direction, Page, Position, Read, ReadError, Recorded, Scope, Timestamp, Version,
};
use rusqlite::{Connection, types::Value};

use super::{
    head, last_version, one,
    plan::{Lead, Plan, Rest},
    stream_number,
};
use crate::{
    error::{corrupt, read_error},
    row::{self, Texts},
    sql,
};

/// What bounds a page: the number of its events, and about so many bytes of payload.
const PAGE: usize = 256;
const PAGE_BYTES: usize = 1024 * 1024;

/// How many keys are looked at in one go where not every event is wanted, so that a read that nobody wants any more
/// ends soon.
const WINDOW: i64 = 16_384;

/// How many windows are filled into a page that is not empty.
const WINDOWS: usize = 8;

/// Up to how many names are read by one walk along the index for each.
pub(super) const MERGED_NAMES: usize = 16;

/// Up to how many events the bounds of `occurred_at` are turned into bounds of positions.
const NARROWED: i64 = 10_000;

#[derive(Debug)]
pub(super) struct Cursor {
    plan: Plan,
    sql: String,
    /// The keys that are left, both inclusive.
    low: i64,
    high: i64,
    /// How many events may still be given.
    left: u64,
    /// Whether each of the keys must be there.
    dense: bool,
}

impl Cursor {
    /// Settles the bounds. `None` where nothing is to be read.
    pub(super) fn begin(connection: &Connection, read: &Read) -> Result<Option<Self>, ReadError> {
        let stream = match &read.scope {
            Scope::Stream(stream) => {
                let number = stream_number(connection, stream)?;
                let number = number.ok_or_else(|| ReadError::StreamNotFound {
                    stream: stream.clone(),
                })?;
                Some(number)
            }
            _ => None,
        };
        let Some((lead, rest)) = lead(connection, read, stream)? else {
            return Ok(None);
        };
        let Some((low, high)) = bounds(connection, read, stream)? else {
            return Ok(None);
        };
        let backward = read.direction == Direction::Backward;
        let plan = Plan {
            lead,
            rest,
            backward,
        };
        let cursor = Self::new(plan, (low, high), read.limit.unwrap_or(u64::MAX));
        Ok((!cursor.is_done()).then_some(cursor))
    }

    /// All events at these positions.
    pub(super) fn of_positions(first: i64, last: i64) -> Self {
        let plan = Plan {
            lead: Lead::All,
            rest: Rest::default(),
            backward: false,
        };
        Self::new(plan, (first, last), u64::MAX)
    }

    /// The events of a stream after a version and up to another one; `None` where there is none.
    pub(super) fn of_versions(
        stream: i64,
        (after, last): (u64, u64),
        limit: usize,
    ) -> Option<Self> {
        let low = i64::try_from(after).ok()?.checked_add(1)?;
        let high = i64::try_from(last).ok()?;
        let plan = Plan {
            lead: Lead::Stream(stream),
            rest: Rest::default(),
            backward: false,
        };
        let cursor = Self::new(plan, (low, high), limit as u64);
        (!cursor.is_done()).then_some(cursor)
    }

    fn new(plan: Plan, (low, high): (i64, i64), left: u64) -> Self {
        let dense = plan.rest.is_nothing() && matches!(plan.lead, Lead::All | Lead::Stream(_));
        Self {
            sql: plan.sql(),
            plan,
            low,
            high,
            left,
            dense,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.low > self.high || self.left == 0
    }

    pub(super) fn read_to_end(
        mut self,
        connection: &Connection,
        texts: &mut Texts,
    ) -> Result<Vec<Recorded>, ReadError> {
        let mut all = Vec::new();
        while !self.is_done() {
            all.append(&mut self.next_page(connection, texts, &|| true)?);
        }
        Ok(all)
    }

    /// The next events; empty where there are no more, or where nobody wants them.
    pub(super) fn next_page(
        &mut self,
        connection: &Connection,
        texts: &mut Texts,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Page, ReadError> {
        let mut statement = connection.prepare_cached(&self.sql).map_err(read_error)?;
        let (mut page, mut bytes, mut windows) = (Page::new(), 0, 0);
        while !self.is_done()
            && page.len() < PAGE
            && bytes < PAGE_BYTES
            && (page.is_empty() || windows < WINDOWS)
            && is_wanted()
        {
            windows += 1;
            let (low, high) = self.window();
            let limit = ((PAGE - page.len()) as u64).min(self.left);
            let mut values = vec![
                Value::Integer(low),
                Value::Integer(high),
                Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)),
            ];
            values.extend(self.plan.values());
            let mut rows = statement
                .query(rusqlite::params_from_iter(values))
                .map_err(read_error)?;
            let mut given = 0;
            while given < limit && bytes < PAGE_BYTES {
                let Some(row) = rows.next().map_err(read_error)? else {
                    break;
                };
                let event = row::event(row, connection, texts)?;
                self.pass(&event)?;
                bytes += event.payload.bytes().len();
                page.push(event);
                given += 1;
            }
            self.left -= given;
            if given < limit && bytes < PAGE_BYTES {
                self.end_window(low, high)?;
            }
        }
        Ok(page)
    }

    /// The keys to look at next.
    fn window(&self) -> (i64, i64) {
        if self.plan.rest.is_nothing() {
            (self.low, self.high)
        } else if self.plan.backward {
            (
                self.low.max(self.high.saturating_sub(WINDOW - 1)),
                self.high,
            )
        } else {
            (self.low, self.high.min(self.low.saturating_add(WINDOW - 1)))
        }
    }

    /// Goes beyond an event that was found, which must be the next one where each must be there.
    fn pass(&mut self, event: &Recorded) -> Result<(), ReadError> {
        let key = if self.plan.is_of_stream() {
            event.version.get()
        } else {
            event.position.number()
        };
        let key = i64::try_from(key).map_err(|_| corrupt(None, "a number is out of range"))?;
        let next = if self.plan.backward {
            self.high
        } else {
            self.low
        };
        if self.dense && key != next {
            return Err(self.hole(next));
        }
        if self.plan.backward {
            self.high = key.saturating_sub(1);
        } else {
            self.low = key.saturating_add(1);
        }
        Ok(())
    }

    /// Goes beyond keys of which no more was found.
    fn end_window(&mut self, low: i64, high: i64) -> Result<(), ReadError> {
        if self.dense && !self.is_done() {
            return Err(self.hole(if self.plan.backward {
                self.high
            } else {
                self.low
            }));
        }
        if self.plan.backward {
            self.high = low.saturating_sub(1);
        } else {
            self.low = high.saturating_add(1);
        }
        Ok(())
    }

    fn hole(&self, key: i64) -> ReadError {
        if self.plan.is_of_stream() {
            corrupt(None, format!("version {key} of a stream is missing"))
        } else {
            corrupt(row::position(key).ok(), "the event is missing")
        }
    }
}

/// Which index leads the read, and what is asked of each row. `None` where a name or category has never been stored.
fn lead(
    connection: &Connection,
    read: &Read,
    stream: Option<i64>,
) -> Result<Option<(Lead, Rest)>, ReadError> {
    let mut rest = Rest {
        tags: read.filter.tags.iter().cloned().collect(),
        ..Rest::default()
    };
    if read.occurred_from.is_some() || read.occurred_to.is_some() {
        let from = read.occurred_from.unwrap_or(Timestamp::MIN);
        let to = read.occurred_to.unwrap_or(Timestamp::MAX);
        rest.occurred = Some((from.as_micros(), to.as_micros()));
    }
    if let Some(names) = &read.filter.names {
        for name in names {
            rest.names
                .extend(one::<i64>(connection, sql::NAME, [name.as_str()])?);
        }
        if rest.names.is_empty() {
            return Ok(None);
        }
    }
    if let Scope::Category(category) = &read.scope {
        rest.category = one(connection, sql::CATEGORY, [category.as_str()])?;
        if rest.category.is_none() {
            return Ok(None);
        }
    }
    let lead = if let Some(stream) = stream {
        Lead::Stream(stream)
    } else if !rest.tags.is_empty() {
        Lead::Tag(rest.tags.remove(0))
    } else if !rest.names.is_empty() && rest.names.len() <= MERGED_NAMES {
        Lead::Names(std::mem::take(&mut rest.names))
    } else if let Some(category) = rest.category.take() {
        Lead::Category(category)
    } else {
        Lead::All
    };
    Ok(Some((lead, rest)))
}

/// The first and the last key. `None` where nothing lies between.
fn bounds(
    connection: &Connection,
    read: &Read,
    stream: Option<i64>,
) -> Result<Option<(i64, i64)>, ReadError> {
    if let Some(stream) = stream {
        return versions(connection, read, stream);
    }
    let Some((mut low, mut high)) = positions(connection, read)? else {
        return Ok(None);
    };
    if read.occurred_from.is_some() || read.occurred_to.is_some() {
        let from = read.occurred_from.unwrap_or(Timestamp::MIN).as_micros();
        let to = read.occurred_to.unwrap_or(Timestamp::MAX).as_micros();
        let within: (Option<i64>, Option<i64>, i64) = connection
            .prepare_cached(sql::OCCURRED_WITHIN)
            .and_then(|mut statement| {
                statement.query_row([from, to, NARROWED], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
            })
            .map_err(read_error)?;
        match within {
            (Some(first), Some(last), count) if count < NARROWED => {
                (low, high) = (low.max(first), high.min(last));
            }
            (None, ..) => return Ok(None),
            // Too many to tell; each row is asked.
            _ => {}
        }
    }
    Ok((low <= high).then_some((low, high)))
}

/// The positions between the bounds of position and of `recorded_at`, which rises with them, up to the present end.
fn positions(connection: &Connection, read: &Read) -> Result<Option<(i64, i64)>, ReadError> {
    let head = head(connection)?;
    let mut low = clamped(read.from_position.map_or(1, Position::number));
    let mut high = head.min(clamped(read.to_position.map_or(u64::MAX, Position::number)));
    if let Some(from) = read.recorded_from {
        low = low.max(first_recorded(connection, head, |at| {
            at >= from.as_micros()
        })?);
    }
    if let Some(to) = read.recorded_to {
        high = high.min(first_recorded(connection, head, |at| at > to.as_micros())? - 1);
    }
    let nothing_after = read
        .from_position
        .is_some_and(|from| from.number() > i64::MAX as u64);
    Ok((low <= high && !nothing_after).then_some((low, high)))
}

fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The first position whose `recorded_at` passes; the one after the last where none does.
fn first_recorded(
    connection: &Connection,
    head: i64,
    passes: impl Fn(i64) -> bool,
) -> Result<i64, ReadError> {
    first(1, head, |position| {
        let at: Option<i64> = one(connection, sql::RECORDED_AT, [position])?;
        Ok(at.is_none_or(&passes))
    })
}

/// The versions between the bounds of version, position and `recorded_at`, which all rise along a stream.
fn versions(
    connection: &Connection,
    read: &Read,
    stream: i64,
) -> Result<Option<(i64, i64)>, ReadError> {
    let last = clamped(Version::number(last_version(connection, stream)?));
    let mut low = clamped(Version::number(read.from_version).max(1));
    let mut high = last.min(read.to_version.map_or(i64::MAX, |to| clamped(to.get())));
    let is_bounded = read.from_position.is_some()
        || read.to_position.is_some()
        || read.recorded_from.is_some()
        || read.recorded_to.is_some();
    if is_bounded && low <= high {
        let Some((from, to)) = positions(connection, read)? else {
            return Ok(None);
        };
        let position = |version: i64| -> Result<i64, ReadError> {
            one(connection, sql::POSITION_OF_VERSION, [stream, version])?
                .ok_or_else(|| corrupt(None, format!("version {version} of a stream is missing")))
        };
        (low, high) = (
            first(low, high, |version| Ok(position(version)? >= from))?,
            first(low, high, |version| Ok(position(version)? > to))? - 1,
        );
    }
    let nothing_after = read
        .from_version
        .is_some_and(|from| from.get() > i64::MAX as u64);
    Ok((low <= high && !nothing_after).then_some((low, high)))
}

/// The first number from `low` to `high` that passes, where all after it pass too; the one after `high` where none does.
fn first(
    mut low: i64,
    high: i64,
    passes: impl Fn(i64) -> Result<bool, ReadError>,
) -> Result<i64, ReadError> {
    let mut end = high.saturating_add(1);
    while low < end {
        let middle = low + (end - low) / 2;
        if passes(middle)? {
            end = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}
