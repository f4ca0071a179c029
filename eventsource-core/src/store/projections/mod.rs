//! What a store keeps for projections: how far each has come, and what it had to set aside.

mod advance;
mod error;
mod generation;

use std::fmt;

use async_trait::async_trait;

pub use advance::{Advance, Parked, ParkedQuery};
pub use error::ProjectionStoreError;
pub use generation::{Build, Generation, StoredGeneration, StoredProjection};

use crate::{store::Fence, stream::StreamId, text::ProjectionName};

/// The part of a store that keeps checkpoints and parked events, given by
/// [`EventStore::projections`](crate::EventStore::projections).
///
/// A projection is known by its name. Its read model is built once or several times: each [`Generation`] has a checkpoint
/// and parked events of its own, and at most one of them is what is read.
///
/// Whoever moves a checkpoint says where it is: of two that would move it at once, one is refused. So a checkpoint never
/// moves back, and what was delivered under a lost lease is not recorded as done.
///
/// A change that is refused for several reasons names the first of these: it makes no sense
/// ([`Backwards`](ProjectionStoreError::Backwards)), its lease is lost ([`Fenced`](ProjectionStoreError::Fenced)), there
/// is no such build, the checkpoint is elsewhere, an event is not parked.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{
///     Advance, Build, EventStore, Fingerprint, MemoryStore, Parked, ParkedQuery, Position, ProjectionName,
///     ProjectionStoreError, StreamId, Timestamp, Version,
/// };
///
/// let store = MemoryStore::new();
/// let kept = store.projections().expect("this store declares `Capability::Projections`");
/// let name = ProjectionName::new("balances")?;
/// let at = |number| Position::from_number(number);
///
/// let build = kept.begin_generation(Build::new(name.clone(), (1, Fingerprint::new(7))).live()).await?.generation;
/// // Everything up to the third event is in the read model, but for the second one, which is set aside.
/// let (second, stream) = (at(2).ok_or("positions begin at 1")?, StreamId::new("account", "576")?);
/// let poison = Parked::behind(second, (stream, Version::FIRST), Timestamp::EPOCH).failed(3, "no such branch");
/// let step = Advance::new(name.clone(), build, (None, at(3)));
/// kept.advance(step.clone().parking([poison.clone()])).await?;
/// assert_eq!(kept.parked(&name, build, ParkedQuery::first(10)).await?, [poison]);
///
/// // Another one that believes to be at the beginning is refused.
/// let late = kept.advance(step).await;
/// assert!(matches!(late, Err(ProjectionStoreError::Moved { actual, .. }) if actual == at(3)));
///
/// // The second event could be delivered after all.
/// kept.advance(Advance::new(name.clone(), build, (at(3), at(3))).unparking([second])).await?;
/// let found = kept.find_projection(&name).await?.ok_or("it was begun")?;
/// assert_eq!(found.live().map(|live| (live.checkpoint, live.parked)), Some((at(3), 0)));
/// # Ok(()) }
/// ```
#[async_trait]
pub trait ProjectionStore: fmt::Debug + Send + Sync + 'static {
    /// What is kept of a projection; `None` where it has no build: none was ever begun, or all are gone.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`] when the store cannot be read.
    async fn find_projection(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<StoredProjection>, ProjectionStoreError>;

    /// Begins a build, under the next number that was never used for this projection: from 1, and one higher than the
    /// highest one there ever was, also when that build is gone, or the projection was deleted.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn begin_generation(
        &self,
        build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError>;

    /// Moves a checkpoint, parks and unparks, in one step. The same in the transaction of a read model is
    /// [`TransactionalStore::advance_in`](crate::TransactionalStore::advance_in).
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError>;

    /// Makes a build the one that is read, and lets go of all others, in one step. Its checkpoint must not be behind that of
    /// the one that is read now. The one that is read already stays it.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn switch_to(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError>;

    /// Lets go of a build that is not read, with its read model and parked events. One that is gone already, or never
    /// was, is no error.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn drop_generation(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError>;

    /// Lets go of all that is kept of a projection, with its read model. One that is gone already, or never was, is no
    /// error.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn delete_projection(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError>;

    /// The parked events of a build beyond a position, of one stream or of all, in the order of positions, and so many at
    /// the most.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`] when the store cannot be read, or has no such build.
    async fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Result<Vec<Parked>, ProjectionStoreError>;

    /// The streams of which an event of a build is parked, each once, in no order.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`] when the store cannot be read, or has no such build.
    async fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<StreamId>, ProjectionStoreError>;
}
