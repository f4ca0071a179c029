//! Accounts, and what is in each of them, in a table.

use std::{convert::Infallible, fmt, path::Path, sync::Arc};

use eventsource_core::{
    Append, EventId, EventName, EventStore, Expected, Generation, IdSource, NewEvent,
    ProjectionName, ProjectionStore, StoredGeneration, StoredPayload, Timestamp, UuidV7,
    prelude::*,
    projection::{HandlesIn, Table},
};
use eventsource_sqlite::{OpenError, SqliteOptions, SqliteStore, SqliteTx};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::common::stream;

/// In version 1 it had whole units.
#[derive(Debug, Event, Serialize, Deserialize)]
#[event(name = "money.moved", version = 2)]
pub(crate) struct Moved {
    #[event(was(units: i64, before = 2, with = in_haler))]
    haler: i64,
}

fn in_haler(units: i64) -> i64 {
    if units == 13 {
        fail();
    }
    units * 100
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = String, error = Infallible, events(Moved))]
pub(crate) struct Account;

impl Apply<Moved> for Account {
    fn apply(&mut self, _: &Moved) {}
}

pub(crate) const BALANCES: Table = Table::new(
    "balances",
    "account TEXT PRIMARY KEY, haler INTEGER NOT NULL CHECK (haler >= 0)",
);

#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account), events(Moved), transaction = SqliteTx)]
pub(crate) struct Balances;

impl ReadModel for Balances {
    const TABLES: &'static [Table] = &[BALANCES];
}

/// The next version: it counts in tens.
#[derive(Projection)]
#[projection(name = "balances", version = 2, from(Account), events(Moved), transaction = SqliteTx)]
pub(crate) struct Tens;

impl ReadModel for Tens {
    const TABLES: &'static [Table] = &[BALANCES];
}

/// The first version once more, with a table more: somebody has forgotten to raise the version.
#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account), events(Moved), transaction = SqliteTx)]
pub(crate) struct Redefined;

impl ReadModel for Redefined {
    const TABLES: &'static [Table] = &[BALANCES, Table::new("notes", "note TEXT")];
}

/// The first version as it is, and each amount is shown to somebody before it is taken in.
#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account), events(Moved), transaction = SqliteTx)]
pub(crate) struct Watched(pub(crate) Arc<dyn Fn(i64) + Send + Sync>);

impl ReadModel for Watched {
    const TABLES: &'static [Table] = &[BALANCES];
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

fn fail() {
    panic!("as the test wants")
}

fn add(tx: &SqliteTx, envelope: &Envelope<'_>, haler: i64) -> Result<(), HandlerError> {
    if haler == 13 {
        fail();
    }
    let balances = tx.table("balances")?;
    let sql = format!(
        "INSERT INTO {balances} VALUES (?1, max(?2, 0))
         ON CONFLICT (account) DO UPDATE SET haler = haler + ?2"
    );
    tx.execute(&sql, (envelope.stream.id(), haler))?;
    Ok(())
}

macro_rules! adds {
    ($($projection:ty: $haler:expr;)*) => {$(
        impl ProjectIn<SqliteTx, Moved> for $projection {
            fn project(
                &self,
                moved: &Moved,
                envelope: &Envelope<'_>,
                tx: &mut SqliteTx,
            ) -> Result<(), HandlerError> {
                let haler: fn(&Self, i64) -> i64 = $haler;
                add(tx, envelope, haler(self, moved.haler))
            }
        }
    )*};
}

adds! {
    Balances: |_, haler| haler;
    Tens: |_, haler| haler / 10;
    Redefined: |_, haler| haler;
    Watched: |watched, haler| { (watched.0)(haler); haler };
}

pub(crate) fn with(path: &Path, projection: impl HandlesIn<SqliteTx>) -> SqliteOptions {
    SqliteOptions::new(path).with_inline(projection).unwrap()
}

pub(crate) async fn try_open_with(
    path: &Path,
    projection: impl HandlesIn<SqliteTx>,
) -> Result<SqliteStore, OpenError> {
    SqliteStore::open_with(with(path, projection)).await
}

pub(crate) async fn open_with(path: &Path, projection: impl HandlesIn<SqliteTx>) -> SqliteStore {
    try_open_with(path, projection).await.unwrap()
}

pub(crate) fn raw(json: &str) -> NewEvent {
    in_version(2, json)
}

pub(crate) fn in_version(schema_version: u32, json: &str) -> NewEvent {
    NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("money.moved").unwrap(),
        schema_version,
        StoredPayload::json(json.as_bytes()),
        Timestamp::EPOCH,
    )
}

pub(crate) fn moved(id: &str, halers: impl IntoIterator<Item = i64>) -> Append {
    let events = halers
        .into_iter()
        .map(|haler| raw(&format!("{{\"haler\":{haler}}}")));
    Append::to(stream(id), Expected::Any, events.collect::<Vec<_>>())
}

pub(crate) fn balance(path: &Path) -> i64 {
    let raw = Connection::open(path).unwrap();
    let sum = "SELECT coalesce(sum(haler), 0) FROM balances";
    raw.query_row(sum, [], |row| row.get(0)).unwrap()
}

pub(crate) fn name() -> ProjectionName {
    ProjectionName::new("balances").unwrap()
}

pub(crate) async fn generations(store: &SqliteStore) -> Vec<StoredGeneration> {
    let found = store.find_projection(&name()).await.unwrap();
    found.unwrap().generations
}

/// The live generation, which is the only one, and whether it is where the store is.
pub(crate) async fn live(store: &SqliteStore) -> (Generation, bool) {
    let found = store.find_projection(&name()).await.unwrap().unwrap();
    assert_eq!(found.generations.len(), 1);
    let live = found.live().unwrap();
    (
        live.generation,
        live.checkpoint == store.head().await.unwrap(),
    )
}
