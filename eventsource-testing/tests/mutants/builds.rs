//! Defects of builds: how they begin, are switched to and are let go of.

use std::sync::atomic::{AtomicU64, Ordering};

use eventsource_core::{
    Build, Capabilities, Capability, EventStore, Fence, Generation, MemoryStore, ProjectionName,
    ProjectionStoreError, StoredGeneration, StoredProjection, async_trait,
};

use crate::kept::{KeptDefect, Outcome, keeps};

/// Lets go of nothing.
#[derive(Debug, Default)]
pub(crate) struct OnlySaysThatItDeletes;

#[async_trait]
impl KeptDefect for OnlySaysThatItDeletes {
    async fn delete(&self, _: &MemoryStore, _: &ProjectionName, _: Option<&Fence>) -> Outcome<()> {
        Ok(())
    }
}

/// Fails where there is nothing to let go of.
#[derive(Debug, Default)]
pub(crate) struct CannotDeleteTwice;

#[async_trait]
impl KeptDefect for CannotDeleteTwice {
    async fn delete(
        &self,
        good: &MemoryStore,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        if keeps(good).find_projection(projection).await?.is_none() {
            let (projection, generation) = (projection.clone(), Generation::FIRST);
            return Err(ProjectionStoreError::NoGeneration {
                projection,
                generation,
            });
        }
        keeps(good).delete_projection(projection, fence).await
    }
}

/// Numbers its builds from 1 again once a projection was deleted.
#[derive(Debug, Default)]
pub(crate) struct ForgetsTheNumbersOfWhatWasDeleted(AtomicU64);

#[async_trait]
impl KeptDefect for ForgetsTheNumbersOfWhatWasDeleted {
    fn kept_as(&self, projection: &ProjectionName) -> ProjectionName {
        let times = self.0.load(Ordering::SeqCst);
        let name = ProjectionName::new(format!("{projection}.{times}"));
        name.unwrap_or_else(|_| projection.clone())
    }

    async fn delete(&self, _: &MemoryStore, _: &ProjectionName, _: Option<&Fence>) -> Outcome<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Takes the names of projections in small letters.
#[derive(Debug, Default)]
pub(crate) struct FoldsTheNamesOfProjections;

impl KeptDefect for FoldsTheNamesOfProjections {
    fn kept_as(&self, projection: &ProjectionName) -> ProjectionName {
        let name = ProjectionName::new(projection.as_str().to_lowercase());
        name.unwrap_or_else(|_| projection.clone())
    }
}

/// Takes a reset for a new projection.
#[derive(Debug, Default)]
pub(crate) struct ResetsByDeleting;

#[async_trait]
impl KeptDefect for ResetsByDeleting {
    async fn begin(&self, good: &MemoryStore, build: Build) -> Outcome<StoredGeneration> {
        if build.live {
            keeps(good)
                .delete_projection(&build.projection, build.fence.as_ref())
                .await?;
            tokio::task::yield_now().await;
        }
        keeps(good).begin_generation(build).await
    }
}

/// Begins a reset where what was read has come to.
#[derive(Debug, Default)]
pub(crate) struct ResetsNothing;

#[async_trait]
impl KeptDefect for ResetsNothing {
    async fn begin(&self, good: &MemoryStore, mut build: Build) -> Outcome<StoredGeneration> {
        let found = keeps(good).find_projection(&build.projection).await?;
        let live = found.as_ref().and_then(StoredProjection::live);
        if build.live && build.after.is_none() {
            build.after = live.and_then(|live| live.checkpoint);
        }
        keeps(good).begin_generation(build).await
    }
}

/// Switches also to what is behind.
#[derive(Debug, Default)]
pub(crate) struct SwitchesToWhatIsBehind;

#[async_trait]
impl KeptDefect for SwitchesToWhatIsBehind {
    async fn switch(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        match keeps(good).switch_to(projection, generation, fence).await {
            Err(ProjectionStoreError::Behind { .. }) => Ok(()),
            outcome => outcome,
        }
    }
}

/// Refuses a build that is as far as the one that is read.
#[derive(Debug, Default)]
pub(crate) struct WantsMoreThanWhatIsRead;

#[async_trait]
impl KeptDefect for WantsMoreThanWhatIsRead {
    async fn switch(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        let found = keeps(good).find_projection(projection).await?;
        if let Some((next, live)) = found.and_then(|found| {
            Some((
                found.generation(generation)?.checkpoint,
                found.live()?.checkpoint,
            ))
        }) && next == live
        {
            return Err(ProjectionStoreError::Behind {
                projection: projection.clone(),
                generation,
                checkpoint: next,
                live,
            });
        }
        keeps(good).switch_to(projection, generation, fence).await
    }
}

/// Leaves what was read when it has switched, and what was read before.
#[derive(Debug, Default)]
pub(crate) struct OnlySaysThatItSwitches;

#[async_trait]
impl KeptDefect for OnlySaysThatItSwitches {
    async fn switch(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        _: Option<&Fence>,
    ) -> Outcome<()> {
        let found = keeps(good).find_projection(projection).await?;
        let (next, live) = match &found {
            Some(found) => (found.generation(generation), found.live()),
            None => (None, None),
        };
        let projection = projection.clone();
        match (next, live) {
            (None, _) => Err(ProjectionStoreError::NoGeneration {
                projection,
                generation,
            }),
            (Some(next), Some(live)) if next.checkpoint < live.checkpoint => {
                Err(ProjectionStoreError::Behind {
                    projection,
                    generation,
                    checkpoint: next.checkpoint,
                    live: live.checkpoint,
                })
            }
            _ => Ok(()),
        }
    }
}

/// Lets go of what is read, or says so.
#[derive(Debug, Default)]
pub(crate) struct DropsWhatIsRead;

#[async_trait]
impl KeptDefect for DropsWhatIsRead {
    async fn let_go(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        let outcome = keeps(good).drop_generation(projection, generation, fence);
        match outcome.await {
            Err(ProjectionStoreError::Live { .. }) => Ok(()),
            outcome => outcome,
        }
    }
}

/// Declares what it does not have.
#[derive(Debug, Default)]
pub(crate) struct DeclaresProjectionsWithoutThem;

impl KeptDefect for DeclaresProjectionsWithoutThem {
    fn has_projections(&self) -> bool {
        false
    }
}

/// Has what it does not declare.
#[derive(Debug, Default)]
pub(crate) struct HasProjectionsUndeclared;

impl KeptDefect for HasProjectionsUndeclared {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().without(Capability::Projections)
    }
}
