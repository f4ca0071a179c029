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
#[async_trait]
pub trait TransactionalStore: EventStore {
    /// What handlers write by.
    type Tx: 'static;

    /// Makes an advance and does `work`, in one transaction. The transaction knows the build by the advance.
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
