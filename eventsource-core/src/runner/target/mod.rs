//! Where a projection's events go: one kind of target for each place where a read model can live.

mod decoded;
mod memory;
mod outside;
mod transaction;

use async_trait::async_trait;

pub(super) use self::{
    memory::OfMemory,
    outside::{AtLeastOnce, OfReaction, Outside},
    transaction::InTransaction,
};
pub use memory::{InMemory, InMemoryState};

use crate::{
    projection::Definition,
    record::Recorded,
    runner::ProjectionKind,
    store::{Advance, AdvanceError, Generation, ProjectionStore},
};

/// Whether delivery is to go on with the next event.
pub(super) type GoesOn<'a> = &'a (dyn Fn() -> bool + Sync);

/// Where a projection's events go. A worker knows nothing else of a projection.
#[async_trait]
pub(super) trait Target: Send + Sync {
    fn kind(&self) -> ProjectionKind;

    fn definition(&self) -> &Definition;

    /// What is kept of the projection: in the store, or beside the read model in this process.
    fn keeper(&self) -> &dyn ProjectionStore;

    /// Whether [`deliver`](Self::deliver) makes the advance, too, in one step with what it does. Otherwise the worker makes it
    /// by the keeper when everything is delivered.
    fn advances(&self) -> bool {
        false
    }

    /// Delivers events of one build in their order, up to the first that cannot be, and says how many: fewer than all only
    /// where it takes no further event since `goes_on` says no. To a build that it knows it does not have, it delivers
    /// nothing, and says so.
    async fn deliver(
        &self,
        events: &[Recorded],
        advance: &Advance,
        goes_on: GoesOn<'_>,
    ) -> Result<usize, AdvanceError>;

    /// A build has begun.
    fn begun(&self, _: Generation) {}

    /// A build is what is read from now on. All others are let go of, by what is kept, too.
    fn switched(&self, _: Generation) {}

    /// A build that is not read is let go of.
    fn dropped(&self, _: Generation) {}

    /// Nothing is delivered any more.
    fn ended(&self) {}

    /// Whether a build was left in the middle of an event, or is not there, so that nothing can be delivered to it any more.
    fn is_torn(&self, _: Generation) -> bool {
        false
    }
}
