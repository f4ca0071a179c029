//! Reading what projections have built, without a way to the events.

mod error;
mod moment;
mod pool;
mod stop;

use std::{fmt, path::Path, sync::Arc};

use eventsource_core::{Position, ProjectionName};
use tokio::sync::oneshot;

pub use self::error::SqliteReadError;
use self::{moment::Question, pool::Pool};
use crate::{
    config::SqliteOptions,
    error::{OpenError, ThreadPanicked},
    rows::SqliteRow,
    schema,
    value::{SqliteParams, checked},
};

/// The read models in a file: it reads the tables of projections that are live, and nothing else.
///
/// Whoever answers queries is given this and no store: no query reaches an event, a stream or a snapshot, nor a
/// generation that is not live, and none changes anything. SQLite itself is asked about each.
///
/// Queries use the plain names, such as `balances`. The name of a table in its generation, such as `balances__g3`, works,
/// too, as long as that generation is live: SQLite does not say by which of the two a query has come to a table. Such a
/// query fails after the next switch, which one by the plain name does not notice.
///
/// Each answer is of one moment. A switch to another generation is seen by an answer from its beginning on, or not at all.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::{Build, Fingerprint, ProjectionName, ProjectionStore, projection::Table};
/// # use eventsource_sqlite::{SqliteReadModels, SqliteStore};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("bank.db");
/// # let store = SqliteStore::open(&path).await?;
/// # let balances = Table::new("balances", "account TEXT PRIMARY KEY, haler INTEGER NOT NULL");
/// # let build = Build::new(ProjectionName::new("balances")?, (1, Fingerprint::new(1)));
/// # store.begin_generation(build.with_tables([balances]).live()).await?;
/// struct Queries(SqliteReadModels);
///
/// impl Queries {
///     async fn balance(&self, account: &str) -> Result<Option<i64>, eventsource_sqlite::SqliteReadError> {
///         let balance = "SELECT haler FROM balances WHERE account = ?1";
///         let row = self.0.query_optional(balance, [account]).await?;
///         Ok(row.map(|row| row.get("haler")).transpose()?)
///     }
/// }
///
/// let queries = Queries(SqliteReadModels::open(&path).await?);
/// assert_eq!(queries.balance("576").await?, None);
/// assert!(queries.0.query("SELECT payload FROM events", ()).await.is_err());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteReadModels(Arc<Inner>);

struct Inner {
    options: Arc<SqliteOptions>,
    pool: Pool,
}

/// An answer, and the position up to which the read model had every event when it was given.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AsOf<T> {
    /// The checkpoint; `None` before the first event.
    pub position: Option<Position>,
    /// The answer.
    pub answer: T,
}

impl SqliteReadModels {
    /// Opens the read models in the file of a store. The file is there, and nothing of it is changed; the store may be
    /// open at the same time, in this process or in another one, or not.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; besides those of a store, [`FileMissing`](OpenError::FileMissing) and
    /// [`OlderSchema`](OpenError::OlderSchema).
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(SqliteOptions::new(path)).await
    }

    /// The same, with options: [`SqliteOptions::readers`] queries at the same moment, each of which waits
    /// [`SqliteOptions::busy_timeout`]. The others are for stores.
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open).
    pub async fn open_with(options: SqliteOptions) -> Result<Self, OpenError> {
        let options = Arc::new(options.in_one_place()?);
        let (checked, answered) = oneshot::channel();
        let shared = Arc::clone(&options);
        // The file system may be slow.
        std::thread::Builder::new()
            .name("sqlite-models".to_owned())
            .spawn(move || drop(checked.send(schema::check_readable(&shared))))
            .map_err(|error| OpenError::engine(&options.path, error))?;
        answered
            .await
            .unwrap_or_else(|_| Err(OpenError::engine(&options.path, ThreadPanicked)))?;
        Self::start(options).map(|(models, _)| models)
    }

    /// In a file that is open. The receivers resolve once the threads have ended.
    pub(crate) fn start(
        options: Arc<SqliteOptions>,
    ) -> Result<(Self, Vec<oneshot::Receiver<()>>), OpenError> {
        let (pool, ended) = Pool::start(&options)?;
        Ok((Self(Arc::new(Inner { options, pool })), ended))
    }

    pub(crate) fn close(&self) {
        self.0.pool.close();
    }

    /// All rows of an answer, in memory at once: limit them where there may be many.
    ///
    /// Cancel safe: a query ends soon after its future is dropped, and lets its connection go; SQLite asks between its steps,
    /// so that one long step, as a sort of many rows, is done first. One that is waited for goes on
    /// until its end, however long that takes, and what it sees of the write-ahead log stays there as long; put a timeout
    /// around what may be slow. Closing the store ends it, too, with [`Closed`](crate::Closed) as the source of the error.
    ///
    /// # Errors
    ///
    /// [`SqliteReadError`].
    pub async fn query(
        &self,
        sql: impl Into<String>,
        params: impl SqliteParams,
    ) -> Result<Vec<SqliteRow>, SqliteReadError> {
        self.query_up_to(usize::MAX, sql.into(), params).await
    }

    async fn query_up_to(
        &self,
        most: usize,
        sql: String,
        params: impl SqliteParams,
    ) -> Result<Vec<SqliteRow>, SqliteReadError> {
        let question = Question {
            sql,
            values: checked(params)?,
            most,
            of: None,
        };
        let read = move |moments: &mut moment::Moments| moments.ask(&question);
        self.0.pool.run(read).await.map(|(_, rows)| rows)
    }

    /// The only row.
    ///
    /// # Errors
    ///
    /// [`SqliteReadError::NoRow`] without one, [`SqliteReadError::MoreRows`] with several; others as
    /// [`query`](Self::query).
    pub async fn query_one(
        &self,
        sql: impl Into<String>,
        params: impl SqliteParams,
    ) -> Result<SqliteRow, SqliteReadError> {
        let sql = sql.into();
        let row = self.query_optional(sql.clone(), params).await?;
        row.ok_or(SqliteReadError::NoRow { sql })
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    ///
    /// [`SqliteReadError::MoreRows`] with several; others as [`query`](Self::query).
    pub async fn query_optional(
        &self,
        sql: impl Into<String>,
        params: impl SqliteParams,
    ) -> Result<Option<SqliteRow>, SqliteReadError> {
        let sql = sql.into();
        let mut rows = self.query_up_to(2, sql.clone(), params).await?;
        if rows.len() > 1 {
            return Err(SqliteReadError::MoreRows { sql });
        }
        Ok(rows.pop())
    }

    /// All rows of an answer, and the checkpoint of a projection, both of the same moment.
    ///
    /// # Errors
    ///
    /// [`SqliteReadError::NoProjection`] where nothing of it is read; others as [`query`](Self::query).
    pub async fn query_as_of(
        &self,
        projection: &ProjectionName,
        sql: impl Into<String>,
        params: impl SqliteParams,
    ) -> Result<AsOf<Vec<SqliteRow>>, SqliteReadError> {
        let (sql, values) = (sql.into(), checked(params)?);
        let question = Question {
            sql,
            values,
            most: usize::MAX,
            of: Some(projection.clone()),
        };
        let read = move |moments: &mut moment::Moments| moments.ask(&question);
        let (position, answer) = self.0.pool.run(read).await?;
        Ok(AsOf { position, answer })
    }

    /// Where the generation that is read of a projection is: every event up to there is in it, or parked. `None` before the
    /// first event.
    ///
    /// # Errors
    ///
    /// [`SqliteReadError::NoProjection`] where nothing of it is read; others when the file cannot be read.
    pub async fn checkpoint(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<Position>, SqliteReadError> {
        let projection = projection.clone();
        let read = move |moments: &mut moment::Moments| moments.checkpoint(&projection);
        self.0.pool.run(read).await
    }

    /// The last position of the store, so that it can be told how far a read model is behind: a number, and no way to the
    /// event. `None` where the store is empty.
    ///
    /// # Errors
    ///
    /// [`SqliteReadError`] when the file cannot be read.
    pub async fn head(&self) -> Result<Option<Position>, SqliteReadError> {
        self.0.pool.run(moment::Moments::head).await
    }
}

impl fmt::Debug for SqliteReadModels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteReadModels")
            .field("path", &self.0.options.path)
            .finish_non_exhaustive()
    }
}
