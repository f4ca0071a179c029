//! Reading read models: of one moment, under their plain names, and nothing else.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Barrier},
};

use common::{folder, one, open};
use eventsource_core::{
    Advance, Build, EventStore, Fingerprint, Generation, Position, ProjectionName, ProjectionStore,
    ReadModelWork, TransactionalStore,
    projection::{DeliveryFailure, HandlerError, Table},
};
use eventsource_sqlite::{
    OpenError, SqliteReadError, SqliteReadModels, SqliteStore, SqliteTx, SqliteTxError,
};
use rusqlite::Connection;

const MARKS: Table = Table::new(
    "marks",
    "id INTEGER PRIMARY KEY, generation INTEGER NOT NULL",
);
const COUNTS: Table = Table::new(
    "counts",
    "id INTEGER PRIMARY KEY, generation INTEGER NOT NULL",
);

fn name(text: &str) -> ProjectionName {
    ProjectionName::new(text).unwrap()
}

/// Begins a generation whose tables say in each row which one they are of, and whose checkpoint says so, too.
async fn built(store: &SqliteStore, live: bool) -> Generation {
    let mut build =
        Build::new(name("marks"), (1, Fingerprint::new(1))).with_tables([MARKS, COUNTS]);
    build.live = live;
    let begun = store.begin_generation(build).await.unwrap();
    let to = Position::from_number(begun.generation.number());
    let advance = Advance::new(name("marks"), begun.generation, (None, to));
    let mark = |tx: &SqliteTx| -> Result<(), SqliteTxError> {
        for table in ["marks", "counts"] {
            let table = tx.table(table)?;
            let insert = format!("INSERT INTO {table} (generation) VALUES (?1)");
            for _ in 0..50 {
                tx.execute(&insert, [tx.generation().number()])?;
            }
        }
        Ok(())
    };
    let work: ReadModelWork<SqliteTx> = Box::new(move |tx| {
        mark(tx).map_err(|error| DeliveryFailure::undone(0, HandlerError::new(error)))
    });
    store.advance_in(advance, work).await.unwrap();
    begun.generation
}

#[tokio::test]
async fn the_head_of_the_store_is_a_number_that_moves_with_it() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let models = SqliteReadModels::open(&path).await.unwrap();
    assert_eq!(models.head().await.unwrap(), None);
    for number in 1..=2 {
        store.append(one("a")).await.unwrap();
        let head = models.head().await.unwrap();
        assert_eq!(head, Position::from_number(number));
        assert_eq!(head, store.head().await.unwrap());
    }
}

#[tokio::test]
async fn a_query_reads_what_is_live_by_its_plain_name_and_nothing_else() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    built(&store, true).await;
    let next = built(&store, false).await;
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("CREATE VIEW spy AS SELECT payload FROM events; CREATE TABLE mine (a)")
        .unwrap();
    let own = SqliteReadModels::open(&path).await.unwrap();
    for models in [&own, &store.read_models().await.unwrap()] {
        for sql in [
            "SELECT payload FROM events",
            "SELECT count(*) FROM events",
            "SELECT m.id FROM marks m, streams",
            "WITH marks AS (SELECT payload FROM events) SELECT payload FROM marks",
            "SELECT payload FROM spy",
            "SELECT * FROM mine",
            "SELECT * FROM snapshots",
            "SELECT * FROM append_keys",
            "SELECT * FROM projections",
            "SELECT * FROM parked_events",
            "SELECT * FROM marks__g2",
            "SELECT sql FROM sqlite_schema",
            "SELECT * FROM pragma_table_info('events')",
            "PRAGMA user_version",
            "PRAGMA query_only = OFF",
            "INSERT INTO marks (generation) VALUES (1)",
            "INSERT INTO marks__g1 (generation) VALUES (1)",
            "DELETE FROM marks__g1",
            "CREATE TEMP TABLE a (b)",
            "CREATE TEMP VIEW marks AS SELECT payload FROM main.events",
            "DROP VIEW marks",
            "ATTACH ':memory:' AS other",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT a",
            "ANALYZE",
        ] {
            let refused = models.query(sql, ()).await.expect_err(sql);
            assert!(
                matches!(refused, SqliteReadError::Refused { .. }),
                "{refused:?}"
            );
        }
        for sql in [
            "VACUUM",
            "VACUUM INTO 'a'",
            "SELECT 1; SELECT 2",
            "nonsense",
            "SELECT * FROM nowhere",
        ] {
            let failed = models.query(sql, ()).await.expect_err(sql);
            assert!(
                matches!(
                    failed,
                    SqliteReadError::Sql { .. } | SqliteReadError::Refused { .. }
                ),
                "{failed:?}"
            );
        }
        let sum = "SELECT count(*) AS n, max(generation) AS g FROM marks JOIN counts USING (id, generation)";
        let row = models.query_one(sum, ()).await.unwrap();
        assert_eq!(
            (row.get::<u64>("n").unwrap(), row.get::<u64>("g").unwrap()),
            (50, 1)
        );
        assert_eq!(
            models.checkpoint(&name("marks")).await.unwrap(),
            Position::from_number(1)
        );
        let other = models.checkpoint(&name("other")).await;
        assert!(
            matches!(other, Err(SqliteReadError::NoProjection { .. })),
            "{other:?}"
        );
    }
    store.switch_to(&name("marks"), next, None).await.unwrap();
    let row = own
        .query_one("SELECT DISTINCT generation FROM marks", ())
        .await
        .unwrap();
    assert_eq!(row.get::<u64>(0).unwrap(), 2);
    // Also where nobody writes any more.
    store.close().await;
    let alone = SqliteReadModels::open(&path).await.unwrap();
    let row = alone
        .query_optional("SELECT id FROM marks WHERE id = ?1", [7])
        .await
        .unwrap();
    assert_eq!(row.unwrap().get::<i64>("id").unwrap(), 7);
}

#[tokio::test]
async fn the_read_models_of_a_closed_store_are_closed() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    built(&store, true).await;
    let (models, other) = (store.read_models().await.unwrap(), store.clone());
    assert!(models.query("SELECT 1", ()).await.is_ok());
    store.close().await;
    let refused = models.query("SELECT 1", ()).await.expect_err("closed");
    assert!(
        matches!(refused, SqliteReadError::Engine { .. }),
        "{refused:?}"
    );
    assert!(other.read_models().await.is_err());
    // The last connection took the log with it.
    assert!(!path.with_extension("db-wal").exists());
}

async fn refused(path: &Path) -> OpenError {
    SqliteReadModels::open(path)
        .await
        .expect_err("not to be opened")
}

#[tokio::test]
async fn only_the_file_of_a_store_of_this_version_is_read_and_none_is_made() {
    let (_folder, path) = folder();
    let missing = refused(&path).await;
    assert!(
        matches!(missing, OpenError::FileMissing { .. }),
        "{missing:?}"
    );
    assert!(!path.exists());
    std::fs::write(&path, "a letter".repeat(1000)).unwrap();
    let letter = refused(&path).await;
    assert!(
        matches!(letter, OpenError::NotADatabase { .. }),
        "{letter:?}"
    );
    std::fs::remove_file(&path).unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("CREATE TABLE a (b)").unwrap();
    let foreign = refused(&path).await;
    assert!(
        matches!(foreign, OpenError::ForeignDatabase { .. }),
        "{foreign:?}"
    );
    drop(raw);
    std::fs::remove_file(&path).unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(include_str!("versions/v1.sql")).unwrap();
    let older = refused(&path).await;
    assert!(
        matches!(older, OpenError::OlderSchema { found: 1, .. }),
        "{older:?}"
    );
    open(&path).await.close().await;
    SqliteReadModels::open(&path).await.unwrap();
}

/// Two readers ask again and again while generations follow one another: each answer is of one generation, whole, with its
/// checkpoint, and never of an earlier one than the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_switch_is_seen_whole_by_readers_that_ask_all_the_time() {
    const SWITCHES: u64 = 40;
    let (_folder, path) = folder();
    let store = open(&path).await;
    built(&store, true).await;
    let barrier = Arc::new(Barrier::new(3));
    let mut readers = Vec::new();
    for _ in 0..2 {
        let models = SqliteReadModels::open(&path).await.unwrap();
        let barrier = Arc::clone(&barrier);
        readers.push(tokio::task::spawn(async move {
            let sql = "SELECT generation, count(*) FROM (SELECT generation FROM marks \
                       UNION ALL SELECT generation FROM counts) GROUP BY generation";
            let mut seen = BTreeSet::new();
            let mut last = 0;
            tokio::task::block_in_place(|| barrier.wait());
            while last <= SWITCHES {
                let found = models.query_as_of(&name("marks"), sql, ()).await.unwrap();
                let [row] = found.answer.as_slice() else {
                    panic!("{:?}", found.answer)
                };
                let of = row.get::<u64>(0).unwrap();
                assert_eq!(row.get::<u64>(1).unwrap(), 100);
                assert_eq!(found.position, Position::from_number(of));
                assert!(of >= last, "{of} after {last}");
                last = of;
                seen.insert(of);
            }
            seen.len()
        }));
    }
    tokio::task::block_in_place(|| barrier.wait());
    for _ in 0..SWITCHES {
        let next = built(&store, false).await;
        store.switch_to(&name("marks"), next, None).await.unwrap();
    }
    for reader in readers {
        assert!(reader.await.unwrap() > 1, "it has seen no switch");
    }
}

/// What is stored is not what was written, and no trigger or rule has kept it so.
#[tokio::test]
async fn a_number_that_cannot_be_is_no_answer() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    built(&store, true).await;
    let models = SqliteReadModels::open(&path).await.unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(
        "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; \
         DROP TRIGGER checkpoints_do_not_move_back; DROP TRIGGER events_are_not_updated",
    )
    .unwrap();
    let marks = name("marks");
    for number in [-5, 0] {
        let damage = format!("UPDATE projection_generations SET checkpoint = {number}");
        raw.execute_batch(&damage).unwrap();
        let damaged = models.checkpoint(&marks).await;
        assert!(
            matches!(damaged, Err(SqliteReadError::Engine { .. })),
            "{number}: {damaged:?}"
        );
        let damaged = models.query_as_of(&marks, "SELECT 1", ()).await;
        assert!(
            matches!(damaged, Err(SqliteReadError::Engine { .. })),
            "{number}: {damaged:?}"
        );
        raw.execute_batch(&format!("UPDATE events SET position = {number}"))
            .unwrap();
        let damaged = models.head().await;
        assert!(
            matches!(damaged, Err(SqliteReadError::Engine { .. })),
            "{number}: {damaged:?}"
        );
        let refused = store.append(one("a")).await.expect_err("no such position");
        let text = format!("{refused:?}");
        assert!(text.contains("OutOfRange"), "{number}: {text}");
    }
    assert!(models.query("SELECT 1", ()).await.is_ok());
    // It is asked again where the schema has changed.
    raw.execute_batch("UPDATE projections SET live = -1; UPDATE projection_tables SET generation = -1; CREATE TABLE a (b)")
        .unwrap();
    let damaged = models.query("SELECT 1", ()).await;
    assert!(
        matches!(damaged, Err(SqliteReadError::Engine { .. })),
        "{damaged:?}"
    );
}
