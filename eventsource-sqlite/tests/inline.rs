//! Projections that go with each append.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{convert::Infallible, path::Path};

use common::{folder, open, stream};
use eventsource_core::{
    Append, AppendError, EventId, EventName, EventStore, EventStoreExt, Expected, Generation,
    IdSource, NewEvent, Position, ProjectionName, ProjectionStore, Rejection, StoredPayload,
    Timestamp, UuidV7,
    prelude::*,
    projection::{DeliveryError, HandlesIn, Table},
};
use eventsource_sqlite::{OpenError, SqliteOptions, SqliteStore, SqliteTx};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

#[derive(Debug, Event, Serialize, Deserialize)]
#[event(name = "money.moved")]
struct Moved {
    haler: i64,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "account", id = String, error = Infallible, events(Moved))]
struct Account;

impl Apply<Moved> for Account {
    fn apply(&mut self, _: &Moved) {}
}

const BALANCES: Table = Table::new(
    "balances",
    "account TEXT PRIMARY KEY, haler INTEGER NOT NULL CHECK (haler >= 0)",
);

#[derive(Projection)]
#[projection(name = "balances", version = 1, from(Account), events(Moved), transaction = SqliteTx)]
struct Balances;

impl ReadModel for Balances {
    const TABLES: &'static [Table] = &[BALANCES];
}

/// The next version: it counts in tens.
#[derive(Projection)]
#[projection(name = "balances", version = 2, from(Account), events(Moved), transaction = SqliteTx)]
struct Tens;

impl ReadModel for Tens {
    const TABLES: &'static [Table] = &[BALANCES];
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

impl ProjectIn<SqliteTx, Moved> for Balances {
    fn project(
        &self,
        moved: &Moved,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        add(tx, envelope, moved.haler)
    }
}

impl ProjectIn<SqliteTx, Moved> for Tens {
    fn project(
        &self,
        moved: &Moved,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        add(tx, envelope, moved.haler / 10)
    }
}

async fn open_with(path: &Path, projection: impl HandlesIn<SqliteTx>) -> SqliteStore {
    let options = SqliteOptions::new(path).with_inline(projection).unwrap();
    SqliteStore::open_with(options).await.unwrap()
}

fn raw(json: &str) -> NewEvent {
    NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("money.moved").unwrap(),
        1,
        StoredPayload::json(json.as_bytes()),
        Timestamp::EPOCH,
    )
}

fn moved(id: &str, halers: impl IntoIterator<Item = i64>) -> Append {
    let events = halers
        .into_iter()
        .map(|haler| raw(&format!("{{\"haler\":{haler}}}")));
    Append::to(stream(id), Expected::Any, events.collect::<Vec<_>>())
}

fn balance(path: &Path) -> i64 {
    let raw = Connection::open(path).unwrap();
    let sum = "SELECT coalesce(sum(haler), 0) FROM balances";
    raw.query_row(sum, [], |row| row.get(0)).unwrap()
}

/// The live generation, and whether it is where the store is.
async fn live(store: &SqliteStore) -> (Generation, bool) {
    let name = ProjectionName::new("balances").unwrap();
    let found = store.find_projection(&name).await.unwrap().unwrap();
    assert_eq!(found.generations.len(), 1);
    let live = found.live().unwrap();
    (
        live.generation,
        live.checkpoint == store.head().await.unwrap(),
    )
}

#[tokio::test]
async fn what_was_appended_is_in_the_read_model_when_the_append_returns() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    for (number, sum) in [(1, 11), (2, 22), (3, 33)] {
        let two = moved("a", [5]).and(stream("b"), Expected::Any, [raw("{\"haler\":6}")]);
        let key = format!("k{number}").parse().unwrap();
        let two = two.with_key(key);
        store.append(two.clone()).await.unwrap();
        assert_eq!(balance(&path), sum);
        // A repetition is delivered no more than it is stored.
        store.append(two).await.unwrap();
        assert_eq!(balance(&path), sum);
        assert_eq!(live(&store).await, (Generation::FIRST, true));
    }
    // Of another aggregate.
    let other = Append::to("order-1".parse().unwrap(), Expected::Any, [raw("{}")]);
    store.append(other).await.unwrap();
    assert_eq!(live(&store).await, (Generation::FIRST, true));
    store.close().await;
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [1])).await.unwrap();
    assert_eq!(balance(&path), 34);
}

#[tokio::test]
async fn an_event_that_a_handler_cannot_take_is_not_stored_and_harms_no_other_append() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [5])).await.unwrap();
    let key = "k".parse().unwrap();
    let refused = [
        moved("a", [1, -100]).with_key(key),
        moved("a", [1, 13]),
        Append::to(
            stream("a"),
            Expected::Any,
            [raw("{\"haler\":1}"), raw("[]")],
        ),
    ];
    let mut appends = Vec::new();
    for append in &refused {
        for append in [append.clone(), moved("b", [1])] {
            let store = store.clone();
            appends.push(tokio::spawn(async move { store.append(append).await }));
        }
    }
    for (number, append) in appends.into_iter().enumerate() {
        let outcome = append.await.unwrap();
        if number % 2 == 1 {
            outcome.unwrap();
            continue;
        }
        let Err(AppendError::Rejected(Rejection::Projection {
            projection,
            stream: of,
            version,
            error,
        })) = outcome
        else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (projection.as_str(), of, version.get()),
            ("balances", stream("a"), 3)
        );
        let is_as_expected = match number {
            0 => matches!(error, DeliveryError::Handler(_)),
            2 => matches!(error, DeliveryError::Panicked),
            _ => matches!(error, DeliveryError::Decode(_)),
        };
        assert!(is_as_expected, "{error:?}");
    }
    assert_eq!(store.read_all().await.unwrap().len(), 4);
    assert_eq!((balance(&path), live(&store).await.1), (8, true));
    assert!(
        store
            .find_append(&"k".parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
    store.append(moved("a", [2])).await.unwrap();
    assert_eq!(balance(&path), 10);
}

#[tokio::test]
async fn a_projection_that_is_new_or_changed_is_brought_up_when_the_store_is_opened() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(moved("a", [10; 1234])).await.unwrap();
    store.close().await;
    let store = open_with(&path, Balances).await;
    assert_eq!(
        (balance(&path), live(&store).await),
        (12_340, (Generation::FIRST, true))
    );
    store.append(moved("a", [10])).await.unwrap();
    store.close().await;
    let store = open_with(&path, Tens).await;
    let second = Generation::from_number(2);
    assert_eq!((balance(&path), live(&store).await), (1235, (second, true)));
    // One that still has the other version is told.
    let other = SqliteOptions::new(&path).with_inline(Balances).unwrap();
    let before = SqliteStore::open_with(other).await.unwrap();
    let refused = store.append(moved("a", [10])).await;
    assert!(
        matches!(
            &refused,
            Err(AppendError::Rejected(Rejection::ReadModel { .. }))
        ),
        "{refused:?}"
    );
    before.append(moved("a", [10])).await.unwrap();
    assert_eq!(balance(&path), 12_360);
}

#[tokio::test]
async fn what_others_have_appended_comes_first_up_to_a_bound() {
    let (_folder, path) = folder();
    let (store, other) = (open_with(&path, Balances).await, open(&path).await);
    other.append(moved("a", [1; 500])).await.unwrap();
    assert_eq!(balance(&path), 0);
    store.append(moved("b", [1000])).await.unwrap();
    assert_eq!((balance(&path), live(&store).await.1), (1500, true));
    // One that cannot be taken stands in the way.
    other.append(moved("a", [-10_000])).await.unwrap();
    let refused = store.append(moved("b", [1])).await;
    assert!(
        matches!(&refused, Err(AppendError::Rejected(Rejection::Projection { version, .. })) if version.get() == 501),
        "{refused:?}"
    );
    assert_eq!(store.head().await.unwrap(), Position::from_number(502));
    other.append(moved("a", [1; 500])).await.unwrap();
    let refused = store.append(moved("b", [1])).await;
    assert!(
        matches!(
            &refused,
            Err(AppendError::Rejected(Rejection::ReadModel { .. }))
        ),
        "{refused:?}"
    );
    store.close().await;
    let options = SqliteOptions::new(&path).with_inline(Balances).unwrap();
    let refused = SqliteStore::open_with(options)
        .await
        .expect_err("the same event");
    assert!(
        matches!(refused, OpenError::Projection { .. }),
        "{refused:?}"
    );
}
