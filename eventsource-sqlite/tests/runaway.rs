//! Queries of read models that would never end.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{num::NonZeroUsize, path::Path};

use common::{folder, one};
use eventsource_core::EventStore;
use eventsource_sqlite::{Closed, SqliteOptions, SqliteReadError, SqliteReadModels, SqliteStore};
use rusqlite::Connection;

/// It counts for ever.
const RUNAWAY: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(i) FROM n";

/// A store whose read models are asked by one thread.
async fn of_one_reader(path: &Path) -> (SqliteStore, SqliteReadModels) {
    let options = SqliteOptions::new(path).with_readers(NonZeroUsize::MIN);
    let store = SqliteStore::open_with(options).await.unwrap();
    store.append(one("a")).await.unwrap();
    let models = store.read_models().await.unwrap();
    models.head().await.unwrap();
    (store, models)
}

/// Returns once a read holds the log up: the only one that there is has begun.
async fn a_read_is_under_way(store: &SqliteStore, path: &Path) {
    let raw = Connection::open(path).unwrap();
    raw.busy_timeout(std::time::Duration::ZERO).unwrap();
    loop {
        store.append(one("a")).await.unwrap();
        let is_held: bool = raw
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .unwrap();
        if is_held {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_whose_caller_has_gone_ends_and_lets_the_next_one_be_answered() {
    let (_folder, path) = folder();
    let (store, models) = of_one_reader(&path).await;
    for _ in 0..3 {
        let asking = tokio::spawn({
            let models = models.clone();
            async move { models.query(RUNAWAY, ()).await }
        });
        a_read_is_under_way(&store, &path).await;
        asking.abort();
        let head = models.head().await.unwrap();
        assert_eq!(head, store.head().await.unwrap());
    }
    // Nothing holds the log up any more.
    let raw = Connection::open(&path).unwrap();
    let is_held: bool = raw
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert!(!is_held);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_closed_ends_the_queries_that_somebody_still_waits_for() {
    let (_folder, path) = folder();
    let (store, models) = of_one_reader(&path).await;
    let mut asking = Vec::new();
    for _ in 0..3 {
        let models = models.clone();
        asking.push(tokio::spawn(async move { models.query(RUNAWAY, ()).await }));
    }
    a_read_is_under_way(&store, &path).await;
    store.close().await;
    for asked in asking {
        let ended = asked.await.unwrap().expect_err("it never ends by itself");
        let SqliteReadError::Engine { source } = ended else {
            panic!("{ended:?}");
        };
        assert!(source.is::<Closed>(), "{source:?}");
    }
    assert!(!path.with_extension("db-wal").exists());
}
