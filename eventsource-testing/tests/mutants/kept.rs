//! A store with one defect in what it keeps for projections, or in its leases.

use std::{fmt, time::Duration};

use eventsource_core::{
    Advance, Append, AppendError, AppendKey, Build, Capabilities, EventStore, EventStream, Fence,
    Generation, Lease, LeaseError, LeaseHolder, LeaseName, LeaseStore, Limits, MemoryStore, Parked,
    ParkedQuery, Position, ProjectionName, ProjectionStore, ProjectionStoreError, Read, ReadError,
    Receipt, SnapshotStore, StoredGeneration, StoredProjection, StreamId, TrimStore, Version,
    async_trait,
};

pub(crate) type Outcome<T> = Result<T, ProjectionStoreError>;
pub(crate) type LeaseOutcome<T> = Result<T, LeaseError>;

/// What a good store keeps.
pub(crate) fn keeps(good: &MemoryStore) -> &dyn ProjectionStore {
    good.projections().expect("the store in memory has it")
}

/// The leases of a good store.
pub(crate) fn gives(good: &MemoryStore) -> &dyn LeaseStore {
    good.leases().expect("the store in memory has them")
}

/// One way to be wrong. What it does not override, it does right.
#[async_trait]
pub(crate) trait KeptDefect: fmt::Debug + Send + Sync + 'static {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities()
    }

    fn has_projections(&self) -> bool {
        true
    }

    fn has_leases(&self) -> bool {
        true
    }

    /// Under which name a projection is kept.
    fn kept_as(&self, projection: &ProjectionName) -> ProjectionName {
        projection.clone()
    }

    /// Under which name a lease is kept.
    fn held_as(&self, lease: &LeaseName) -> LeaseName {
        lease.clone()
    }

    async fn find(
        &self,
        good: &MemoryStore,
        projection: &ProjectionName,
    ) -> Outcome<Option<StoredProjection>> {
        keeps(good).find_projection(projection).await
    }

    async fn begin(&self, good: &MemoryStore, build: Build) -> Outcome<StoredGeneration> {
        keeps(good).begin_generation(build).await
    }

    async fn advance(&self, good: &MemoryStore, step: Advance) -> Outcome<()> {
        keeps(good).advance(step).await
    }

    async fn switch(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        keeps(good).switch_to(projection, generation, fence).await
    }

    async fn let_go(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        keeps(good)
            .drop_generation(projection, generation, fence)
            .await
    }

    async fn delete(
        &self,
        good: &MemoryStore,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        keeps(good).delete_projection(projection, fence).await
    }

    async fn parked(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
        query: ParkedQuery,
    ) -> Outcome<Vec<Parked>> {
        keeps(good).parked(projection, generation, query).await
    }

    async fn streams(
        &self,
        good: &MemoryStore,
        (projection, generation): (&ProjectionName, Generation),
    ) -> Outcome<Vec<StreamId>> {
        keeps(good).parked_streams(projection, generation).await
    }

    async fn acquire(
        &self,
        good: &MemoryStore,
        (name, holder): (&LeaseName, &LeaseHolder),
        time: Duration,
    ) -> LeaseOutcome<Lease> {
        gives(good).acquire_lease(name, holder, time).await
    }

    async fn renew(
        &self,
        good: &MemoryStore,
        lease: &Lease,
        time: Duration,
    ) -> LeaseOutcome<Lease> {
        gives(good).renew_lease(lease, time).await
    }

    async fn release(&self, good: &MemoryStore, lease: &Lease) -> LeaseOutcome<()> {
        gives(good).release_lease(lease).await
    }

    async fn find_lease(
        &self,
        good: &MemoryStore,
        name: &LeaseName,
    ) -> LeaseOutcome<Option<Lease>> {
        gives(good).find_lease(name).await
    }
}

/// The store in memory with a defect.
#[derive(Debug)]
pub(crate) struct Keeping<D> {
    pub(crate) good: MemoryStore,
    pub(crate) defect: D,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<D: KeptDefect> EventStore for Keeping<D> {
    fn capabilities(&self) -> Capabilities {
        self.defect.capabilities(&self.good)
    }

    fn limits(&self) -> Limits {
        self.good.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.good.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.good.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.good.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.good.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.good.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.good.wait_beyond(position).await
    }

    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.good.snapshots()
    }

    fn trims(&self) -> Option<&dyn TrimStore> {
        self.good.trims()
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.defect.has_projections().then_some(self as _)
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.defect.has_leases().then_some(self as _)
    }
}

#[async_trait]
impl<D: KeptDefect> ProjectionStore for Keeping<D> {
    async fn find_projection(&self, of: &ProjectionName) -> Outcome<Option<StoredProjection>> {
        self.defect.find(&self.good, &self.defect.kept_as(of)).await
    }

    async fn begin_generation(&self, mut build: Build) -> Outcome<StoredGeneration> {
        build.projection = self.defect.kept_as(&build.projection);
        self.defect.begin(&self.good, build).await
    }

    async fn advance(&self, mut step: Advance) -> Outcome<()> {
        step.projection = self.defect.kept_as(&step.projection);
        self.defect.advance(&self.good, step).await
    }

    async fn switch_to(
        &self,
        of: &ProjectionName,
        to: Generation,
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        let of = self.defect.kept_as(of);
        self.defect.switch(&self.good, (&of, to), fence).await
    }

    async fn drop_generation(
        &self,
        of: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Outcome<()> {
        let of = self.defect.kept_as(of);
        self.defect
            .let_go(&self.good, (&of, generation), fence)
            .await
    }

    async fn delete_projection(&self, of: &ProjectionName, fence: Option<&Fence>) -> Outcome<()> {
        let of = self.defect.kept_as(of);
        self.defect.delete(&self.good, &of, fence).await
    }

    async fn parked(
        &self,
        of: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Outcome<Vec<Parked>> {
        let of = self.defect.kept_as(of);
        self.defect
            .parked(&self.good, (&of, generation), query)
            .await
    }

    async fn parked_streams(
        &self,
        of: &ProjectionName,
        generation: Generation,
    ) -> Outcome<Vec<StreamId>> {
        let of = self.defect.kept_as(of);
        self.defect.streams(&self.good, (&of, generation)).await
    }
}

#[async_trait]
impl<D: KeptDefect> LeaseStore for Keeping<D> {
    async fn acquire_lease(
        &self,
        name: &LeaseName,
        holder: &LeaseHolder,
        time: Duration,
    ) -> LeaseOutcome<Lease> {
        let name = self.defect.held_as(name);
        self.defect.acquire(&self.good, (&name, holder), time).await
    }

    async fn renew_lease(&self, lease: &Lease, time: Duration) -> LeaseOutcome<Lease> {
        self.defect.renew(&self.good, lease, time).await
    }

    async fn release_lease(&self, lease: &Lease) -> LeaseOutcome<()> {
        self.defect.release(&self.good, lease).await
    }

    async fn find_lease(&self, name: &LeaseName) -> LeaseOutcome<Option<Lease>> {
        let name = self.defect.held_as(name);
        self.defect.find_lease(&self.good, &name).await
    }
}
