//! What is kept of projections: changed by the thread that writes, read by those that read.

use eventsource_core::{
    Advance, Build, Fence, Fingerprint, Generation, Parked, ParkedQuery, Position, ProjectionName,
    ProjectionStore, ProjectionStoreError, ReadError, StoredGeneration, StoredProjection, StreamId,
    Timestamp, Version, async_trait,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::FromSql};

use crate::{
    error::{corrupt, projection_not_found, read_error},
    sql,
    store::SqliteStore,
};

/// A build has its tables in the same file: that of generation 3 of `balances` is `balances__g3`, and `balances` is a view
/// of the one that is read. A name has letters, digits and `_`; one that is another projection's, or anything else's in the
/// file, is refused. A table cannot have foreign keys.
///
/// A step shares the transaction of the appends that wait. What begins a build, switches to one or lets go of one has a
/// transaction of its own, during which all writers wait, and dropping a table takes time by its size: about as long as
/// reading it.
#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn find_projection(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<StoredProjection>, ProjectionStoreError> {
        let name = projection.clone();
        self.ask(projection, move |connection| find(connection, &name))
            .await
    }

    async fn begin_generation(
        &self,
        build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        self.writer().begin_generation(build).await
    }

    async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError> {
        self.writer().advance(advance).await
    }

    async fn switch_to(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let writer = self.writer();
        writer
            .switch_to(projection.clone(), generation, fence.cloned())
            .await
    }

    async fn drop_generation(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let writer = self.writer();
        writer
            .drop_generation(projection.clone(), generation, fence.cloned())
            .await
    }

    async fn delete_projection(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let writer = self.writer();
        writer
            .delete_projection(projection.clone(), fence.cloned())
            .await
    }

    async fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Result<Vec<Parked>, ProjectionStoreError> {
        let name = projection.clone();
        let found = self.ask(projection, move |connection| {
            of_generation(connection, &name, generation, |of| {
                parked(connection, of, &query)
            })
        });
        existing(found.await?, projection, generation)
    }

    async fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<StreamId>, ProjectionStoreError> {
        let name = projection.clone();
        let found = self.ask(projection, move |connection| {
            of_generation(connection, &name, generation, |of| {
                parked_streams(connection, of)
            })
        });
        existing(found.await?, projection, generation)
    }
}

impl SqliteStore {
    async fn ask<T: Send + 'static>(
        &self,
        projection: &ProjectionName,
        read: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ProjectionStoreError> {
        let settled = self.settle().await;
        let answer = match settled {
            Ok(()) => {
                let of_one_moment = move |connection: &Connection, _: &mut _| {
                    let moment = connection.unchecked_transaction().map_err(read_error)?;
                    read(&moment)
                };
                self.readers().run(of_one_moment).await
            }
            Err(error) => Err(error),
        };
        answer.map_err(|error| projection_not_found(projection, error))
    }
}

fn existing<T>(
    found: Option<T>,
    projection: &ProjectionName,
    generation: Generation,
) -> Result<T, ProjectionStoreError> {
    found.ok_or_else(|| ProjectionStoreError::NoGeneration {
        projection: projection.clone(),
        generation,
    })
}

pub(crate) fn find(
    connection: &Connection,
    projection: &ProjectionName,
) -> Result<Option<StoredProjection>, ReadError> {
    let found: Option<Option<i64>> = connection
        .prepare_cached(sql::PROJECTION)
        .and_then(|mut statement| {
            let row = statement.query_row([projection.as_str()], |row| row.get(0));
            row.optional()
        })
        .map_err(read_error)?;
    let Some(live) = found else {
        return Ok(None);
    };
    let live = live.map(|live| unsigned(live, "live")).transpose()?;
    let mut statement = connection
        .prepare_cached(sql::GENERATIONS)
        .map_err(read_error)?;
    let mut rows = statement.query([projection.as_str()]).map_err(read_error)?;
    let mut generations = Vec::new();
    while let Some(row) = rows.next().map_err(read_error)? {
        generations.push(stored_generation(row)?);
    }
    if generations.is_empty() {
        return Ok(None);
    }
    let live = live.map(Generation::from_number);
    Ok(Some(StoredProjection::new(live, generations)))
}

fn stored_generation(row: &Row<'_>) -> Result<StoredGeneration, ReadError> {
    let generation = unsigned(get(row, 0, "generation")?, "generation")?;
    let version: i64 = get(row, 1, "version")?;
    let fingerprint: i64 = get(row, 2, "fingerprint")?;
    let checkpoint: Option<i64> = get(row, 3, "checkpoint")?;
    let checkpoint = checkpoint
        .map(|at| position(at, "checkpoint"))
        .transpose()?;
    Ok(StoredGeneration::new(
        Generation::from_number(generation),
        (
            u32::try_from(version).map_err(|_| damaged("version"))?,
            Fingerprint::new(fingerprint.cast_unsigned()),
        ),
        checkpoint,
        unsigned(get(row, 4, "count")?, "count")?,
    ))
}

/// A projection and a generation, as statements want them.
type Of<'a> = (&'a str, i64);

/// `None` where there is no such generation.
fn of_generation<T>(
    connection: &Connection,
    projection: &ProjectionName,
    generation: Generation,
    read: impl FnOnce(Of<'_>) -> Result<T, ReadError>,
) -> Result<Option<T>, ReadError> {
    let Ok(number) = i64::try_from(generation.number()) else {
        return Ok(None);
    };
    let of = (projection.as_str(), number);
    let is_there = connection
        .prepare_cached(sql::CHECKPOINT_OF)
        .and_then(|mut statement| statement.exists(of))
        .map_err(read_error)?;
    is_there.then(|| read(of)).transpose()
}

fn parked(
    connection: &Connection,
    (projection, generation): Of<'_>,
    query: &ParkedQuery,
) -> Result<Vec<Parked>, ReadError> {
    let after = query.after.map_or(0, Position::number);
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let statement = match query.stream {
        None => sql::PARKED,
        Some(_) => sql::PARKED_OF_STREAM,
    };
    let mut statement = connection.prepare_cached(statement).map_err(read_error)?;
    let rows = match &query.stream {
        None => statement.query(params![projection, generation, after, limit]),
        Some(stream) => {
            let stream = stream.to_string();
            statement.query(params![projection, generation, after, limit, stream])
        }
    };
    let mut rows = rows.map_err(read_error)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(read_error)? {
        all.push(one_parked(row)?);
    }
    Ok(all)
}

fn one_parked(row: &Row<'_>) -> Result<Parked, ReadError> {
    let version = unsigned(get(row, 2, "version")?, "version")?;
    let version = Version::new(version).ok_or_else(|| damaged("version"))?;
    let attempts: i64 = get(row, 4, "attempts")?;
    let attempts = u32::try_from(attempts).map_err(|_| damaged("attempts"))?;
    let mut parked = Parked::behind(
        position(get(row, 0, "position")?, "position")?,
        (stream(&get::<String>(row, 1, "stream")?)?, version),
        Timestamp::from_micros(get(row, 5, "at")?),
    );
    parked.error = get(row, 3, "error")?;
    parked.attempts = attempts;
    Ok(parked)
}

fn parked_streams(connection: &Connection, of: Of<'_>) -> Result<Vec<StreamId>, ReadError> {
    let mut statement = connection
        .prepare_cached(sql::PARKED_STREAMS)
        .map_err(read_error)?;
    let mut rows = statement.query(of).map_err(read_error)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(read_error)? {
        all.push(stream(&get::<String>(row, 0, "stream")?)?);
    }
    Ok(all)
}

fn stream(text: &str) -> Result<StreamId, ReadError> {
    text.parse().map_err(|_| damaged("stream"))
}

fn position(number: i64, column: &str) -> Result<Position, ReadError> {
    Position::from_number(unsigned(number, column)?).ok_or_else(|| damaged(column))
}

fn unsigned(number: i64, column: &str) -> Result<u64, ReadError> {
    u64::try_from(number).map_err(|_| damaged(column))
}

fn get<T: FromSql>(row: &Row<'_>, index: usize, column: &str) -> Result<T, ReadError> {
    row.get(index).map_err(|_| damaged(column))
}

fn damaged(column: &str) -> ReadError {
    corrupt(
        None,
        format!("the column `{column}` is not what was written"),
    )
}
