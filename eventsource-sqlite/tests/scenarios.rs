//! Scenarios of projections in the transactions of a database: what the checks look at is what is committed.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use eventsource_core::{Position, prelude::*, projection::Table};
use eventsource_sqlite::{SqliteStore, SqliteTx};
use eventsource_testing::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened {
    owner: String,
}

/// In whole units in version 1.
#[derive(Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 2)]
struct Deposited {
    #[event(was(units: i64, before = 2, with = |units| units * 100))]
    cents: i64,
}

#[derive(Default, Aggregate)]
#[aggregate(name = "account", id = u64, error = std::convert::Infallible, events(Opened, Deposited))]
struct Account;

impl<E> Apply<E> for Account {
    fn apply(&mut self, _: &E) {}
}

const BALANCES: Table = Table::new(
    "balances",
    "account TEXT PRIMARY KEY, owner TEXT, cents INTEGER NOT NULL CHECK (cents >= 0)",
);

#[derive(Default, Projection)]
#[projection(
    name = "balances",
    version = 1,
    from(Account),
    events(Opened, Deposited),
    transaction = SqliteTx
)]
struct Balances;

impl ReadModel for Balances {
    const TABLES: &'static [Table] = &[BALANCES];
}

impl ProjectIn<SqliteTx, Opened> for Balances {
    fn project(
        &self,
        event: &Opened,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let sql = format!(
            "INSERT INTO {} (account, owner, cents) VALUES (?1, ?2, 0)",
            tx.table("balances")?
        );
        tx.execute(&sql, (envelope.stream.id(), event.owner.as_str()))?;
        Ok(())
    }
}

impl ProjectIn<SqliteTx, Deposited> for Balances {
    fn project(
        &self,
        event: &Deposited,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let balances = tx.table("balances")?;
        let sql = format!("UPDATE {balances} SET cents = cents + ?2 WHERE account = ?1");
        tx.execute(&sql, (envelope.stream.id(), event.cents))?;
        Ok(())
    }
}

/// Counts the events that it has seen since the process began.
#[derive(Default, Projection)]
#[projection(
    name = "counts",
    version = 1,
    from(Account),
    events(Opened, Deposited),
    transaction = SqliteTx
)]
struct Counts(Mutex<BTreeSet<Position>>);

impl ReadModel for Counts {
    const TABLES: &'static [Table] = &[Table::new(
        "counts",
        "id INTEGER PRIMARY KEY, events INTEGER",
    )];
}

impl<E> ProjectIn<SqliteTx, E> for Counts {
    fn project(
        &self,
        _: &E,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let mut seen = self.0.lock().unwrap();
        seen.insert(envelope.position());
        let counts = tx.table("counts")?;
        let sql = format!("INSERT OR REPLACE INTO {counts} (id, events) VALUES (1, ?1)");
        tx.execute(&sql, (i64::try_from(seen.len())?,))?;
        Ok(())
    }
}

fn opened(owner: &str) -> Opened {
    let owner = owner.to_owned();
    Opened { owner }
}

/// All that a reader sees.
async fn all(store: &SqliteStore, sql: &str) -> Vec<String> {
    let models = store.read_models().await.unwrap();
    let rows = models.query(sql, ()).await.unwrap();
    let text = |row: &eventsource_sqlite::SqliteRow| row.get::<String>(0).unwrap();
    rows.iter().map(text).collect()
}

const ALL_BALANCES: &str =
    "SELECT account || ' ' || owner || ' ' || cents FROM balances ORDER BY account";

async fn store() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("events.db"))
        .await
        .unwrap();
    (folder, store)
}

#[tokio::test]
async fn rows_are_the_same_however_events_are_delivered() {
    let (_folder, store) = store().await;
    let outcome = ProjectionScenario::<Balances>::new()
        .on(store)
        .given::<Account>(1, (opened("ann"), Deposited { cents: 300 }))
        .given::<Account>(2, opened("bob"))
        .when_stored::<Account>(1, "account.deposited", 1, json!({"units": 2}))
        .when::<Account>(2, Deposited { cents: 7 })
        .then_rows(
            async |store| all(store, ALL_BALANCES).await,
            vec!["1 ann 500".to_owned(), "2 bob 7".to_owned()],
        );
    for check in ProjectionCheck::ALL {
        match outcome.verdict(*check) {
            Verdict::NoSubject(_) if *check == ProjectionCheck::FromNow => {}
            verdict => assert_eq!(verdict, Verdict::Passed, "{check}"),
        }
    }
}

/// What a scenario says that fails.
fn failure(scenario: impl FnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(scenario)).unwrap_err();
    failed.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn what_a_projection_keeps_for_itself_is_found() {
    let (_folder, store) = store().await;
    let text = failure(|| {
        ProjectionScenario::<Counts>::new()
            .on(store)
            .given::<Account>(1, (opened("ann"), Deposited { cents: 300 }))
            .when::<Account>(2, opened("bob"))
            .then_rows(
                async |store| all(store, "SELECT CAST(events AS TEXT) FROM counts").await,
                vec!["3".to_owned()],
            );
    });
    assert!(text.contains("the check `resumed` failed"), "{text}");
}

#[tokio::test]
async fn a_row_that_a_table_refuses_fails_the_delivery() {
    let (_folder, store) = store().await;
    let text = failure(|| {
        ProjectionScenario::<Balances>::new()
            .on(store)
            .given::<Account>(1, (opened("ann"), Deposited { cents: -1 }))
            .then_rows(async |store| all(store, ALL_BALANCES).await, Vec::new());
    });
    assert!(text.contains("the check `once` failed"), "{text}");
    assert!(text.contains("the delivered event 2"), "{text}");
}
