//! Read models outside of the store.

use std::sync::Arc;

use async_trait::async_trait;

use super::{GoesOn, Target, decoded::decode, transaction::Kept};
use crate::{
    projection::{Definition, DeliveryError, DeliveryFailure, HandlesAsync},
    record::Recorded,
    runner::{ProjectionKind, select::caught},
    store::{Advance, AdvanceError, EventStore, ProjectionStore, Unsupported},
};

pub(in crate::runner) struct AtLeastOnce<S, P> {
    store: Kept<S>,
    projection: P,
    definition: Definition,
}

impl<S: EventStore, P: HandlesAsync> AtLeastOnce<S, P> {
    pub(in crate::runner) fn new(
        store: Arc<S>,
        projection: P,
        definition: Definition,
    ) -> Result<Self, Unsupported> {
        Ok(Self {
            store: Kept::new(store)?,
            projection,
            definition,
        })
    }
}

#[async_trait]
impl<S: EventStore, P: HandlesAsync> Target for AtLeastOnce<S, P> {
    fn kind(&self) -> ProjectionKind {
        ProjectionKind::AtLeastOnce
    }

    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn keeper(&self) -> &dyn ProjectionStore {
        self.store.keeper()
    }

    async fn deliver(
        &self,
        events: &[Recorded],
        _: &Advance,
        goes_on: GoesOn<'_>,
    ) -> Result<usize, AdvanceError> {
        let (decoded, unreadable) = decode(&self.definition, events);
        for event in &decoded {
            // What comes before it is done, whether it is listed or not.
            if event.index() > 0 && !goes_on() {
                return Ok(event.index());
            }
            for (part, envelope) in event.parts() {
                let handled = caught(async { self.projection.handle(part, &envelope).await });
                done(event.index(), handled.await)?;
            }
        }
        unreadable.map_or(Ok(events.len()), |failure| Err(failure.into()))
    }
}

/// What came of a handler; `None` where it panicked.
pub(super) fn done(
    index: usize,
    handled: Option<Result<(), crate::projection::HandlerError>>,
) -> Result<(), DeliveryFailure> {
    match handled {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(DeliveryFailure::after(index, error)),
        None => Err(DeliveryFailure::after(index, DeliveryError::Panicked)),
    }
}
