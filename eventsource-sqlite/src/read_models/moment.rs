//! A connection that reads read models, and one moment of them.

use std::{collections::BTreeSet, sync::Arc};

use eventsource_core::{Generation, Position, ProjectionName};
use rusqlite::{Connection, Error as SqlError, OptionalExtension};

use super::{SqliteReadError, stop::Stop};
use crate::{
    config::SqliteOptions,
    guard::{Guarded, Mode},
    names,
    rows::{self, SqliteRow},
    schema, sql,
    value::SqliteValue,
};

/// What keeps its statements apart from the store's own.
const PREFIX: &str = "/*read model*/ ";

/// Changes with every change of the schema.
const SCHEMA: &str = "PRAGMA schema_version";

/// What is read under which name, and where it lies. It goes through all that there are, which are few.
const LIVE_TABLES: &str = "SELECT t.name, t.generation FROM projections p \
     JOIN projection_tables t ON t.projection = p.name AND t.generation = p.live";

/// How many steps of SQLite's machine a query takes until it is asked whether anybody still waits for it: some
/// microseconds.
const STEPS: i32 = 1_000;

/// What a thread has.
pub(super) struct Moments {
    options: Arc<SqliteOptions>,
    /// What ends the present query.
    pub(super) stop: Stop,
    /// Opened when it is needed, also again after a failure.
    reader: Option<Reader>,
}

struct Reader {
    connection: Guarded,
    /// The names that may be read, and of which schema they are.
    allowed: Option<(i64, Arc<BTreeSet<String>>)>,
}

/// What is asked at one moment.
pub(super) struct Question {
    pub(super) sql: String,
    pub(super) values: Vec<SqliteValue>,
    /// So many rows at the most.
    pub(super) most: usize,
    /// Whose checkpoint is asked for, too.
    pub(super) of: Option<ProjectionName>,
}

/// The rows, and the checkpoint if it was asked for.
pub(super) type Answer = (Option<Position>, Vec<SqliteRow>);

impl Moments {
    pub(super) fn new(options: Arc<SqliteOptions>, stop: Stop) -> Self {
        Self {
            options,
            stop,
            reader: None,
        }
    }

    pub(super) fn ask(&mut self, question: &Question) -> Result<Answer, SqliteReadError> {
        self.at_one(|reader| {
            let checkpoint = match &question.of {
                Some(projection) => checkpoint(&reader.connection, projection)?,
                None => None,
            };
            let mode = Mode::Reading(reader.allowed()?);
            let text = format!("{PREFIX}{}", question.sql);
            let rows = reader.connection.within(mode, |connection| {
                let mut statement = rows::prepare(connection, &text, &question.values)?;
                rows::take(&mut statement, question.most)
            });
            let rows = rows.map_err(|error| SqliteReadError::of_query(&question.sql, error))?;
            Ok((checkpoint, rows))
        })
    }

    pub(super) fn checkpoint(
        &mut self,
        projection: &ProjectionName,
    ) -> Result<Option<Position>, SqliteReadError> {
        self.at_one(|reader| checkpoint(&reader.connection, projection))
    }

    pub(super) fn head(&mut self) -> Result<Option<Position>, SqliteReadError> {
        self.at_one(|reader| {
            let head: Option<i64> = reader
                .connection
                .prepare_cached(sql::HEAD)
                .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
                .map_err(SqliteReadError::engine)?;
            head.map(position).transpose()
        })
    }

    /// All that is read is of one moment.
    fn at_one<T>(
        &mut self,
        read: impl FnOnce(&mut Reader) -> Result<T, SqliteReadError>,
    ) -> Result<T, SqliteReadError> {
        // One that was left within a transaction would show the past for ever.
        self.reader.take_if(|left| !left.connection.is_autocommit());
        let reader = if let Some(reader) = &mut self.reader {
            reader
        } else {
            let connection = open(&self.options, &self.stop);
            self.reader.insert(Reader {
                connection: connection.map_err(SqliteReadError::engine)?,
                allowed: None,
            })
        };
        let answer = reader.run(sql::BEGIN_READ).and_then(|()| {
            let answer = read(reader);
            reader.run(sql::COMMIT)?;
            answer
        });
        if matches!(
            answer,
            Err(SqliteReadError::Unavailable { .. } | SqliteReadError::Engine { .. })
        ) {
            // The next one tries a new connection.
            self.reader = None;
        }
        answer
    }
}

fn open(options: &SqliteOptions, stop: &Stop) -> rusqlite::Result<Guarded> {
    let mut connection = schema::open_reader(options)?;
    let stop = stop.clone();
    connection.progress_handler(STEPS, Some(move || stop.is_wanted()))?;
    Guarded::new(connection)
}

impl Reader {
    fn run(&self, statement: &str) -> Result<(), SqliteReadError> {
        self.connection
            .prepare_cached(statement)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(SqliteReadError::engine)
    }

    /// The views that are live, and the tables behind them.
    fn allowed(&mut self) -> Result<Arc<BTreeSet<String>>, SqliteReadError> {
        let engine = SqliteReadError::engine;
        let schema: i64 = self
            .connection
            .prepare_cached(SCHEMA)
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(engine)?;
        if let Some((of, allowed)) = &self.allowed
            && *of == schema
        {
            return Ok(Arc::clone(allowed));
        }
        let mut statement = self
            .connection
            .prepare_cached(LIVE_TABLES)
            .map_err(engine)?;
        let tables = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        });
        let mut names = BTreeSet::new();
        for table in tables.map_err(engine)? {
            let (plain, generation) = table.map_err(engine)?;
            let number = u64::try_from(generation).map_err(|_| out_of_range(generation))?;
            names.insert(names::physical(&plain, Generation::from_number(number)));
            names.insert(plain.to_ascii_lowercase());
        }
        let allowed = Arc::new(names);
        self.allowed = Some((schema, Arc::clone(&allowed)));
        Ok(allowed)
    }
}

fn checkpoint(
    connection: &Connection,
    projection: &ProjectionName,
) -> Result<Option<Position>, SqliteReadError> {
    let stored: Option<Option<i64>> = connection
        .prepare_cached(sql::LIVE_CHECKPOINT)
        .and_then(|mut statement| {
            let row = statement.query_row([projection.as_str()], |row| row.get(0));
            row.optional()
        })
        .map_err(SqliteReadError::engine)?;
    let Some(checkpoint) = stored else {
        let projection = projection.clone();
        return Err(SqliteReadError::NoProjection { projection });
    };
    checkpoint.map(position).transpose()
}

/// What is stored is not trusted.
fn position(stored: i64) -> Result<Position, SqliteReadError> {
    let number = u64::try_from(stored).ok();
    let position = number.and_then(Position::from_number);
    position.ok_or_else(|| out_of_range(stored))
}

fn out_of_range(stored: i64) -> SqliteReadError {
    SqliteReadError::engine(SqlError::IntegralValueOutOfRange(0, stored))
}
