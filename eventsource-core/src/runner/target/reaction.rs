//! Side effects.

use std::sync::Arc;

use async_trait::async_trait;

use super::{GoesOn, Target, at_least_once::done, decoded::decode, transaction::Kept};
use crate::{
    projection::{Definition, ReactionId, Reacts},
    record::Recorded,
    runner::{ProjectionKind, select::caught},
    store::{Advance, AdvanceError, EventStore, ProjectionStore, Unsupported},
};

pub(in crate::runner) struct OfReaction<S, R> {
    store: Kept<S>,
    reaction: R,
    definition: Definition,
}

impl<S: EventStore, R: Reacts> OfReaction<S, R> {
    pub(in crate::runner) fn new(
        store: Arc<S>,
        reaction: R,
        definition: Definition,
    ) -> Result<Self, Unsupported> {
        Ok(Self {
            store: Kept::new(store)?,
            reaction,
            definition,
        })
    }
}

#[async_trait]
impl<S: EventStore, R: Reacts> Target for OfReaction<S, R> {
    fn kind(&self) -> ProjectionKind {
        ProjectionKind::Reaction
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
                let id = ReactionId::of(R::NAME, &envelope);
                let handled = caught(async { self.reaction.handle(part, &envelope, id).await });
                done(event.index(), handled.await)?;
            }
        }
        unreadable.map_or(Ok(events.len()), |failure| Err(failure.into()))
    }
}
