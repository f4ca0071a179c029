//! Jars of coins, and what each of them holds, in tables.

use std::{
    any::Any,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    Append, EventId, IdSource, NewEvent, Projection, ProjectionStatus, Receipt, RetryPolicy,
    RunSettings, RunnerHandle, StoredPayload, UuidV7,
    prelude::*,
    projection::{Envelope, HandlerError, HandlesIn, ProjectIn, ReadModel, Source, Table},
};
use eventsource_sqlite::{SqliteReadModels, SqliteStore, SqliteTx};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// Longer than anything here takes, so that a wait that fails says why.
pub(crate) const LONG: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "jar.filled")]
pub(crate) struct Filled {
    pub(crate) coins: i64,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
pub(crate) struct Jar {
    coins: i64,
}

impl Apply<Filled> for Jar {
    fn apply(&mut self, event: &Filled) {
        self.coins += event.coins;
    }
}

/// Fills a jar, without looking at what is in it.
pub(crate) async fn fill(store: &impl EventStore, jar: u64, coins: i64) -> Receipt {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        "jar.filled".parse().unwrap(),
        1,
        StoredPayload::json(format!(r#"{{"coins":{coins}}}"#).as_bytes()),
        Timestamp::EPOCH,
    );
    let stream = StreamId::of::<Jar>(&jar).unwrap();
    let append = Append::to(stream, Expected::Any, [event]);
    store.append(append).await.unwrap()
}

/// What each jar holds, and every fill, of version `VERSION`. A jar that is filled with the forbidden number of coins is
/// not taken in, after something was written for it.
#[derive(Debug, Clone)]
pub(crate) struct Holdings<const VERSION: u32 = 1> {
    forbidden: Arc<AtomicI64>,
}

impl<const VERSION: u32> Default for Holdings<VERSION> {
    fn default() -> Self {
        Self {
            forbidden: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }
}

impl<const VERSION: u32> Holdings<VERSION> {
    pub(crate) fn forbidding(coins: i64) -> Self {
        let holdings = Self::default();
        holdings.forbid(coins);
        holdings
    }

    pub(crate) fn forbid(&self, coins: i64) {
        self.forbidden.store(coins, Ordering::SeqCst);
    }

    pub(crate) fn forgive(&self) {
        self.forbidden.store(i64::MIN, Ordering::SeqCst);
    }
}

impl<const VERSION: u32> ReadModel for Holdings<VERSION> {
    const TABLES: &'static [Table] = &[
        Table::new("holdings", "jar TEXT PRIMARY KEY, coins INTEGER NOT NULL"),
        Table::new(
            "fills",
            "position INTEGER PRIMARY KEY, jar TEXT NOT NULL, coins INTEGER NOT NULL, made_by INTEGER NOT NULL",
        ),
    ];
}

impl<const VERSION: u32> ProjectIn<SqliteTx, Filled> for Holdings<VERSION> {
    fn project(
        &self,
        event: &Filled,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let jar = envelope.stream.id();
        let holdings = tx.table("holdings")?;
        let add = format!(
            "INSERT INTO {holdings} (jar, coins) VALUES (?1, ?2)
             ON CONFLICT (jar) DO UPDATE SET coins = coins + excluded.coins"
        );
        tx.execute(&add, (jar, event.coins))?;
        if event.coins == self.forbidden.load(Ordering::SeqCst) {
            return Err(HandlerError::new("forbidden"));
        }
        let position = i64::try_from(envelope.position().number())?;
        let fills = tx.table("fills")?;
        let insert =
            format!("INSERT INTO {fills} (position, jar, coins, made_by) VALUES (?1, ?2, ?3, ?4)");
        tx.execute(&insert, (position, jar, event.coins, i64::from(VERSION)))?;
        Ok(())
    }
}

impl<const VERSION: u32> Projection for Holdings<VERSION> {
    const NAME: &'static str = "holdings";
    const VERSION: u32 = VERSION;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

/// A derive takes no generics; this one has its version as one.
impl<const VERSION: u32> HandlesIn<SqliteTx> for Holdings<VERSION> {
    fn handle(
        &self,
        event: &dyn Any,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        match event.downcast_ref::<Filled>() {
            Some(event) => self.project(event, envelope, tx),
            None => Ok(()),
        }
    }
}

/// A database that goes with the test, and a way to read it.
pub(crate) struct Bank {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Bank {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jars.db");
        Self {
            _folder: folder,
            path,
        }
    }

    pub(crate) async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path).await.unwrap()
    }
}

/// Whoever reads has no way to the events.
pub(crate) struct Reads(SqliteReadModels);

impl Reads {
    pub(crate) async fn open(path: &Path) -> Self {
        Self(SqliteReadModels::open(path).await.unwrap())
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let row = self.0.query_one(sql, ()).await.unwrap();
        row.get("number").unwrap()
    }

    pub(crate) async fn of(&self, jar: u64) -> Option<i64> {
        let sql = "SELECT coins FROM holdings WHERE jar = ?1";
        let row = self.0.query_optional(sql, [jar.to_string()]).await.unwrap();
        row.map(|row| row.get("coins").unwrap())
    }

    /// Every fill of a jar, in its order.
    pub(crate) async fn fills(&self, jar: u64) -> Vec<i64> {
        let sql = "SELECT coins FROM fills WHERE jar = ?1 ORDER BY position";
        let rows = self.0.query(sql, [jar.to_string()]).await.unwrap();
        rows.iter().map(|row| row.get("coins").unwrap()).collect()
    }

    /// How many fills there are; and that what jars hold is what was filled in.
    pub(crate) async fn count(&self) -> i64 {
        let sums = "SELECT (SELECT coalesce(sum(coins), 0) FROM holdings)
                    - (SELECT coalesce(sum(coins), 0) FROM fills) AS number";
        assert_eq!(self.number(sums).await, 0, "each fill is in its jar once");
        self.number("SELECT count(*) AS number FROM fills").await
    }
}

/// So many attempts, without waits in between.
pub(crate) fn at_once(attempts: u32) -> RunSettings {
    let retry = RetryPolicy::default().with_attempts(attempts);
    RunSettings::default().with_retry(retry.with_delays(Duration::ZERO, Duration::ZERO))
}

pub(crate) async fn status(runner: &RunnerHandle) -> ProjectionStatus {
    runner.status_of_one("holdings").await.unwrap().unwrap()
}

/// Waits until it is doing as it is to.
pub(crate) async fn until(runner: &RunnerHandle, is: impl Fn(&ProjectionStatus) -> bool + Send) {
    loop {
        let status = status(runner).await;
        if is(&status) {
            return;
        }
        tokio::task::yield_now().await;
    }
}
