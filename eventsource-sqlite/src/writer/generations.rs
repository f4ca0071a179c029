//! Generations of read models, within a transaction: their tables, and the views under which they are read.

use eventsource_core::{
    Build, Fence, Generation, Position, ProjectionName, ProjectionStoreError, StoredGeneration,
};
use rusqlite::{OptionalExtension, params};

use super::{
    projections::{Stop, damaged, engine, number},
    transaction::Transaction,
};
use crate::sql;

/// What is to be done to the generations of a projection.
pub(super) enum GenerationTask {
    Begin(Build),
    Switch(ProjectionName, Generation, Option<Fence>),
    Drop(ProjectionName, Generation, Option<Fence>),
    Delete(ProjectionName, Option<Fence>),
}

/// What is stored of a projection.
struct Stored {
    live: Option<Generation>,
    next: i64,
}

impl Transaction<'_> {
    /// The generation that was begun, if one was.
    pub(super) fn generation(
        &mut self,
        task: &GenerationTask,
    ) -> Result<Option<StoredGeneration>, Stop> {
        match task {
            GenerationTask::Begin(build) => self.begin_generation(build).map(Some),
            GenerationTask::Switch(projection, generation, fence) => {
                self.check_fence(projection, fence.as_ref())?;
                self.switch_to(projection, *generation).map(|()| None)
            }
            GenerationTask::Drop(projection, generation, fence) => {
                self.check_fence(projection, fence.as_ref())?;
                self.drop_generation(projection, *generation).map(|()| None)
            }
            GenerationTask::Delete(projection, fence) => {
                self.check_fence(projection, fence.as_ref())?;
                self.delete_projection(projection).map(|()| None)
            }
        }
    }

    pub(super) fn begin_generation(&mut self, build: &Build) -> Result<StoredGeneration, Stop> {
        let projection = &build.projection;
        self.check_fence(projection, build.fence.as_ref())?;
        let stored = self.stored_projection(projection)?;
        let number_of = stored.as_ref().map_or(1, |stored| stored.next);
        let generation = generation(projection, number_of)?;
        let next = number(generation.number().saturating_add(1))?;
        let statement = match &stored {
            None => sql::NEW_PROJECTION,
            Some(_) => sql::NEXT_GENERATION,
        };
        self.run(statement, params![projection.as_str(), next])?;
        let live = stored.and_then(|stored| stored.live);
        self.make_tables(build, generation, live)?;
        let after = build.after.map(Position::number).map(number).transpose()?;
        let values = params![
            projection.as_str(),
            number_of,
            build.version,
            build.fingerprint.number().cast_signed(),
            after,
        ];
        self.run(sql::NEW_GENERATION, values)?;
        if build.live {
            self.drop_views(projection, live)?;
            if let Some(live) = live {
                self.let_go(projection, live)?;
            }
            self.make_live(projection, generation)?;
        }
        Ok(StoredGeneration::new(
            generation,
            (build.version, build.fingerprint),
            build.after,
            0,
        ))
    }

    fn switch_to(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<(), Stop> {
        let checkpoint = self.checkpoint(projection, generation)?;
        let stored = self.stored_projection(projection)?;
        let live = stored.and_then(|stored| stored.live);
        if let Some(read) = live {
            let live = self.checkpoint(projection, read)?;
            if checkpoint < live {
                return Err(Stop::from(ProjectionStoreError::Behind {
                    projection: projection.clone(),
                    generation,
                    checkpoint,
                    live,
                }));
            }
        }
        let mut others = self.generations(projection)?;
        others.retain(|other| *other != generation);
        self.follow(projection, generation, (live, &others))
    }

    /// Makes a generation the one that is read, and lets go of these others.
    pub(super) fn follow(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
        (live, others): (Option<Generation>, &[Generation]),
    ) -> Result<(), Stop> {
        self.drop_views(projection, live)?;
        for other in others {
            self.let_go(projection, *other)?;
        }
        self.make_live(projection, generation)
    }

    /// Makes a generation the one that is read. The views of what was read before are gone.
    fn make_live(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<(), Stop> {
        let values = params![projection.as_str(), number(generation.number())?];
        self.run(sql::MAKE_LIVE, values)?;
        self.make_views(projection, generation)
    }

    fn drop_generation(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<(), Stop> {
        let stored = self.stored_projection(projection)?;
        if stored.and_then(|stored| stored.live) == Some(generation) {
            return Err(Stop::from(ProjectionStoreError::Live {
                projection: projection.clone(),
                generation,
            }));
        }
        self.let_go(projection, generation)
    }

    fn delete_projection(&mut self, projection: &ProjectionName) -> Result<(), Stop> {
        let Some(stored) = self.stored_projection(projection)? else {
            return Ok(());
        };
        self.drop_views(projection, stored.live)?;
        for generation in self.generations(projection)? {
            self.let_go(projection, generation)?;
        }
        let values = params![projection.as_str(), None::<i64>];
        self.run(sql::MAKE_LIVE, values)?;
        Ok(())
    }

    /// Of one generation, everything but its views.
    fn let_go(&mut self, projection: &ProjectionName, generation: Generation) -> Result<(), Stop> {
        self.drop_tables(projection, generation)?;
        let of = (projection.as_str(), number(generation.number())?);
        for statement in [sql::DROP_TABLES, sql::DROP_PARKED, sql::DROP_GENERATION] {
            self.run(statement, of)?;
        }
        Ok(())
    }

    fn generations(&mut self, projection: &ProjectionName) -> Result<Vec<Generation>, Stop> {
        let mut statement = self.statement(sql::GENERATIONS)?;
        let numbers = statement.query_map([projection.as_str()], |row| row.get(0));
        let numbers: Result<Vec<i64>, _> = numbers.map_err(engine)?.collect();
        let numbers = numbers.map_err(engine)?.into_iter();
        numbers
            .map(|number| generation(projection, number))
            .collect()
    }

    fn stored_projection(&mut self, projection: &ProjectionName) -> Result<Option<Stored>, Stop> {
        let found: Option<(Option<i64>, i64)> = self
            .statement(sql::PROJECTION)?
            .query_row([projection.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(engine)?;
        let Some((live, next)) = found else {
            return Ok(None);
        };
        let live = live.map(|live| generation(projection, live)).transpose()?;
        Ok(Some(Stored { live, next }))
    }
}

fn generation(projection: &ProjectionName, number: i64) -> Result<Generation, Stop> {
    match u64::try_from(number) {
        Ok(number) => Ok(Generation::from_number(number)),
        Err(_) => Err(Stop::from(damaged(projection, "generation"))),
    }
}
