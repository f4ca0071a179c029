//! What a handler's statement leaves behind when it fails, and the handler goes on as if nothing had happened: nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::path::Path;

use common::{folder, one, open};
use eventsource_core::{
    Advance, Build, EventStore, Fingerprint, Generation, Position, ProjectionName, ProjectionStore,
    ReadModelWork, TransactionalStore,
    projection::{DeliveryFailure, HandlerError, Table},
};
use eventsource_sqlite::{SqliteStore, SqliteTx, SqliteTxError};
use rusqlite::Connection;

const TABLES: [Table; 4] = [
    Table::new("numbers", "n INTEGER UNIQUE, text TEXT"),
    Table::new("failing", "n INTEGER UNIQUE ON CONFLICT FAIL"),
    // Where no rule can be broken, SQLite itself keeps no journal of a statement.
    Table::new("plain", "n"),
    Table::new("sources", "n INTEGER, list TEXT"),
];

fn name() -> ProjectionName {
    ProjectionName::new("halves").unwrap()
}

async fn filled(path: &Path) -> SqliteStore {
    let store = open(path).await;
    store.append(one("a")).await.unwrap();
    let build = Build::new(name(), (1, Fingerprint::new(1))).with_tables(TABLES);
    store.begin_generation(build.live()).await.unwrap();
    store
}

/// Takes the first step with a handler that takes no error for one.
async fn step(
    store: &SqliteStore,
    act: impl Fn(&SqliteTx) -> Result<(), SqliteTxError> + Send + Sync + 'static,
) {
    let to = Position::from_number(1);
    let advance = Advance::new(name(), Generation::FIRST, (None, to));
    let work: ReadModelWork<SqliteTx> = Box::new(move |tx| {
        act(tx).map_err(|error| DeliveryFailure::undone(0, HandlerError::new(error)))
    });
    store.advance_in(advance, work).await.unwrap();
}

/// All rows of all tables.
fn rows(tx: &SqliteTx) -> Result<Vec<String>, SqliteTxError> {
    let mut all = Vec::new();
    for table in TABLES {
        let sql = format!(
            "SELECT quote(n) AS n FROM {} ORDER BY n",
            tx.table(table.name())?
        );
        for row in tx.query(&sql, ())? {
            all.push(format!("{} {}", table.name(), row.get::<String>("n")?));
        }
    }
    Ok(all)
}

fn fill(tx: &SqliteTx) -> Result<(), SqliteTxError> {
    for sql in [
        "INSERT INTO numbers__g1 (n) VALUES (1), (2)",
        "INSERT INTO failing__g1 VALUES (1), (2)",
        "INSERT INTO plain__g1 VALUES (1)",
        "INSERT INTO sources__g1 VALUES (1, '[1]'), (2, '[2'), (9223372036854775807, '[3]'), (9223372036854775807, '[4]')",
    ] {
        tx.execute(sql, ())?;
    }
    Ok(())
}

#[tokio::test]
async fn a_statement_that_gives_no_rows_and_fails_leaves_nothing() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    step(&store, |tx| {
        fill(tx)?;
        let before = rows(tx)?;
        for sql in [
            "INSERT INTO numbers__g1 (n) VALUES (3), (3)",
            "INSERT OR FAIL INTO numbers__g1 (n) VALUES (3), (4), (1)",
            "UPDATE OR FAIL numbers__g1 SET n = 5",
            "INSERT INTO failing__g1 VALUES (3), (4), (1)",
            "UPDATE failing__g1 SET n = 5",
            "INSERT INTO plain__g1 SELECT sum(n) FROM sources__g1 GROUP BY n ORDER BY n",
            "INSERT INTO plain__g1 SELECT j.value FROM sources__g1 s, json_each(s.list) j",
            "INSERT INTO plain__g1 SELECT abs(n) FROM (SELECT 1 AS n UNION ALL SELECT -9223372036854775808)",
            "DELETE FROM plain__g1 WHERE n = abs(-9223372036854775807 - n)",
        ] {
            let failed = tx.execute(sql, ()).expect_err(sql);
            assert!(matches!(failed, SqliteTxError::Sql { .. }), "{failed:?}");
            assert_eq!(rows(tx)?, before, "{sql}");
        }
        // What comes later is done.
        tx.execute("INSERT INTO plain__g1 VALUES (7)", ())?;
        assert_eq!(rows(tx)?.len(), before.len() + 1);
        Ok(())
    })
    .await;
    let raw = Connection::open(&path).unwrap();
    let sum: i64 = raw
        .query_row("SELECT sum(n) FROM plain", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sum, 8);
}

#[tokio::test]
async fn a_statement_that_gives_rows_nobody_can_take_leaves_nothing() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    step(&store, |tx| {
        fill(tx)?;
        let before = rows(tx)?;
        let insert = "INSERT INTO numbers__g1 (n) VALUES (3), (4) RETURNING n";
        for sql in [insert, "SELECT n FROM numbers__g1"] {
            let refused = tx.execute(sql, ()).expect_err(sql);
            assert!(
                matches!(refused, SqliteTxError::GivesRows { .. }),
                "{refused:?}"
            );
            assert_eq!(rows(tx)?, before, "{sql}");
        }
        let update = "UPDATE numbers__g1 SET n = n + 10 RETURNING n";
        for sql in [insert, update, "DELETE FROM numbers__g1 RETURNING n"] {
            for more in [
                tx.query_one(sql, ()).err(),
                tx.query_optional(sql, ()).err(),
            ] {
                assert!(
                    matches!(more, Some(SqliteTxError::MoreRows { .. })),
                    "{more:?}"
                );
                assert_eq!(rows(tx)?, before, "{sql}");
            }
        }
        let none = tx.query_one("UPDATE numbers__g1 SET n = 9 WHERE n = 8 RETURNING n", ());
        assert!(matches!(none, Err(SqliteTxError::NoRow { .. })), "{none:?}");
        let no_text =
            "INSERT INTO numbers__g1 (n, text) VALUES (3, CAST(x'ff' AS TEXT)) RETURNING text";
        for failed in [
            tx.query(no_text, ()).err(),
            tx.query_one(no_text, ()).err(),
            tx.query(
                "INSERT OR FAIL INTO numbers__g1 (n) VALUES (3), (1) RETURNING n",
                (),
            )
            .err(),
        ] {
            assert!(
                matches!(failed, Some(SqliteTxError::Sql { .. })),
                "{failed:?}"
            );
            assert_eq!(rows(tx)?, before);
        }
        // One that can be taken is done, also where its row is not of the type that is asked of it.
        let row = tx.query_one("UPDATE numbers__g1 SET n = 3 WHERE n = 2 RETURNING n", ())?;
        assert!(row.get::<String>("n").is_err());
        assert_eq!(tx.query(update, ())?.len(), 2);
        Ok(())
    })
    .await;
    let raw = Connection::open(&path).unwrap();
    let sum: i64 = raw
        .query_row("SELECT sum(n) FROM numbers", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sum, 24);
}
