//! Read models in the store's own transaction.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::{
    faulty::{once, open_with},
    folder, one, open,
};
use eventsource_core::{
    Advance, AdvanceError, Build, EventStore, Fingerprint, Generation, Parked, Position,
    ProjectionName, ProjectionStore, ProjectionStoreError, ReadModelWork, Timestamp,
    TransactionalStore, Version,
    fault::{FaultAction, FaultHook, FaultPoint},
    projection::{DeliveryError, DeliveryFailure, HandlerError, Table},
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, SqliteTx, SqliteTxError};
use eventsource_testing::suite::{Gate, Script};
use rusqlite::Connection;

const BALANCES: Table = Table::new(
    "balances",
    "account TEXT PRIMARY KEY, haler INTEGER NOT NULL CHECK (haler >= 0), note ANY",
);

fn name(text: &str) -> ProjectionName {
    ProjectionName::new(text).unwrap()
}

async fn begun(store: &SqliteStore, projection: &str, tables: &[Table]) {
    let build = Build::new(name(projection), (1, Fingerprint::new(1)))
        .with_tables(tables)
        .live();
    store.begin_generation(build).await.unwrap();
}

fn at(number: u64) -> Option<Position> {
    Position::from_number(number)
}

/// A step from one position to the next one.
fn step(projection: &str, from: u64) -> Advance {
    Advance::new(
        name(projection),
        Generation::FIRST,
        (at(from), at(from + 1)),
    )
}

fn work(
    act: impl Fn(&mut SqliteTx) -> Result<(), HandlerError> + Send + Sync + 'static,
) -> ReadModelWork<SqliteTx> {
    Box::new(move |tx| act(tx).map_err(|error| DeliveryFailure::undone(0, error)))
}

fn deposit(tx: &SqliteTx, haler: i64) -> Result<(), SqliteTxError> {
    let balances = tx.table("balances")?;
    let sql = format!(
        "INSERT INTO {balances} (account, haler) VALUES (?1, ?2)
         ON CONFLICT (account) DO UPDATE SET haler = haler + excluded.haler"
    );
    tx.execute(&sql, ("a", haler)).map(drop)
}

async fn checkpoint(store: &SqliteStore, projection: &str) -> Option<u64> {
    let found = store.find_projection(&name(projection)).await.unwrap();
    let checkpoint = found.unwrap().live().unwrap().checkpoint;
    checkpoint.map(Position::number)
}

fn balance(path: &Path) -> Option<i64> {
    let raw = Connection::open(path).unwrap();
    let sql = "SELECT sum(haler) FROM balances";
    raw.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Polls a future once, so that what it does first is done.
async fn polled<T>(mut future: Pin<&mut (impl Future<Output = T> + ?Sized)>) {
    std::future::poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn what_is_written_and_the_checkpoint_are_there_together_or_not_at_all() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    begun(&store, "bank", &[BALANCES]).await;
    let deposits = || work(|tx| Ok(deposit(tx, 5)?));
    store.advance_in(step("bank", 0), deposits()).await.unwrap();
    store.advance_in(step("bank", 1), deposits()).await.unwrap();
    assert_eq!(
        (balance(&path), checkpoint(&store, "bank").await),
        (Some(10), Some(2))
    );
    // From where it is not.
    let called = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&called);
    let counts = work(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let refused = store.advance_in(step("bank", 1), counts).await;
    assert!(
        matches!(&refused, Err(AdvanceError::Store(ProjectionStoreError::Moved { actual, .. })) if *actual == at(2)),
        "{refused:?}"
    );
    assert_eq!(called.load(Ordering::SeqCst), 0);
    // After it has written something.
    let breaks_a_rule = work(|tx| {
        deposit(tx, 5)?;
        Ok(deposit(tx, -100)?)
    });
    let failed = store.advance_in(step("bank", 2), breaks_a_rule).await;
    let Err(AdvanceError::Delivery(failure)) = failed else {
        panic!("{failed:?}")
    };
    let DeliveryError::Handler(error) = &failure.error else {
        panic!("{failure:?}")
    };
    let text = error.to_string();
    assert!(
        text.contains("INSERT INTO balances__g1") && !text.contains("100"),
        "{text}"
    );
    let panics = work(|tx| {
        deposit(tx, 5)?;
        panic!("as the test wants")
    });
    let panicked = store.advance_in(step("bank", 2), panics).await;
    assert!(
        matches!(&panicked, Err(AdvanceError::Delivery(failure)) if matches!(failure.error, DeliveryError::Panicked)),
        "{panicked:?}"
    );
    assert_eq!(
        (balance(&path), checkpoint(&store, "bank").await),
        (Some(10), Some(2))
    );
    store.advance_in(step("bank", 2), deposits()).await.unwrap();
    assert_eq!(
        (balance(&path), checkpoint(&store, "bank").await),
        (Some(15), Some(3))
    );
}

#[tokio::test]
async fn a_handler_that_fails_undoes_no_append_of_the_same_transaction() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let commits = Arc::new(AtomicUsize::new(0));
    open(&path).await.close().await;
    let (held, counted) = (Arc::clone(&gate), Arc::clone(&commits));
    let setup = open(&path).await;
    begun(&setup, "bad", &[BALANCES]).await;
    begun(
        &setup,
        "good",
        &[Table::new("seen", "position INTEGER PRIMARY KEY")],
    )
    .await;
    setup.close().await;
    let hook = Script::new(move |point| {
        counted.fetch_add(
            usize::from(point == FaultPoint::BeforeCommit),
            Ordering::SeqCst,
        );
        held.at(point)
    });
    let store = open_with(&path, Arc::new(hook)).await;
    let mut first = store.append(one("first"));
    polled(first.as_mut()).await;
    gate.holds_a_writer().await;
    let fails = work(|tx| {
        deposit(tx, 5)?;
        Err(HandlerError::permanent("as the test wants"))
    });
    let mut failing = store.advance_in(step("bad", 0), fails);
    polled(failing.as_mut()).await;
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
    let failed = failing.await;
    assert!(
        matches!(failed, Err(AdvanceError::Delivery(_))),
        "{failed:?}"
    );
    assert_eq!(commits.load(Ordering::SeqCst), 2, "they shared one");
    assert_eq!(store.head().await.unwrap(), at(4));
    assert_eq!(
        (balance(&path), checkpoint(&store, "bad").await),
        (None, None)
    );
}

#[tokio::test]
async fn a_statement_that_rolls_back_everything_harms_its_own_batch_only() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let setup = open(&path).await;
    begun(&setup, "bad", &[BALANCES]).await;
    setup.close().await;
    let store = open_with(&path, Arc::clone(&gate) as _).await;
    let mut first = store.append(one("first"));
    polled(first.as_mut()).await;
    gate.holds_a_writer().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let rolls_back = work(move |tx| {
        deposit(tx, 5)?;
        let balances = tx.table("balances")?;
        let sql = format!("INSERT OR ROLLBACK INTO {balances} VALUES ('a', 1, NULL)");
        let refused = tx.execute(&sql, ()).expect_err("the account is there");
        // It would be committed by itself.
        let late = deposit(tx, 7).expect_err("there is no transaction");
        told.lock().unwrap().push((refused, late));
        Ok(())
    });
    let mut append = store.append(one("second"));
    polled(append.as_mut()).await;
    let mut failing = store.advance_in(step("bad", 0), rolls_back);
    polled(failing.as_mut()).await;
    gate.let_go();
    first.await.unwrap();
    append.await.unwrap();
    let failed = failing.await;
    assert!(
        matches!(&failed, Err(AdvanceError::Delivery(failure)) if failure.error.is_permanent()),
        "{failed:?}"
    );
    for (refused, late) in &*seen.lock().unwrap() {
        assert!(matches!(refused, SqliteTxError::Sql { .. }), "{refused:?}");
        assert!(matches!(late, SqliteTxError::Lost { .. }), "{late:?}");
    }
    assert_eq!(store.head().await.unwrap(), at(2));
    assert_eq!(
        (balance(&path), checkpoint(&store, "bad").await),
        (None, None)
    );
}

#[tokio::test]
async fn a_full_disk_within_a_handler_is_the_stores_failure_whatever_the_handler_makes_of_it() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_max_pages(100);
    let store = SqliteStore::open_with(options).await.unwrap();
    begun(&store, "bank", &[BALANCES]).await;
    let fills = work(|tx| {
        let balances = tx.table("balances")?;
        let sql = format!("INSERT INTO {balances} VALUES ('x', 1, zeroblob(10000000))");
        let full = tx.execute(&sql, ());
        assert!(matches!(full, Err(SqliteTxError::Lost { .. })), "{full:?}");
        assert!(matches!(deposit(tx, 1), Err(SqliteTxError::Lost { .. })));
        Ok(())
    });
    let failed = store.advance_in(step("bank", 0), fills).await;
    assert!(
        matches!(
            &failed,
            Err(AdvanceError::Store(
                ProjectionStoreError::Unavailable { .. }
            ))
        ),
        "{failed:?}"
    );
    let deposits = work(|tx| Ok(deposit(tx, 5)?));
    store.advance_in(step("bank", 0), deposits).await.unwrap();
    assert_eq!(
        (balance(&path), checkpoint(&store, "bank").await),
        (Some(5), Some(1))
    );
}

/// All that a step asks the hook at.
async fn points() -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    begun_with_parked(&path).await;
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_with(&path, Arc::new(hook)).await;
    store
        .advance_in(full_step(), work(|tx| Ok(deposit(tx, 5)?)))
        .await
        .unwrap();
    let points = points.lock().unwrap().clone();
    assert!(points.len() > 6, "{points:?}");
    points
}

async fn begun_with_parked(path: &Path) {
    let setup = open(path).await;
    begun(&setup, "bank", &[BALANCES]).await;
    let stays = Advance::new(name("bank"), Generation::FIRST, (None, None));
    setup.advance(stays.parking([parked(7)])).await.unwrap();
    setup.close().await;
}

fn parked(number: u64) -> Parked {
    let version = Version::new(number).unwrap();
    Parked::behind(
        at(number).unwrap(),
        (common::stream("a"), version),
        Timestamp::EPOCH,
    )
}

/// One that moves, parks and lets go of what is parked.
fn full_step() -> Advance {
    step("bank", 0)
        .parking([parked(1)])
        .unparking([at(7).unwrap()])
}

// K-03
#[tokio::test]
async fn a_failure_at_any_point_leaves_both_or_neither() {
    for point in points().await {
        let is_after = point == FaultPoint::AfterCommit;
        let fail: fn() -> FaultAction = || FaultAction::Fail;
        let panic: fn() -> FaultAction = || panic!("as the test wants");
        for act in [fail, panic] {
            let (_folder, path) = folder();
            begun_with_parked(&path).await;
            let store = open_with(&path, once(point, act)).await;
            let deposits = || work(|tx| Ok(deposit(tx, 5)?));
            let failed = store.advance_in(full_step(), deposits()).await;
            let error = failed.expect_err("a fault");
            let AdvanceError::Store(error) = error else {
                panic!("{error:?} at {point:?}")
            };
            assert!(error.is_transient(), "{error:?} at {point:?}");
            let is_unknown = matches!(error, ProjectionStoreError::Unknown(_));
            assert_eq!(is_unknown, is_after, "{error:?} at {point:?}");
            let there = (balance(&path), checkpoint(&store, "bank").await);
            if is_after {
                assert_eq!(there, (Some(5), Some(1)), "{point:?}");
                continue;
            }
            assert_eq!(there, (None, None), "{point:?}");
            store.advance_in(full_step(), deposits()).await.unwrap();
            let there = (balance(&path), checkpoint(&store, "bank").await);
            assert_eq!(there, (Some(5), Some(1)), "{point:?}");
        }
    }
}

#[tokio::test]
async fn a_work_whose_caller_has_gone_is_done_whole_or_not_at_all() {
    let (_folder, path) = folder();
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let setup = open(&path).await;
    begun(&setup, "bank", &[BALANCES]).await;
    setup.close().await;
    let store = open_with(&path, Arc::clone(&gate) as Arc<dyn FaultHook>).await;
    let deposits = || work(|tx| Ok(deposit(tx, 5)?));
    let mut first = store.advance_in(step("bank", 0), deposits());
    polled(first.as_mut()).await;
    gate.holds_a_writer().await;
    let mut second = store.advance_in(step("bank", 1), deposits());
    polled(second.as_mut()).await;
    drop(first);
    drop(second);
    gate.let_go();
    store.append(one("a")).await.unwrap();
    assert_eq!(
        (balance(&path), checkpoint(&store, "bank").await),
        (Some(5), Some(1))
    );
}
