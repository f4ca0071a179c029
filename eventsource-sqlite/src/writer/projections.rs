//! Steps of projections, within a transaction.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use eventsource_core::{
    Advance, AdvanceError, AppendError, Fence, Generation, Position, ProjectionName,
    ProjectionStoreError, ReadModelWork, StoredGeneration,
    projection::{DeliveryError, DeliveryFailure, HandlerError},
};
use rusqlite::{OptionalExtension, params};

use super::{generations::GenerationTask, transaction::Transaction};
use crate::{
    error::{failed, rejected},
    guard::Guarded,
    schema, sql,
    tx::SqliteTx,
};

/// What is to be done to what is kept of a projection.
pub(super) enum ProjectionTask {
    Advance(Advance),
    AdvanceIn(Advance, ReadModelWork<SqliteTx>),
    Generation(GenerationTask),
}

/// The generation that was begun, if one was, or why nothing has changed; the outer error is the engine's.
pub(super) type ProjectionOutcome = Result<Option<StoredGeneration>, AdvanceError>;

/// Why a step of a projection is undone.
pub(super) enum Stop {
    /// The engine has failed.
    Engine(AppendError),
    /// It cannot be done so.
    Refused(AdvanceError),
}

impl From<AppendError> for Stop {
    fn from(error: AppendError) -> Self {
        Self::Engine(error)
    }
}

impl From<ProjectionStoreError> for Stop {
    fn from(error: ProjectionStoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<DeliveryFailure> for Stop {
    fn from(failure: DeliveryFailure) -> Self {
        Self::Refused(failure.into())
    }
}

/// While it lives, the cache is that of builds: what is beyond it leaves at once, and what was not used for the longest time
/// goes first. Where the engine cannot set it, there is only more or less of it: nothing fails for that.
pub(super) struct SmallCache(Rc<Guarded>);

impl SmallCache {
    pub(super) fn begin(connection: &Rc<Guarded>) -> Self {
        let small = Self(Rc::clone(connection));
        small.set(schema::CACHE_OF_BUILDS);
        small
    }

    fn set(&self, size: i64) {
        drop(self.0.pragma_update(None, "cache_size", size));
    }
}

impl Drop for SmallCache {
    fn drop(&mut self) {
        self.set(schema::CACHE);
    }
}

impl Transaction<'_> {
    pub(super) fn projection(
        &mut self,
        task: &ProjectionTask,
    ) -> Result<ProjectionOutcome, AppendError> {
        let builds = self.builds(task)?;
        let _small = builds.then(|| SmallCache::begin(self.connection));
        let done = self.all_or_nothing(|transaction| match task {
            ProjectionTask::Advance(advance) => transaction.advance(advance, None).map(|()| None),
            ProjectionTask::AdvanceIn(advance, work) => {
                transaction.advance(advance, Some(work)).map(|()| None)
            }
            ProjectionTask::Generation(task) => transaction.generation(task),
        });
        match done {
            Ok(begun) => Ok(Ok(begun)),
            Err(Stop::Engine(error)) => Err(error),
            Err(Stop::Refused(error)) => Ok(Err(error)),
        }
    }

    /// Whether it goes through tables that are not read yet, or not any more, from one end to the other.
    fn builds(&self, task: &ProjectionTask) -> Result<bool, AppendError> {
        let advance = match task {
            ProjectionTask::AdvanceIn(advance, _) => advance,
            ProjectionTask::Advance(_) => return Ok(false),
            ProjectionTask::Generation(_) => return Ok(true),
        };
        let of = (
            advance.projection.as_str(),
            number(advance.generation.number())?,
        );
        let is_live = self
            .connection
            .prepare_cached(sql::IS_LIVE)
            .and_then(|mut statement| statement.exists(of));
        Ok(!is_live.map_err(rejected)?)
    }

    fn advance(
        &mut self,
        advance: &Advance,
        work: Option<&ReadModelWork<SqliteTx>>,
    ) -> Result<(), Stop> {
        advance.check()?;
        self.check_fence(&advance.projection, advance.fence.as_ref())?;
        let actual = self.checkpoint(&advance.projection, advance.generation)?;
        if actual != advance.from {
            return Err(Stop::from(ProjectionStoreError::Moved {
                projection: advance.projection.clone(),
                generation: advance.generation,
                expected: advance.from,
                actual,
            }));
        }
        self.let_parked_go(advance)?;
        if let Some(work) = work {
            self.work(&advance.projection, advance.generation, work)?;
        }
        self.move_on(advance)
    }

    /// What handlers do to a read model. A panic of theirs is theirs.
    fn work(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
        work: &ReadModelWork<SqliteTx>,
    ) -> Result<(), Stop> {
        let tables = self.tables(projection, generation)?;
        self.strike()?;
        let connection = Rc::clone(self.connection);
        let mut tx = SqliteTx::new(connection, projection.clone(), generation, tables);
        let worked = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
        if let Some(failure) = tx.take_failure() {
            return Err(engine(failure));
        }
        // A statement may say `OR ROLLBACK`, and then nothing of the group is left.
        if matches!(worked, Ok(Ok(()))) && self.connection.is_autocommit() {
            let lost = HandlerError::permanent("a statement has rolled back the whole transaction");
            return Err(Stop::from(DeliveryFailure::undone(0, lost)));
        }
        let panicked = || DeliveryFailure::undone(0, DeliveryError::Panicked);
        worked
            .unwrap_or_else(|_| Err(panicked()))
            .map_err(Stop::from)
    }

    /// What an advance says, once it is known that it may.
    fn move_on(&mut self, advance: &Advance) -> Result<(), Stop> {
        let projection = advance.projection.as_str();
        let generation = number(advance.generation.number())?;
        if advance.to != advance.from {
            let to = advance.to.map(|to| number(to.number())).transpose()?;
            self.run(sql::MOVE_CHECKPOINT, params![projection, generation, to])?;
        }
        for parked in &advance.park {
            let values = params![
                projection,
                generation,
                number(parked.position.number())?,
                parked.stream.to_string(),
                number(parked.version.get())?,
                parked.error,
                parked.attempts,
                parked.at.as_micros(),
            ];
            self.run(sql::PARK, values)?;
        }
        Ok(())
    }

    /// Before the handlers do anything: of two that deliver a parked event, one is refused.
    fn let_parked_go(&mut self, advance: &Advance) -> Result<(), Stop> {
        let generation = number(advance.generation.number())?;
        for position in &advance.unpark {
            let values = params![
                advance.projection.as_str(),
                generation,
                number(position.number())?
            ];
            let statement = self.statement(sql::UNPARK)?.execute(values);
            if statement.map_err(engine)? == 0 {
                return Err(Stop::from(ProjectionStoreError::NotParked {
                    projection: advance.projection.clone(),
                    generation: advance.generation,
                    position: *position,
                }));
            }
        }
        Ok(())
    }

    /// Refuses what is done under a lease that is no longer held.
    pub(super) fn check_fence(
        &mut self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), Stop> {
        let Some(fence) = fence else {
            return Ok(());
        };
        let current = self.token_of(&fence.lease)?;
        if current == Some(fence.token) {
            return Ok(());
        }
        let fenced = ProjectionStoreError::fenced(projection, fence, current);
        Err(Stop::from(fenced))
    }

    /// Where a generation is; refused where there is none.
    pub(super) fn checkpoint(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Option<Position>, Stop> {
        let stored: Option<Option<i64>> = self
            .statement(sql::CHECKPOINT_OF)?
            .query_row(
                params![projection.as_str(), number(generation.number())?],
                |row| row.get(0),
            )
            .optional()
            .map_err(engine)?;
        let Some(checkpoint) = stored else {
            return Err(Stop::from(ProjectionStoreError::NoGeneration {
                projection: projection.clone(),
                generation,
            }));
        };
        let Some(checkpoint) = checkpoint else {
            return Ok(None);
        };
        let position = u64::try_from(checkpoint)
            .ok()
            .and_then(Position::from_number);
        match position {
            Some(position) => Ok(Some(position)),
            None => Err(Stop::from(damaged(projection, "checkpoint"))),
        }
    }
}

pub(super) fn damaged(projection: &ProjectionName, column: &str) -> ProjectionStoreError {
    ProjectionStoreError::Corrupt {
        projection: projection.clone(),
        reason: format!("the column `{column}` is not what was written"),
    }
}

/// A number as SQLite has it.
pub(super) fn number(number: u64) -> Result<i64, AppendError> {
    i64::try_from(number).map_err(failed)
}

pub(super) fn engine(error: rusqlite::Error) -> Stop {
    Stop::Engine(rejected(error).into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use eventsource_core::{
        Build, Fingerprint,
        fault::{FaultAction, FaultPoint},
    };

    use super::*;
    use crate::{SqliteOptions, writer::interned::Interned};

    /// Panics where a step asks for the first time.
    #[derive(Debug)]
    struct Panics;

    impl eventsource_core::fault::FaultHook for Panics {
        fn at(&self, point: FaultPoint) -> FaultAction {
            assert_ne!(point, FaultPoint::Statement(0), "as the test wants");
            FaultAction::GoOn
        }
    }

    #[test]
    fn the_cache_is_as_it_was_also_after_a_panic_within_a_build() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = SqliteOptions::new(folder.path().join("events.db"));
        let connection = Rc::new(schema::open_writer(&options).expect("a connection"));
        let cache = || -> i64 {
            let size = connection.pragma_query_value(None, "cache_size", |row| row.get(0));
            size.expect("a number")
        };
        let small = SmallCache::begin(&connection);
        assert_eq!(cache(), schema::CACHE_OF_BUILDS);
        drop(small);
        assert_eq!(cache(), schema::CACHE);
        let (mut interned, faulty) = (Interned::default(), options.with_faults(Arc::new(Panics)));
        let name = ProjectionName::new("balances").expect("a name");
        let build = Build::new(name, (1, Fingerprint::new(1)));
        let task = ProjectionTask::Generation(GenerationTask::Begin(build));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let begun = Transaction::begin(&connection, &mut interned, &faulty);
            let mut transaction = begun.expect("a transaction");
            transaction.next_job();
            transaction.projection(&task).is_ok()
        }));
        assert!(panicked.is_err());
        assert_eq!(cache(), schema::CACHE);
    }
}
