//! What is in the table of fills, beside what is in the store.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{path::Path, time::Duration};

use eventsource_core::{EventStore as _, Read};
use rusqlite::{Connection, OpenFlags};

use crate::common::open;

/// A connection of its own, of which nothing is known but the file. It sees the plain name.
pub(crate) fn connect(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let raw = Connection::open_with_flags(path, flags).unwrap();
    raw.busy_timeout(Duration::from_secs(60)).unwrap();
    raw
}

/// How many events there are, where each of them is in the table once, and they were taken in in their order; otherwise
/// where it is not so.
#[expect(clippy::future_not_send, reason = "a test awaits it where it began")]
pub(crate) async fn whole(path: &Path) -> Result<i64, String> {
    let (store, raw) = (open(path).await, connect(path));
    let mut events = store.read(Read::all());
    let sql = "SELECT position, version, jar FROM fills ORDER BY place";
    let mut rows = raw.prepare(sql).unwrap();
    let mut rows = rows.query([]).unwrap();
    let mut number = 0;
    loop {
        let event = events.next().await.unwrap();
        let event = event.map(|event| {
            let numbers = [event.position.number(), event.version.get()];
            let jar = event.stream.id().to_owned();
            (numbers.map(|number| i64::try_from(number).unwrap()), jar)
        });
        let row = rows.next().unwrap().map(|row| {
            let numbers: [i64; 2] = [row.get(0).unwrap(), row.get(1).unwrap()];
            (numbers, row.get(2).unwrap())
        });
        if row != event {
            return Err(format!("{row:?} in place of {event:?}"));
        }
        if event.is_none() {
            return Ok(number);
        }
        number += 1;
    }
}
