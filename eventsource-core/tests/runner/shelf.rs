//! A store of which parts are left out, fail or are held up, and which has read models in its transactions.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use eventsource_core::{
    Advance, AdvanceError, Append, AppendError, AppendKey, Build, Capabilities, EventStore,
    EventStream, Fence, Generation, Lease, LeaseError, LeaseHolder, LeaseName, LeaseStore, Limits,
    MemoryStore, Parked, ParkedQuery, Position, Projection, ProjectionName, ProjectionStore,
    ProjectionStoreError, Read, ReadError, ReadModelWork, Receipt, StoredGeneration,
    StoredProjection, StreamId, TransactionalStore, Version, async_trait,
    projection::{Envelope, HandlerError, ProjectIn},
};
use tokio::{sync::Semaphore, task::yield_now};

use crate::{
    domain::{Filled, Jar, Labelled},
    pages::Pages,
};

/// In which whatever is done besides can get far ahead.
pub(crate) const TURNS: usize = 32;

/// What is asked of the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Find,
    Begin,
    Advance,
    Drop,
    Acquire,
    Renew,
}

/// What it does then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    GoOn,
    Fail,
    /// It is done, and the answer is lost.
    Forget,
    /// Nothing, for ever.
    Wait,
    /// It goes on when it is let go, once for each time.
    Hold,
    /// It fails when it is let go.
    HoldAndFail,
    /// It goes on after some turns.
    Late,
    /// It fails after some turns.
    LateAndFail,
}

type Rule = Box<dyn Fn(Step) -> Then + Send>;

#[derive(Clone)]
pub(crate) struct Shelf(Arc<Inner>);

struct Inner {
    store: MemoryStore,
    has_projections: bool,
    has_leases: bool,
    rule: Mutex<Rule>,
    arrived: Semaphore,
    leave: Semaphore,
    pages: OnceLock<Pages>,
    /// The read models, by their builds.
    lines: Mutex<BTreeMap<Generation, Vec<i64>>>,
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

impl Shelf {
    pub(crate) fn new(store: &MemoryStore) -> Self {
        Self::with(store, true, true)
    }

    pub(crate) fn without_projections(store: &MemoryStore) -> Self {
        Self::with(store, false, true)
    }

    pub(crate) fn without_leases(store: &MemoryStore) -> Self {
        Self::with(store, true, false)
    }

    fn with(store: &MemoryStore, has_projections: bool, has_leases: bool) -> Self {
        Self(Arc::new(Inner {
            store: store.clone(),
            has_projections,
            has_leases,
            rule: Mutex::new(Box::new(|_| Then::GoOn)),
            arrived: Semaphore::new(0),
            leave: Semaphore::new(0),
            pages: OnceLock::new(),
            lines: Mutex::default(),
        }))
    }

    /// What it does from now on.
    pub(crate) fn rule(&self, rule: impl Fn(Step) -> Then + Send + 'static) {
        *self.0.rule.lock().expect("no rule panics") = Box::new(rule);
    }

    /// Until a step is held up.
    pub(crate) async fn arrives(&self) {
        self.0.arrived.acquire().await.expect("it is open").forget();
    }

    /// Lets one go that is held up.
    pub(crate) fn let_go(&self) {
        self.0.leave.add_permits(1);
    }

    /// Gives what is read in pages of so many events from now on, each at the second time that it is asked for.
    pub(crate) fn reads_by(&self, events: usize) -> Pages {
        let pages = Pages::by(events);
        self.0.pages.set(pages.clone()).expect("it is said once");
        pages
    }

    pub(crate) fn lines(&self, of: u64) -> Vec<i64> {
        let lines = self.0.lines.lock().expect("nobody panics");
        let lines = lines.get(&Generation::from_number(of));
        lines.cloned().unwrap_or_default()
    }

    async fn at<E, T>(
        &self,
        step: Step,
        errors: Errors<E>,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        let then = (self.0.rule.lock().expect("no rule panics"))(step);
        match then {
            Then::GoOn => work.await,
            Then::Fail => Err(errors.0("the shelf is shut")),
            Then::Forget => {
                work.await?;
                Err(errors.1("the shelf is loud"))
            }
            Then::Wait => {
                self.0.arrived.add_permits(1);
                std::future::pending().await
            }
            Then::Hold | Then::HoldAndFail => {
                self.0.arrived.add_permits(1);
                self.0.leave.acquire().await.expect("it is open").forget();
                if then == Then::HoldAndFail {
                    return Err(errors.0("the shelf is shut"));
                }
                work.await
            }
            Then::Late | Then::LateAndFail => {
                for _ in 0..TURNS {
                    yield_now().await;
                }
                if then == Then::LateAndFail {
                    return Err(errors.0("the shelf is shut"));
                }
                work.await
            }
        }
    }

    fn kept(&self) -> &dyn ProjectionStore {
        self.0.store.projections().expect("it keeps them")
    }

    fn held(&self) -> &dyn LeaseStore {
        self.0.store.leases().expect("it gives leases")
    }
}

/// What is said where nothing is done, and where the answer is lost.
type Errors<E> = (fn(&'static str) -> E, fn(&'static str) -> E);

const KEPT: Errors<ProjectionStoreError> = (
    |why| ProjectionStoreError::Unavailable { source: why.into() },
    |why| ProjectionStoreError::Unknown(why.into()),
);

const LEASED: Errors<LeaseError> = (
    |why| LeaseError::Unavailable { source: why.into() },
    |why| LeaseError::Unknown(why.into()),
);

#[async_trait]
impl EventStore for Shelf {
    fn capabilities(&self) -> Capabilities {
        self.0.store.capabilities()
    }

    fn limits(&self) -> Limits {
        self.0.store.limits()
    }

    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.0.store.append(append).await
    }

    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.0.store.find_append(key).await
    }

    fn read(&self, read: Read) -> EventStream {
        let events = self.0.store.read(read);
        match self.0.pages.get() {
            Some(pages) => pages.of(events),
            None => events,
        }
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.0.store.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.0.store.head().await
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.0.store.wait_beyond(position).await
    }

    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.0.has_projections.then_some(self)
    }

    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.0.has_leases.then_some(self)
    }
}

#[async_trait]
impl ProjectionStore for Shelf {
    async fn find_projection(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<StoredProjection>, ProjectionStoreError> {
        let found = self.kept().find_projection(projection);
        self.at(Step::Find, KEPT, found).await
    }

    async fn begin_generation(
        &self,
        build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        let begun = self.kept().begin_generation(build);
        self.at(Step::Begin, KEPT, begun).await
    }

    async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError> {
        let advanced = self.kept().advance(advance);
        self.at(Step::Advance, KEPT, advanced).await
    }

    async fn switch_to(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.kept().switch_to(projection, generation, fence).await
    }

    async fn drop_generation(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let dropped = self.kept().drop_generation(projection, generation, fence);
        self.at(Step::Drop, KEPT, dropped).await
    }

    async fn delete_projection(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        self.kept().delete_projection(projection, fence).await
    }

    async fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Result<Vec<Parked>, ProjectionStoreError> {
        self.kept().parked(projection, generation, query).await
    }

    async fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<StreamId>, ProjectionStoreError> {
        self.kept().parked_streams(projection, generation).await
    }
}

#[async_trait]
impl LeaseStore for Shelf {
    async fn acquire_lease(
        &self,
        name: &LeaseName,
        holder: &LeaseHolder,
        time: Duration,
    ) -> Result<Lease, LeaseError> {
        let acquired = self.held().acquire_lease(name, holder, time);
        self.at(Step::Acquire, LEASED, acquired).await
    }

    async fn renew_lease(&self, lease: &Lease, time: Duration) -> Result<Lease, LeaseError> {
        let renewed = self.held().renew_lease(lease, time);
        self.at(Step::Renew, LEASED, renewed).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.held().release_lease(lease).await
    }

    async fn find_lease(&self, name: &LeaseName) -> Result<Option<Lease>, LeaseError> {
        self.held().find_lease(name).await
    }
}

#[async_trait]
impl TransactionalStore for Shelf {
    type Tx = Vec<i64>;

    async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<Vec<i64>>,
    ) -> Result<(), AdvanceError> {
        let generation = advance.generation;
        let mut lines = self.lines(generation.number());
        work(&mut lines)?;
        self.kept().advance(advance).await?;
        let mut all = self.0.lines.lock().expect("nobody panics");
        all.insert(generation, lines);
        Ok(())
    }
}

/// What every jar was filled with, on the shelf. A handler may refuse it.
#[derive(Clone, Default, Projection)]
#[projection(
    name = "lines",
    version = 1,
    transaction = Vec<i64>,
    from(Jar),
    events(Filled),
    ignores(Labelled)
)]
pub(crate) struct Lines {
    refused: Arc<Mutex<Option<i64>>>,
}

impl Lines {
    /// A jar that is filled with so many coins is refused from now on.
    pub(crate) fn refuse(&self, coins: impl Into<Option<i64>>) {
        *self.refused.lock().expect("nobody panics") = coins.into();
    }
}

impl eventsource_core::projection::ReadModel for Lines {
    const TABLES: &'static [eventsource_core::projection::Table] = &[];
}

impl ProjectIn<Vec<i64>, Filled> for Lines {
    fn project(
        &self,
        event: &Filled,
        _: &Envelope<'_>,
        lines: &mut Vec<i64>,
    ) -> Result<(), HandlerError> {
        if *self.refused.lock().expect("nobody panics") == Some(event.coins) {
            return Err(HandlerError::new("refused"));
        }
        lines.push(event.coins);
        Ok(())
    }
}
