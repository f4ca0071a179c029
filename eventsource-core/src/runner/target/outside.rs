//! What is delivered to outside of the store: read models at least once, and side effects.

use std::{any::Any, sync::Arc};

use async_trait::async_trait;

use super::{GoesOn, Target, decoded::decode, transaction::Kept};
use crate::{
    projection::{
        Definition, DeliveryError, DeliveryFailure, Envelope, HandlesAsync, Handling, ReactionId,
        Reacts,
    },
    record::Recorded,
    runner::{ProjectionKind, select::caught},
    store::{Advance, AdvanceError, EventStore, ProjectionStore, Unsupported},
};

/// Something outside that is told of events.
pub(in crate::runner) trait Told: Send + Sync + 'static {
    const KIND: ProjectionKind;

    fn tell<'a>(
        &'a self,
        part: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a>;
}

/// A read model that is delivered to at least once.
pub(in crate::runner) struct AtLeastOnce<P>(pub(in crate::runner) P);

impl<P: HandlesAsync> Told for AtLeastOnce<P> {
    const KIND: ProjectionKind = ProjectionKind::AtLeastOnce;

    fn tell<'a>(
        &'a self,
        part: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a> {
        self.0.handle(part, envelope)
    }
}

/// A side effect, which has an id of its own for each event.
pub(in crate::runner) struct OfReaction<R>(pub(in crate::runner) R);

impl<R: Reacts> Told for OfReaction<R> {
    const KIND: ProjectionKind = ProjectionKind::Reaction;

    fn tell<'a>(
        &'a self,
        part: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a> {
        let id = ReactionId::of(R::NAME, envelope);
        self.0.handle(part, envelope, id)
    }
}

pub(in crate::runner) struct Outside<S, T> {
    store: Kept<S>,
    told: T,
    definition: Definition,
}

impl<S: EventStore, T: Told> Outside<S, T> {
    pub(in crate::runner) fn new(
        store: Arc<S>,
        told: T,
        definition: Definition,
    ) -> Result<Self, Unsupported> {
        Ok(Self {
            store: Kept::new(store)?,
            told,
            definition,
        })
    }
}

#[async_trait]
impl<S: EventStore, T: Told> Target for Outside<S, T> {
    fn kind(&self) -> ProjectionKind {
        T::KIND
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
                let told = caught(async { self.told.tell(part, &envelope).await });
                let error = match told.await {
                    Some(Ok(())) => continue,
                    Some(Err(error)) => DeliveryError::Handler(error),
                    None => DeliveryError::Panicked,
                };
                return Err(DeliveryFailure::after(event.index(), error).into());
            }
        }
        unreadable.map_or(Ok(events.len()), |failure| Err(failure.into()))
    }
}
