//! One read: where it stands, and the next page from there.
//!
//! The bounds are settled before the first page, by the end that the store had then. Since nothing stored ever changes
//! and nothing comes in between, pages that are read later give what one long transaction would have given. Only a trim
//! takes something away: each page looks for it, and what is missing without a trim is damage.

use eventsource_core::{Direction, Page, Read, ReadError, Recorded, Scope};
use rusqlite::{Connection, types::Value};

use super::{
    bounds::{bounds, lead},
    first_version, one,
    plan::{Lead, Plan, Rest},
    stream_number,
};
use crate::{
    error::{corrupt, read_error},
    row::{self, Texts},
    sql,
};

/// What bounds a page: the number of its events, and about so many bytes of payload. The first page is a small one; each
/// that a read needs after it has twice as many events, up to a bound: a hop between threads costs as much as reading
/// twenty events.
const PAGE: usize = 256;
const PAGE_AT_MOST: usize = 1_024;
const PAGE_BYTES: usize = 1024 * 1024;

/// How many keys are looked at in one go where not every event is wanted, so that a read that nobody wants any more
/// ends soon.
const WINDOW: i64 = 16_384;

/// How many windows are looked at for a page, also for one that stays empty, so that others get their turn.
const WINDOWS: usize = 4;

#[derive(Debug)]
pub(super) struct Cursor {
    plan: Plan,
    sql: String,
    /// The keys that are left, both inclusive.
    low: i64,
    high: i64,
    /// How many events may still be given.
    left: u64,
    /// How many events the next page has at the most.
    page: usize,
    /// Whether each of the keys must be there, but for those that were trimmed.
    dense: bool,
    /// Whether a page has been read.
    begun: bool,
    /// Whether an event has been given.
    has_given: bool,
}

impl Cursor {
    /// Settles the bounds. `None` where nothing is to be read.
    pub(super) fn begin(
        connection: &Connection,
        texts: &mut Texts,
        read: &Read,
    ) -> Result<Option<Self>, ReadError> {
        let stream = match &read.scope {
            Scope::Stream(stream) => {
                let number = stream_number(connection, texts, stream)?;
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
            page: PAGE,
            dense,
            begun: false,
            has_given: false,
        }
    }

    #[cfg(feature = "fault")]
    pub(super) fn sql(&self) -> &str {
        &self.sql
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

    /// The next events, within one transaction. They may be none although there are more: the cursor then stands further
    /// on.
    pub(super) fn next_page(
        &mut self,
        connection: &Connection,
        texts: &mut Texts,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Page, ReadError> {
        if self.begun {
            self.meet_trim(connection, texts)?;
        }
        self.begun = true;
        texts.begin_page();
        let mut statement = connection.prepare_cached(&self.sql).map_err(read_error)?;
        let most = self.page;
        let (mut page, mut bytes, mut windows) = (Page::new(), 0, 0);
        while !self.is_done()
            && page.len() < most
            && bytes < PAGE_BYTES
            && windows < WINDOWS
            && is_wanted()
        {
            windows += 1;
            let (low, high) = self.window();
            let limit = ((most - page.len()) as u64).min(self.left);
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
                self.pass(connection, &event)?;
                bytes += event.payload.bytes().len();
                page.push(event);
                given += 1;
            }
            self.left -= given;
            if given < limit && bytes < PAGE_BYTES {
                self.end_window(connection, low, high)?;
            }
        }
        if page.len() == most {
            self.page = (2 * most).min(PAGE_AT_MOST);
        }
        self.has_given |= !page.is_empty();
        Ok(page)
    }

    /// What was trimmed of a stream since the last page is not looked for, and is no end in the middle.
    fn meet_trim(&mut self, connection: &Connection, texts: &mut Texts) -> Result<(), ReadError> {
        let Lead::Stream(stream) = self.plan.lead else {
            return Ok(());
        };
        let first = first_version(connection, stream)?;
        if self.low < first {
            if self.has_given && !self.plan.backward {
                return Err(ReadError::Trimmed {
                    stream: texts.stream(connection, stream, None)?,
                    first: row::version(first, None)?,
                });
            }
            self.low = first;
        }
        Ok(())
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
    fn pass(&mut self, connection: &Connection, event: &Recorded) -> Result<(), ReadError> {
        let key = if self.plan.is_of_stream() {
            event.version.get()
        } else {
            event.position.number()
        };
        let key = i64::try_from(key).map_err(|_| corrupt(None, "a number is out of range"))?;
        if self.dense && self.plan.backward {
            self.check_gap(connection, key.saturating_add(1), self.high)?;
        } else if self.dense {
            self.check_gap(connection, self.low, key.saturating_sub(1))?;
        }
        if self.plan.backward {
            self.high = key.saturating_sub(1);
        } else {
            self.low = key.saturating_add(1);
        }
        Ok(())
    }

    /// Goes beyond keys of which no more was found.
    fn end_window(
        &mut self,
        connection: &Connection,
        low: i64,
        high: i64,
    ) -> Result<(), ReadError> {
        if self.dense && !self.is_done() {
            self.check_gap(connection, self.low, self.high)?;
        }
        if self.plan.backward {
            self.high = low.saturating_sub(1);
        } else {
            self.low = high.saturating_add(1);
        }
        Ok(())
    }

    /// Whether everything from `next` to `last`, which is not there, was trimmed. A stream that was trimmed begins later
    /// and has no gaps.
    fn check_gap(
        &self,
        connection: &Connection,
        mut next: i64,
        last: i64,
    ) -> Result<(), ReadError> {
        while next <= last {
            let end: Option<i64> = if self.plan.is_of_stream() {
                None
            } else {
                one(connection, sql::GAP, [next])?
            };
            match end {
                Some(end) if end >= next => next = end.saturating_add(1),
                _ => return Err(self.hole(next)),
            }
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

#[cfg(test)]
mod tests {
    use eventsource_core::{EventName, StreamId};

    use super::*;

    const TURNS: i64 = 2;

    /// As many events as fill two turns and begin a third one, all of the name `often`.
    fn filled() -> Connection {
        let connection = crate::migrations::in_memory();
        let count = WINDOW * i64::try_from(WINDOWS).expect("a small number") * TURNS + 1;
        let fill = format!(
            "INSERT INTO categories VALUES (1, 'a'); INSERT INTO streams VALUES (1, 1, '1');
             INSERT INTO names VALUES (1, 'often'), (2, 'never');
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO events SELECT i, 1, 1, i, unhex(printf('%032x', i)), 1, 1, NULL, x'', 0, 0,
                 NULL, NULL, NULL, NULL, NULL FROM n;"
        );
        connection.execute_batch(&fill).expect("the events");
        connection
    }

    #[test]
    fn a_read_that_finds_nothing_lets_others_take_turns() {
        let connection = filled();
        let stream = StreamId::new("a", "1").expect("a stream");
        let never = EventName::new("never").expect("a name");
        let read = Read::stream(stream).named([never]);
        for read in [read.clone(), read.backward()] {
            let mut cursor = Cursor::begin(&connection, &mut Texts::default(), &read)
                .expect("bounds")
                .expect("something to look at");
            let mut turns = 0;
            while !cursor.is_done() {
                let page = cursor
                    .next_page(&connection, &mut Texts::default(), &|| true)
                    .expect("a page");
                assert!(page.is_empty());
                turns += 1;
            }
            assert_eq!(turns, TURNS + 1);
        }
    }
}
