//! What the statements of handlers may not do, and what they may.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{path::Path, sync::Arc};

use common::{event, folder, open, stream};
use eventsource_core::{
    Advance, Append, AppendKey, Build, EventStore, Expected, Fingerprint, Generation, Position,
    ProjectionName, ProjectionStore, ReadModelWork, Tag, Timestamp, TransactionalStore,
    projection::{DeliveryFailure, Index, Table},
};
use eventsource_sqlite::{
    SqliteRowError, SqliteStore, SqliteTx, SqliteTxError, SqliteTypeError, SqliteValue, ToSqlite,
};
use rusqlite::Connection;

const MINE: Table = Table::new(
    "mine",
    "id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT UNIQUE, number INTEGER, bytes BLOB, half REAL",
)
.with_indexes(&[Index::new("by_number", "number")]);
const THEIRS: Table = Table::new("theirs", "id INTEGER PRIMARY KEY, secret TEXT");

/// A type of a domain that does not look at what it gives.
struct Ratio(f64);

impl ToSqlite for Ratio {
    fn to_sqlite(self) -> Result<SqliteValue, SqliteTypeError> {
        Ok(SqliteValue::Real(self.0))
    }
}

fn name(text: &str) -> ProjectionName {
    ProjectionName::new(text).unwrap()
}

/// A store with an event and everything that belongs to one, a live generation of two projections, and one that follows.
async fn filled(path: &Path) -> SqliteStore {
    let store = open(path).await;
    let mut tagged = event(1);
    tagged.tags = [Tag::new("t").unwrap()].into();
    let append = Append::to(stream("a"), Expected::NoStream, [tagged]);
    let append = append.with_key(AppendKey::new("k").unwrap());
    store.append(append).await.unwrap();
    for (projection, table, live) in [
        ("mine", MINE, true),
        ("mine", MINE, false),
        ("theirs", THEIRS, true),
    ] {
        let mut build = Build::new(name(projection), (1, Fingerprint::new(1))).with_tables([table]);
        build.live = live;
        store.begin_generation(build).await.unwrap();
    }
    store
}

/// Works within the first generation of `mine`, without moving its checkpoint.
async fn within(
    store: &SqliteStore,
    act: impl Fn(&SqliteTx) -> Result<(), SqliteTxError> + Send + Sync + 'static,
) {
    let advance = Advance::new(name("mine"), Generation::FIRST, (None, None));
    let work: ReadModelWork<SqliteTx> = Box::new(move |tx| {
        act(tx).map_err(|error| {
            DeliveryFailure::undone(0, eventsource_core::projection::HandlerError::new(error))
        })
    });
    store.advance_in(advance, work).await.unwrap();
}

/// All that the file holds, as texts.
fn dump(path: &Path) -> Vec<String> {
    let raw = Connection::open(path).unwrap();
    let mut tables = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut all = Vec::new();
    for table in tables.map(Result::unwrap) {
        let mut rows = raw.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let width = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..width).map(|n| format!("{:?}", row.get_ref(n).unwrap()));
            all.push(format!("{table}: {}", values.collect::<Vec<_>>().join(" ")));
        }
    }
    let mut schema = raw
        .prepare("SELECT coalesce(sql, name) FROM sqlite_schema")
        .unwrap();
    let schema = schema.query_map([], |row| row.get(0)).unwrap();
    all.extend(schema.map(Result::unwrap));
    all
}

/// Each is refused by what it touches, whoever asks for its rows.
const REFUSED: &[&str] = &[
    // The store's own tables: read, counted, joined, behind another name, changed.
    "SELECT payload FROM events",
    "SELECT count(*) FROM events",
    "SELECT e.payload FROM mine__g1 m, events e",
    "SELECT m.id FROM mine__g1 m, streams",
    "WITH mine__g1 AS (SELECT payload FROM events) SELECT payload FROM mine__g1",
    "WITH x AS (SELECT * FROM events) SELECT count(*) FROM x",
    "SELECT (SELECT max(position) FROM events)",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM events)",
    "SELECT 1 UNION SELECT id FROM streams",
    "INSERT INTO mine__g1 (text) SELECT payload FROM events",
    "UPDATE mine__g1 SET text = (SELECT name FROM streams)",
    "DELETE FROM mine__g1 WHERE id IN (SELECT position FROM events)",
    "SELECT * FROM snapshots",
    "SELECT * FROM append_keys",
    "SELECT * FROM tags",
    "SELECT * FROM leases",
    "SELECT * FROM projections",
    "SELECT * FROM main.parked_events",
    "INSERT INTO leases VALUES ('a', 1, 'b', 0)",
    "UPDATE projection_generations SET checkpoint = 7",
    "DELETE FROM parked_events",
    "DELETE FROM snapshots",
    "INSERT INTO names (name) VALUES ('a')",
    // Other projections, and other generations: by either name.
    "SELECT secret FROM theirs",
    "SELECT count(*) FROM theirs",
    "SELECT secret FROM theirs__g1",
    "SELECT secret FROM THEIRS__G1",
    "SELECT secret FROM \"theirs__g1\" AS mine__g1",
    "INSERT INTO theirs__g1 VALUES (1, 'a')",
    "UPDATE theirs__g1 SET secret = 'a'",
    "DELETE FROM theirs__g1",
    "SELECT * FROM mine__g2",
    "INSERT INTO mine__g2 (text) VALUES ('a')",
    "SELECT * FROM mine",
    "INSERT INTO mine (text) VALUES ('a')",
    // The schema.
    "SELECT sql FROM sqlite_schema",
    "SELECT sql FROM sqlite_master",
    "SELECT * FROM sqlite_sequence",
    "SELECT name FROM sqlite_temp_schema",
    "CREATE TABLE a (b)",
    "CREATE TABLE a AS SELECT 1",
    "CREATE TEMP TABLE a (b)",
    "CREATE VIEW a AS SELECT 1",
    "CREATE TEMP VIEW a AS SELECT 1",
    "CREATE INDEX a ON mine__g1 (text)",
    "CREATE TRIGGER a AFTER INSERT ON mine__g1 BEGIN SELECT 1; END",
    "CREATE TEMP TRIGGER a AFTER INSERT ON mine__g1 BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE a USING fts5(b)",
    "DROP TABLE mine__g1",
    "DROP TABLE events",
    "DROP VIEW mine",
    "DROP INDEX mine__g1__by_number",
    "ALTER TABLE mine__g1 ADD COLUMN c",
    "ALTER TABLE mine__g1 RENAME TO a",
    "ALTER TABLE mine__g1 DROP COLUMN half",
    "REINDEX",
    "REINDEX mine__g1",
    "ANALYZE",
    "ANALYZE mine__g1",
    // Settings.
    "PRAGMA user_version = 7",
    "PRAGMA user_version",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = DELETE",
    "SELECT * FROM pragma_table_info('events')",
    "SELECT * FROM pragma_user_version",
    // Other files.
    "ATTACH ':memory:' AS other",
    "DETACH main",
    // Transactions.
    "BEGIN",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT a",
    "RELEASE one_append",
    "ROLLBACK TO one_append",
];

#[tokio::test]
async fn a_statement_that_touches_anything_else_is_refused_and_changes_nothing() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    let before = dump(&path);
    within(&store, |tx| {
        let mut others = Vec::new();
        for sql in REFUSED {
            let outcomes = [tx.execute(sql, ()).err(), tx.query(sql, ()).err()];
            let is_refused =
                |error: &Option<_>| matches!(error, Some(SqliteTxError::Refused { .. }));
            if !outcomes.iter().all(is_refused) {
                others.push((sql, outcomes));
            }
        }
        assert!(others.is_empty(), "{others:#?}");
        // Refused for another reason, but refused.
        for sql in [
            "VACUUM",
            "UPDATE sqlite_schema SET sql = ''",
            "SELECT load_extension('a')",
            "VACUUM INTO 'copy.db'",
            "SELECT 1; DROP TABLE events",
            "SELECT 1; SELECT payload FROM events",
            "INSERT INTO mine__g1 (text) VALUES ('a'); COMMIT",
            "EXPLAIN SELECT payload FROM events",
            "EXPLAIN QUERY PLAN SELECT payload FROM events",
            "nonsense",
            "",
        ] {
            assert!(
                tx.query(sql, ()).is_err() && tx.execute(sql, ()).is_err(),
                "{sql}"
            );
        }
        for table in ["theirs", "events", "other", "mine__g1"] {
            let undeclared = tx.table(table).expect_err(table);
            assert!(
                matches!(undeclared, SqliteTxError::UndeclaredTable { .. }),
                "{undeclared:?}"
            );
        }
        Ok(())
    })
    .await;
    assert_eq!(dump(&path), before);
}

#[tokio::test]
async fn the_store_goes_on_with_its_own_statements_and_each_projection_with_its_own() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    // The same text, once by one and once by the other, before and after the schema has changed.
    for round in 0..3_u64 {
        for (projection, table, other) in [
            ("mine", "mine__g1", "theirs__g1"),
            ("theirs", "theirs__g1", "mine__g1"),
        ] {
            let advance = Advance::new(name(projection), Generation::FIRST, (None, None));
            let work: ReadModelWork<SqliteTx> = Box::new(move |tx| {
                assert!(tx.query(&format!("SELECT * FROM {table}"), ()).is_ok());
                assert!(tx.query(&format!("SELECT * FROM {other}"), ()).is_err());
                assert!(tx.query("SELECT max(position) FROM events", ()).is_err());
                Ok(())
            });
            store.advance_in(advance, work).await.unwrap();
        }
        let more = Append::to(stream("a"), Expected::Any, [event(round + 2)]);
        store.append(more).await.unwrap();
        let table = [Table::new("more", "id INTEGER")];
        let more = Build::new(name("more"), (1, Fingerprint::new(1))).with_tables(table);
        store.begin_generation(more).await.unwrap();
    }
    assert_eq!(store.head().await.unwrap(), Position::from_number(4));
}

#[tokio::test]
async fn what_a_handler_needs_works() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    within(&store, |tx| {
        let mine = tx.table("Mine")?;
        let insert = format!("INSERT INTO {mine} (text, number, bytes, half) VALUES (?1, ?2, ?3, ?4)");
        assert_eq!(tx.execute(&insert, ("a", 1_u64, &b"\0"[..], 0.5))?, 1);
        let nothing = (None::<String>, None::<i64>, None::<Vec<u8>>, None::<f64>);
        tx.execute(&insert, nothing)?;
        let time = Timestamp::from_micros(7);
        let given = (String::from("b"), time, vec![1_u8], 2.0);
        tx.execute(&insert, given)?;
        let upsert = format!(
            "INSERT INTO {mine} (text, number) VALUES (?1, ?2)
             ON CONFLICT (text) DO UPDATE SET number = number + excluded.number RETURNING number"
        );
        assert_eq!(tx.query_one(&upsert, ("a", 5))?.get::<i64>(0)?, 6);
        let all = format!("SELECT * FROM {mine} ORDER BY id");
        let rows = tx.query(&all, ())?;
        assert_eq!(rows[0].columns(), ["id", "text", "number", "bytes", "half"]);
        assert_eq!(rows[0].get::<u32>("id")?, 1);
        assert_eq!(rows[0].get::<Vec<u8>>("bytes")?, b"\0");
        assert_eq!(rows[1].get::<Option<String>>("text")?, None);
        assert_eq!(rows[2].get::<Timestamp>("number")?, time);
        let wrong = rows[0].get::<i64>("text").expect_err("a text");
        assert!(matches!(wrong, SqliteRowError::Type { .. }), "{wrong:?}");
        let nowhere = rows[0].get::<i64>("c").expect_err("no such column");
        assert!(matches!(nowhere, SqliteRowError::NoColumn { .. }), "{nowhere:?}");
        // Joins with itself, lists, recursion, functions, windows, subqueries.
        for sql in [
            format!("SELECT a.id FROM {mine} a JOIN {mine} b USING (id)"),
            format!("SELECT count(*) FROM {mine}"),
            format!("SELECT sum(number) OVER (ORDER BY id) FROM {mine}"),
            format!("WITH x AS (SELECT id FROM {mine}) SELECT id FROM x"),
            format!("SELECT id FROM {mine} WHERE text IN (SELECT value FROM json_each('[\"a\"]'))"),
            format!("SELECT upper(text), strftime('%Y', number, 'unixepoch') FROM {mine}"),
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n".to_owned(),
        ] {
            assert!(!tx.query(&sql, ())?.is_empty(), "{sql}");
        }
        let one = format!("SELECT * FROM {mine} WHERE text = ?1");
        assert!(tx.query_optional(&one, ["z"])?.is_none());
        assert!(matches!(tx.query_one(&one, ["z"]), Err(SqliteTxError::NoRow { .. })));
        assert!(matches!(tx.query_one(&all, ()), Err(SqliteTxError::MoreRows { .. })));
        // Values that are not there, too many, or none that SQLite has.
        assert!(matches!(tx.query(&one, ()), Err(SqliteTxError::Sql { .. })));
        assert!(matches!(tx.query(&one, ("a", "b")), Err(SqliteTxError::Sql { .. })));
        assert!(matches!(tx.query(&one, [u64::MAX]), Err(SqliteTxError::Value(_))));
        for none in [f64::NAN.to_sqlite(), Ok(SqliteValue::Real(f64::NAN))] {
            let refused = none.map_err(SqliteTxError::from).and_then(|nan| tx.query(&one, [nan]));
            assert!(matches!(refused, Err(SqliteTxError::Value(_))), "{refused:?}");
        }
        assert!(matches!(tx.execute(&insert, ("c", 1, &b""[..], Ratio(f64::NAN))), Err(SqliteTxError::Value(_))));
        assert_eq!(tx.query(&one, [f64::INFINITY])?.len(), 0);
        let update = format!("UPDATE {mine} SET number = 0 WHERE text = ?1");
        assert_eq!(tx.execute(&update, ["a"])?, 1);
        assert_eq!(tx.execute(&format!("DELETE FROM {mine}"), ())?, 3);
        Ok(())
    })
    .await;
    drop(Arc::new(store));
}
