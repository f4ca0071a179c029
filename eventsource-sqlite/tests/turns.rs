//! How works of projections and appends take turns.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use common::{faulty::open_with, folder, one, open};
use eventsource_core::{
    Advance, Build, EventStore, Fingerprint, Generation, ProjectionName, ProjectionStore,
    ReadModelWork, TransactionalStore,
    fault::{FaultAction, FaultHook as _, FaultPoint},
    projection::Table,
};
use eventsource_sqlite::SqliteTx;
use eventsource_testing::suite::{Gate, Script};
use rusqlite::Connection;

const TABLES: [Table; 3] = [
    Table::new("a", "id INTEGER PRIMARY KEY"),
    Table::new("b", "id INTEGER PRIMARY KEY"),
    Table::new("c", "id INTEGER PRIMARY KEY"),
];

/// Polls a future once, so that what it does first is done.
async fn polled<F: Future + ?Sized>(mut future: Pin<&mut F>) {
    std::future::poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
}

/// Writes a row, and takes longer than a transaction may have taken for the next one to join it.
fn slow(table: &'static str) -> ReadModelWork<SqliteTx> {
    Box::new(move |tx| {
        let begun = Instant::now();
        let table = tx.table(table).unwrap();
        let insert = format!("INSERT INTO {table} VALUES (1)");
        tx.execute(&insert, ()).unwrap();
        while begun.elapsed() < Duration::from_millis(3) {
            std::thread::yield_now();
        }
        Ok(())
    })
}

#[tokio::test]
async fn an_append_waits_for_one_long_work_of_its_own_transaction_at_most() {
    let (_folder, path) = folder();
    let setup = open(&path).await;
    for table in TABLES {
        let name = ProjectionName::new(table.name()).unwrap();
        let build = Build::new(name, (1, Fingerprint::new(1)));
        let build = build.with_tables([table]).live();
        setup.begin_generation(build).await.unwrap();
    }
    setup.close().await;
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let commits = Arc::new(Mutex::new(Vec::new()));
    let (held, told, file) = (Arc::clone(&gate), Arc::clone(&commits), path.clone());
    let hook = Script::new(move |point| {
        if point == FaultPoint::BeforeCommit {
            // What each commit finds in the file when it is about to be made.
            let raw = Connection::open(&file).unwrap();
            let count = "SELECT (SELECT count(*) FROM events), \
                 (SELECT count(*) FROM (SELECT 1 FROM a UNION ALL SELECT 1 FROM b UNION ALL SELECT 1 FROM c))";
            let there: (i64, i64) = raw
                .query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap();
            told.lock().unwrap().push(there);
        }
        held.at(point)
    });
    let store = open_with(&path, Arc::new(hook)).await;
    let mut first = store.append(one("first"));
    polled(first.as_mut()).await;
    gate.holds_a_writer().await;
    // While the writer is held up, these queue, the works before the appends.
    let mut works = Vec::new();
    for table in TABLES {
        let name = ProjectionName::new(table.name()).unwrap();
        let advance = Advance::new(name, Generation::FIRST, (None, None));
        let mut work = store.advance_in(advance, slow(table.name()));
        polled(work.as_mut()).await;
        works.push(work);
    }
    let mut appends = Vec::new();
    for number in 0..3 {
        let mut append = store.append(one(&number.to_string()));
        polled(append.as_mut()).await;
        appends.push(append);
    }
    gate.let_go();
    first.await.unwrap();
    for append in appends {
        append.await.unwrap();
    }
    for work in works {
        work.await.unwrap();
    }
    // The first append; all appends with the first work; each other work.
    assert_eq!(*commits.lock().unwrap(), [(0, 0), (1, 0), (4, 1), (4, 2)]);
}
