//! What a store in memory keeps for projections, and its leases.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use async_trait::async_trait;

use super::{leases::Leases, projections::Projections};
use crate::{
    clock::Clock,
    store::{
        Advance, Build, Fence, Generation, Lease, LeaseError, LeaseStore, Parked, ParkedQuery,
        ProjectionStore, ProjectionStoreError, StoredGeneration, StoredProjection,
    },
    stream::StreamId,
    text::{LeaseHolder, LeaseName, ProjectionName},
    time::Timestamp,
};

/// Checkpoints, parked events and leases in memory.
///
/// It needs no store: projections whose read models are in memory are kept by one of their own.
pub(crate) struct Keeper {
    /// One lock for both, so that a lease cannot go to another one between the look at a fence and the change.
    kept: RwLock<Kept>,
    clock: Arc<dyn Clock>,
    #[cfg(feature = "fault")]
    faults: Option<Arc<dyn crate::fault::FaultHook>>,
}

#[derive(Default)]
struct Kept {
    projections: Projections,
    leases: Leases,
}

impl Keeper {
    /// One that keeps nothing yet, and whose leases last by this clock.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            kept: RwLock::default(),
            clock,
            #[cfg(feature = "fault")]
            faults: None,
        }
    }

    /// The same, and it asks this hook before each change and after it.
    #[cfg(feature = "fault")]
    pub(super) fn with_faults(mut self, faults: Arc<dyn crate::fault::FaultHook>) -> Self {
        self.faults = Some(faults);
        self
    }

    /// A poisoned lock is taken all the same: everything is checked before anything is changed.
    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> T {
        change(&mut self.kept.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_projections<T>(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
        change: impl FnOnce(&mut Projections) -> Result<T, ProjectionStoreError>,
    ) -> Result<T, ProjectionStoreError> {
        #[cfg(feature = "fault")]
        self.strike_projections(crate::fault::FaultPoint::BeforeCommit)?;
        let changed = self.change(|kept| {
            if let Some(fence) = fence {
                let fenced = |current| ProjectionStoreError::fenced(projection, fence, current);
                kept.leases.check(fence).map_err(fenced)?;
            }
            change(&mut kept.projections)
        })?;
        #[cfg(feature = "fault")]
        self.strike_projections(crate::fault::FaultPoint::AfterCommit)?;
        Ok(changed)
    }

    fn change_leases<T>(
        &self,
        change: impl FnOnce(&mut Leases, Timestamp) -> Result<T, LeaseError>,
    ) -> Result<T, LeaseError> {
        #[cfg(feature = "fault")]
        self.strike_leases(crate::fault::FaultPoint::BeforeCommit)?;
        let changed = self.change(|kept| change(&mut kept.leases, self.clock.now()))?;
        #[cfg(feature = "fault")]
        self.strike_leases(crate::fault::FaultPoint::AfterCommit)?;
        Ok(changed)
    }

    #[cfg(feature = "fault")]
    fn strike_projections(
        &self,
        point: crate::fault::FaultPoint,
    ) -> Result<(), ProjectionStoreError> {
        self.faults.as_ref().map_or(Ok(()), |faults| {
            crate::fault::strike_projections(&**faults, point)
        })
    }

    #[cfg(feature = "fault")]
    fn strike_leases(&self, point: crate::fault::FaultPoint) -> Result<(), LeaseError> {
        self.faults.as_ref().map_or(Ok(()), |faults| {
            crate::fault::strike_leases(&**faults, point)
        })
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

#[async_trait]
impl ProjectionStore for Keeper {
    async fn find_projection(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<StoredProjection>, ProjectionStoreError> {
        Ok(self.kept().projections.find(projection))
    }

    async fn begin_generation(
        &self,
        build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        let (projection, fence) = (build.projection.clone(), build.fence.clone());
        self.change_projections(&projection, fence.as_ref(), |kept| kept.begin(build))
    }

    async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError> {
        advance.check()?;
        let (projection, fence) = (advance.projection.clone(), advance.fence.clone());
        self.change_projections(&projection, fence.as_ref(), |kept| kept.advance(advance))
    }

    async fn switch_to(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.change_projections(projection, fence, |kept| {
            kept.switch_to(projection, generation)
        })
    }

    async fn drop_generation(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.change_projections(projection, fence, |kept| {
            kept.drop_generation(projection, generation)
        })
    }

    async fn delete_projection(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.change_projections(projection, fence, |kept| {
            kept.delete(projection);
            Ok(())
        })
    }

    async fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Result<Vec<Parked>, ProjectionStoreError> {
        let kept = self.kept();
        kept.projections.parked(projection, generation, &query)
    }

    async fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<StreamId>, ProjectionStoreError> {
        let kept = self.kept();
        kept.projections.parked_streams(projection, generation)
    }
}

#[async_trait]
impl LeaseStore for Keeper {
    async fn acquire_lease(
        &self,
        name: &LeaseName,
        holder: &LeaseHolder,
        time: Duration,
    ) -> Result<Lease, LeaseError> {
        self.change_leases(|leases, now| leases.acquire(name, holder, (now, time)))
    }

    async fn renew_lease(&self, lease: &Lease, time: Duration) -> Result<Lease, LeaseError> {
        self.change_leases(|leases, now| leases.renew(lease, (now, time)))
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.change_leases(|leases, _| {
            leases.release(lease);
            Ok(())
        })
    }

    async fn find_lease(&self, name: &LeaseName) -> Result<Option<Lease>, LeaseError> {
        Ok(self.kept().leases.find(name).cloned())
    }
}
