//! Stores in which a read model can live beside the events.

use async_trait::async_trait;

use crate::{
    projection::DeliveryFailure,
    store::{Advance, EventStore, ProjectionStoreError},
};

/// What is done to a read model. It may be called more than once, each time in a new transaction.
pub type ReadModelWork<T> = Box<dyn Fn(&mut T) -> Result<(), DeliveryFailure> + Send + Sync>;

/// An advance was not made; nothing of it has happened, unless it says that nobody knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdvanceError {
    /// An event could not be delivered.
    #[error(transparent)]
    Delivery(#[from] DeliveryFailure),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] ProjectionStoreError),
}

/// A store with transactions in which read models can be written: what is written and the checkpoint are committed
/// together, so that each event is in the read model exactly once, also after a crash.
///
/// The type of the transaction is the store's own, so a projection in one store's transaction does not run on another
/// kind of store, nor on a `dyn EventStore`: it does not compile.
///
/// A toy, whose read model is a list of lines beside a store in memory:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::{
/// #     Advance, AdvanceError, Append, AppendError, AppendKey, Build, Capabilities, EventStore, EventStream, Fingerprint,
/// #     Limits, MemoryStore, Position, ProjectionName, ProjectionStore, Read, ReadError, ReadModelWork, Receipt,
/// #     StreamId, TransactionalStore, Version, async_trait,
/// # };
/// # use tokio::sync::Mutex;
/// #[derive(Debug, Default)]
/// struct Lines {
///     store: MemoryStore,
///     written: Mutex<Vec<String>>,
/// }
/// # #[async_trait]
/// # impl EventStore for Lines {
/// #     fn capabilities(&self) -> Capabilities { self.store.capabilities() }
/// #     fn limits(&self) -> Limits { self.store.limits() }
/// #     async fn append(&self, append: Append) -> Result<Receipt, AppendError> { self.store.append(append).await }
/// #     async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
/// #         self.store.find_append(key).await
/// #     }
/// #     fn read(&self, read: Read) -> EventStream { self.store.read(read) }
/// #     async fn stream_version(&self, of: &StreamId) -> Result<Option<Version>, ReadError> {
/// #         self.store.stream_version(of).await
/// #     }
/// #     async fn head(&self) -> Result<Option<Position>, ReadError> { self.store.head().await }
/// #     async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
/// #         self.store.wait_beyond(position).await
/// #     }
/// #     fn projections(&self) -> Option<&dyn ProjectionStore> { self.store.projections() }
/// # }
///
/// #[async_trait]
/// impl TransactionalStore for Lines {
///     type Tx = Vec<String>;
///
///     async fn advance_in(&self, advance: Advance, work: ReadModelWork<Vec<String>>) -> Result<(), AdvanceError> {
///         let mut written = self.written.lock().await;
///         let mut lines = written.clone();
///         work(&mut lines)?;
///         self.store.projections().expect("this store has them").advance(advance).await?;
///         *written = lines;
///         Ok(())
///     }
/// }
///
/// let lines = Lines::default();
/// let name = ProjectionName::new("lines")?;
/// let build = Build::new(name.clone(), (1, Fingerprint::new(1))).live();
/// let build = lines.projections().expect("this store has them").begin_generation(build).await?.generation;
/// let step = Advance::new(name, build, (None, Position::from_number(1)));
/// let write = || -> ReadModelWork<Vec<String>> {
///     Box::new(|lines| {
///         lines.push("the first event".to_owned());
///         Ok(())
///     })
/// };
/// lines.advance_in(step.clone(), write()).await?;
/// // Delivered again, it is refused with all that it wrote.
/// assert!(lines.advance_in(step, write()).await.is_err());
/// assert_eq!(*lines.written.lock().await, ["the first event"]);
/// # Ok(()) }
/// ```
#[async_trait]
pub trait TransactionalStore: EventStore {
    /// What handlers write by.
    type Tx: 'static;

    /// Makes an advance and does `work`, in one transaction. The transaction knows the build by the advance. Where the
    /// advance is refused, nothing that `work` wrote is left; whether it was called then, is the store's affair.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`AdvanceError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<Self::Tx>,
    ) -> Result<(), AdvanceError>;
}
