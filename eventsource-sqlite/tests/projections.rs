//! What the file keeps of projections and leases.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{path::Path, sync::Arc, time::Duration};

use common::{folder, open};
use eventsource_core::{
    Advance, AdvanceError, Build, EventStore, Fingerprint, Generation, LeaseError, LeaseHolder,
    LeaseName, LeaseStore, ManualClock, Position, ProjectionName, ProjectionStore,
    ProjectionStoreError, ReadModelWork, Timestamp, TransactionalStore,
    projection::{Index, Table},
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, SqliteTx};
use rusqlite::Connection;

const BALANCES: Table = Table::new(
    "balances",
    "account TEXT PRIMARY KEY, owner TEXT, haler INTEGER NOT NULL",
)
.with_indexes(&[Index::new("by_owner", "owner").unique()]);
const NOWHERE: &[Index] = &[Index::new("by", "nowhere")];
const MISNAMED: &[Index] = &[Index::new("a b", "id")];
const HISTORY: Table = Table::new("History", "position INTEGER PRIMARY KEY");

fn name(text: &str) -> ProjectionName {
    ProjectionName::new(text).unwrap()
}

fn build(projection: &str, tables: &[Table]) -> Build {
    Build::new(name(projection), (1, Fingerprint::new(u64::MAX))).with_tables(tables)
}

fn generation(number: u64) -> Generation {
    Generation::from_number(number)
}

/// The tables, views and indexes that are not the store's own.
fn made(path: &Path) -> Vec<String> {
    let raw = Connection::open(path).unwrap();
    let sql = "SELECT type || ' ' || name FROM sqlite_schema \
               WHERE type = 'view' OR name LIKE '%\\_\\_g%' ESCAPE '\\' ORDER BY 1";
    let mut statement = raw.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap)
        .filter(|name: &String| !name.contains("autoindex"))
        .collect()
}

#[tokio::test]
async fn each_generation_has_its_tables_and_the_plain_names_are_views_of_the_live_one() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let tables = &[BALANCES, HISTORY];
    let first = store.begin_generation(build("bank", tables)).await.unwrap();
    assert_eq!(first.generation, Generation::FIRST);
    let of_first = [
        "index balances__g1__by_owner",
        "table balances__g1",
        "table history__g1",
    ];
    assert_eq!(made(&path), of_first);
    store
        .switch_to(&name("bank"), first.generation, None)
        .await
        .unwrap();
    let views = ["view balances", "view history"];
    assert_eq!(made(&path), [&of_first[..], &views].concat());
    // One that follows it, with other tables.
    let second = store
        .begin_generation(build("bank", &[HISTORY]))
        .await
        .unwrap();
    assert_eq!(second.generation, generation(2));
    assert_eq!(
        made(&path),
        [&of_first[..], &["table history__g2"], &views].concat()
    );
    store
        .switch_to(&name("bank"), second.generation, None)
        .await
        .unwrap();
    assert_eq!(made(&path), ["table history__g2", "view history"]);
    // One in place of it.
    let third = store
        .begin_generation(build("bank", tables).live())
        .await
        .unwrap();
    assert_eq!(made(&path).len(), 5);
    assert!(made(&path).contains(&"index balances__g3__by_owner".to_owned()));
    let found = store.find_projection(&name("bank")).await.unwrap().unwrap();
    assert_eq!(found.live(), Some(&third));
    assert_eq!(found.generations, [third]);
    store.delete_projection(&name("bank"), None).await.unwrap();
    assert_eq!(made(&path), [""; 0]);
    assert_eq!(store.find_projection(&name("bank")).await.unwrap(), None);
    let again = store.begin_generation(build("bank", &[])).await.unwrap();
    assert_eq!(again.generation, generation(4));
}

#[tokio::test]
async fn a_table_whose_name_is_taken_or_none_is_refused_and_nothing_is_left() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE mine (a); CREATE VIEW seen AS SELECT 1")
        .unwrap();
    let taken = build("first", &[BALANCES]);
    store.begin_generation(taken).await.unwrap();
    let before = made(&path);
    for table in [
        BALANCES,
        Table::new("BALANCES", "id INTEGER"),
        Table::new("balances__g1", "id INTEGER"),
        Table::new("events", "id INTEGER"),
        Table::new("mine", "id INTEGER"),
        Table::new("SEEN", "id INTEGER"),
        Table::new("sqlite_x", "id INTEGER"),
        Table::new("a b", "id INTEGER"),
        Table::new("a\"; DROP TABLE events; --", "id INTEGER"),
        Table::new("other", "id INTEGER); DROP TABLE events; --"),
        Table::new("other", "id INTEGER REFERENCES events (position)"),
        Table::new("other", "no columns, but,, words"),
        Table::new("other", "id INTEGER").with_indexes(NOWHERE),
        Table::new("other", "id INTEGER").with_indexes(MISNAMED),
    ] {
        let refused = store
            .begin_generation(build("second", &[HISTORY, table]))
            .await;
        let error = refused.expect_err("a table");
        assert!(
            matches!(&error, ProjectionStoreError::Table { table: named, .. } if named == table.name()),
            "{error:?} for {table:?}"
        );
        assert_eq!(made(&path), before, "{table:?}");
    }
    let twice = build("second", &[HISTORY, Table::new("history", "id INTEGER")]);
    let error = store.begin_generation(twice).await.expect_err("twice");
    assert!(
        matches!(error, ProjectionStoreError::Table { .. }),
        "{error:?}"
    );
    assert_eq!(store.find_projection(&name("second")).await.unwrap(), None);
    let good = store
        .begin_generation(build("second", &[HISTORY]))
        .await
        .unwrap();
    assert_eq!(good.generation, Generation::FIRST);
    assert_eq!(store.head().await.unwrap(), None, "the events are there");
}

#[tokio::test]
async fn a_lease_that_was_lost_fences_off_in_another_process_too() {
    let (_folder, path) = folder();
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_000_000)));
    let open_at = async |path: &Path| {
        let options = SqliteOptions::new(path).with_clock(Arc::clone(&clock) as _);
        SqliteStore::open_with(options).await.unwrap()
    };
    let (one, other) = (open_at(&path).await, open_at(&path).await);
    let lease = LeaseName::new("bank").unwrap();
    let [ada, bob] = ["ada", "bob"].map(|holder| LeaseHolder::new(holder).unwrap());
    let second = Duration::from_secs(1);
    let held = one.acquire_lease(&lease, &ada, second).await.unwrap();
    let refused = other.acquire_lease(&lease, &bob, second).await;
    assert!(
        matches!(&refused, Err(LeaseError::Held { lease }) if *lease == held),
        "{refused:?}"
    );
    let begun = build("bank", &[]).fenced(held.fence());
    one.begin_generation(begun).await.unwrap();
    clock.set(Timestamp::from_micros(2_000_000));
    let taken = other.acquire_lease(&lease, &bob, second).await.unwrap();
    assert!(taken.token > held.token);
    assert_eq!(one.find_lease(&lease).await.unwrap(), Some(taken.clone()));
    let step = Advance::new(name("bank"), Generation::FIRST, (None, None));
    let late = one.advance(step.clone().fenced(held.fence())).await;
    assert!(
        matches!(&late, Err(ProjectionStoreError::Fenced { current, .. }) if *current == Some(taken.token)),
        "{late:?}"
    );
    // What it would have written is not there either.
    let late: ReadModelWork<SqliteTx> = Box::new(|_| unreachable!("it is refused before"));
    let late = one
        .advance_in(step.clone().fenced(held.fence()), late)
        .await;
    assert!(
        matches!(
            &late,
            Err(AdvanceError::Store(ProjectionStoreError::Fenced { .. }))
        ),
        "{late:?}"
    );
    other.advance(step.fenced(taken.fence())).await.unwrap();
    // The token does not fall when it is given back.
    other.release_lease(&taken).await.unwrap();
    assert_eq!(one.find_lease(&lease).await.unwrap(), None);
    let again = other.acquire_lease(&lease, &bob, second).await.unwrap();
    assert!(again.token > taken.token);
    let lost = one.renew_lease(&held, second).await;
    assert!(matches!(lost, Err(LeaseError::Lost { .. })), "{lost:?}");
}

#[tokio::test]
async fn no_program_moves_a_checkpoint_back_or_gives_a_number_or_a_token_twice() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.begin_generation(build("bank", &[])).await.unwrap();
    let at = |number| Position::from_number(number);
    let step = Advance::new(name("bank"), Generation::FIRST, (None, at(5)));
    store.advance(step).await.unwrap();
    let (lease, holder) = (LeaseName::new("l").unwrap(), LeaseHolder::new("h").unwrap());
    let time = Duration::from_secs(1);
    let held = store.acquire_lease(&lease, &holder, time).await.unwrap();
    store.release_lease(&held).await.unwrap();
    store.acquire_lease(&lease, &holder, time).await.unwrap();
    let raw = Connection::open(&path).unwrap();
    for statement in [
        "UPDATE projection_generations SET checkpoint = 4",
        "UPDATE projection_generations SET checkpoint = NULL",
        "INSERT OR REPLACE INTO projection_generations VALUES ('bank', 1, 1, 1, NULL)",
        "UPDATE projections SET next_generation = 1",
        "UPDATE projections SET name = 'other'",
        "DELETE FROM projections",
        "INSERT OR REPLACE INTO projections VALUES ('bank', NULL, 1)",
        "UPDATE leases SET token = 1",
        "UPDATE leases SET name = 'other'",
        "DELETE FROM leases",
        "INSERT OR REPLACE INTO leases VALUES ('l', 1, NULL, 0)",
    ] {
        assert!(raw.execute_batch(statement).is_err(), "{statement}");
    }
}
