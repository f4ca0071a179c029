// The store of the page about testing: in memory, with rows of names and numbers that are written in its transactions.
// What a database does by itself, it does in the simplest way: each build has rows of its own, which a transaction works
// on as on a copy.
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use eventsource_core::{
    Advance, AdvanceError, Append, AppendError, AppendKey, Build, Capabilities, Capability,
    EventStream, Fence, Generation, Limits, Parked, ParkedQuery, Position, ProjectionName,
    ProjectionStore, ProjectionStoreError, Read, ReadError, ReadModelWork, Receipt,
    StoredGeneration, StoredProjection, TransactionalStore, async_trait, prelude::*,
};

/// Rows by their name.
pub(crate) type Rows = BTreeMap<String, i64>;

#[derive(Debug, Clone, Default)]
pub(crate) struct Drawer {
    events: MemoryStore,
    builds: Arc<Mutex<BTreeMap<(ProjectionName, Generation), Rows>>>,
}

/// A transaction on the rows of one build.
#[derive(Debug)]
pub(crate) struct DrawerTx {
    pub(crate) rows: Rows,
}

impl Drawer {
    fn keeper(&self) -> &dyn ProjectionStore {
        self.events
            .projections()
            .expect("the store in memory keeps projections")
    }

    /// The rows of the build that is read.
    pub(crate) async fn rows(&self, projection: &str) -> Rows {
        let name = ProjectionName::new(projection).expect("a legal name");
        let found = self
            .keeper()
            .find_projection(&name)
            .await
            .expect("it is in memory");
        let live = found.and_then(|found| found.live);
        let builds = self.builds.lock().expect("no panic");
        live.and_then(|live| builds.get(&(name, live)).cloned())
            .unwrap_or_default()
    }
}

#[async_trait]
impl TransactionalStore for Drawer {
    type Tx = DrawerTx;

    async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<DrawerTx>,
    ) -> Result<(), AdvanceError> {
        let key = (advance.projection.clone(), advance.generation);
        let found = self.keeper().find_projection(&key.0).await?;
        let actual = found.and_then(|found| found.generation(key.1)?.checkpoint);
        let rows = self
            .builds
            .lock()
            .expect("no panic")
            .get(&key)
            .cloned()
            .unwrap_or_default();
        let mut tx = DrawerTx { rows };
        // What is refused is not worked at.
        if actual == advance.from {
            work(&mut tx)?;
        }
        self.keeper().advance(advance).await?;
        self.builds.lock().expect("no panic").insert(key, tx.rows);
        Ok(())
    }
}

#[async_trait]
impl EventStore for Drawer {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with(Capability::Projections)
    }

    fn limits(&self) -> Limits {
        self.events.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.events.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.events.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        self.events.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.events.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.events.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.events.wait_beyond(position).await
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        Some(self)
    }
}

#[async_trait]
impl ProjectionStore for Drawer {
    async fn find_projection(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<StoredProjection>, ProjectionStoreError> {
        self.keeper().find_projection(projection).await
    }

    async fn begin_generation(
        &self,
        mut build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        // Rows need no tables.
        build.tables.clear();
        self.keeper().begin_generation(build).await
    }

    async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError> {
        self.keeper().advance(advance).await
    }

    async fn switch_to(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.keeper().switch_to(projection, generation, fence).await
    }

    async fn drop_generation(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.keeper()
            .drop_generation(projection, generation, fence)
            .await
    }

    async fn delete_projection(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.keeper().delete_projection(projection, fence).await
    }

    async fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Result<Vec<Parked>, ProjectionStoreError> {
        self.keeper().parked(projection, generation, query).await
    }

    async fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<StreamId>, ProjectionStoreError> {
        self.keeper().parked_streams(projection, generation).await
    }
}
