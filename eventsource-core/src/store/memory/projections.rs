//! What is kept of projections in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    snapshot::Fingerprint,
    store::{
        Advance, Build, Generation, Parked, ParkedQuery, ProjectionStoreError, StoredGeneration,
        StoredProjection,
    },
    stream::{Position, StreamId},
    text::ProjectionName,
};

type Outcome<T> = Result<T, ProjectionStoreError>;

/// Everything is checked before anything is changed.
#[derive(Default)]
pub(super) struct Projections(HashMap<ProjectionName, Kept>);

/// It stays when its builds are gone, so that no number is used again.
#[derive(Default)]
struct Kept {
    /// The highest number of a build that was ever begun; 0 of none.
    last: u64,
    live: Option<Generation>,
    builds: BTreeMap<Generation, KeptBuild>,
}

struct KeptBuild {
    version: u32,
    fingerprint: Fingerprint,
    checkpoint: Option<Position>,
    parked: BTreeMap<Position, Parked>,
}

impl Projections {
    pub(super) fn find(&self, projection: &ProjectionName) -> Option<StoredProjection> {
        let kept = self.0.get(projection)?;
        if kept.builds.is_empty() {
            return None;
        }
        let builds = kept.builds.iter();
        let generations = builds.map(|(generation, build)| build.stored(*generation));
        Some(StoredProjection::new(kept.live, generations.collect()))
    }

    pub(super) fn begin(&mut self, build: Build) -> Outcome<StoredGeneration> {
        if let Some(table) = build.tables.first() {
            return Err(ProjectionStoreError::Table {
                projection: build.projection,
                table: table.name().to_owned(),
                reason: "a store in memory has no tables".to_owned(),
            });
        }
        let kept = self.0.entry(build.projection).or_default();
        kept.last += 1;
        let generation = Generation::from_number(kept.last);
        if build.live
            && let Some(before) = kept.live.replace(generation)
        {
            kept.builds.remove(&before);
        }
        let begun = KeptBuild {
            version: build.version,
            fingerprint: build.fingerprint,
            checkpoint: build.after,
            parked: BTreeMap::new(),
        };
        let stored = begun.stored(generation);
        kept.builds.insert(generation, begun);
        Ok(stored)
    }

    pub(super) fn advance(&mut self, advance: Advance) -> Outcome<()> {
        let (projection, generation) = (advance.projection, advance.generation);
        let kept = self.0.get_mut(&projection);
        let Some(build) = kept.and_then(|kept| kept.builds.get_mut(&generation)) else {
            return Err(no_generation(&projection, generation));
        };
        if build.checkpoint != advance.from {
            return Err(ProjectionStoreError::Moved {
                projection,
                generation,
                expected: advance.from,
                actual: build.checkpoint,
            });
        }
        let mut unpark = advance.unpark.iter();
        if let Some(position) = unpark.find(|position| !build.parked.contains_key(position)) {
            return Err(ProjectionStoreError::NotParked {
                projection,
                generation,
                position: *position,
            });
        }
        build.checkpoint = advance.to;
        for position in &advance.unpark {
            build.parked.remove(position);
        }
        let parked = advance.park.into_iter();
        build
            .parked
            .extend(parked.map(|event| (event.position, event)));
        Ok(())
    }

    pub(super) fn switch_to(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Outcome<()> {
        let checkpoint = self.build(projection, generation)?.checkpoint;
        let Some(kept) = self.0.get_mut(projection) else {
            return Err(no_generation(projection, generation));
        };
        let live = kept.live.and_then(|live| kept.builds.get(&live));
        let live = live.and_then(|live| live.checkpoint);
        if checkpoint < live {
            return Err(ProjectionStoreError::Behind {
                projection: projection.clone(),
                generation,
                checkpoint,
                live,
            });
        }
        kept.live = Some(generation);
        kept.builds.retain(|of, _| *of == generation);
        Ok(())
    }

    pub(super) fn drop_generation(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Outcome<()> {
        let Some(kept) = self.0.get_mut(projection) else {
            return Ok(());
        };
        if kept.live == Some(generation) {
            let projection = projection.clone();
            return Err(ProjectionStoreError::Live {
                projection,
                generation,
            });
        }
        kept.builds.remove(&generation);
        Ok(())
    }

    pub(super) fn delete(&mut self, projection: &ProjectionName) {
        if let Some(kept) = self.0.get_mut(projection) {
            kept.live = None;
            kept.builds.clear();
        }
    }

    pub(super) fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: &ParkedQuery,
    ) -> Outcome<Vec<Parked>> {
        let build = self.build(projection, generation)?;
        let events = build.parked.values();
        let asked = events
            .filter(|event| query.admits(event))
            .take(query.limit)
            .cloned();
        Ok(asked.collect())
    }

    pub(super) fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Outcome<Vec<StreamId>> {
        let build = self.build(projection, generation)?;
        let streams: BTreeSet<_> = build.parked.values().map(|event| &event.stream).collect();
        Ok(streams.into_iter().cloned().collect())
    }

    fn build(&self, projection: &ProjectionName, generation: Generation) -> Outcome<&KeptBuild> {
        let kept = self.0.get(projection);
        kept.and_then(|kept| kept.builds.get(&generation))
            .ok_or_else(|| no_generation(projection, generation))
    }
}

impl KeptBuild {
    fn stored(&self, generation: Generation) -> StoredGeneration {
        let of = (self.version, self.fingerprint);
        StoredGeneration::new(generation, of, self.checkpoint, self.parked.len() as u64)
    }
}

fn no_generation(projection: &ProjectionName, generation: Generation) -> ProjectionStoreError {
    ProjectionStoreError::NoGeneration {
        projection: projection.clone(),
        generation,
    }
}
