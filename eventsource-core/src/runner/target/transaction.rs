//! Read models in the store's own transaction.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use async_trait::async_trait;

use super::{
    GoesOn, Target,
    decoded::{self, decode},
};
use crate::{
    projection::{Definition, DeliveryError, DeliveryFailure, HandlesIn},
    record::Recorded,
    runner::ProjectionKind,
    store::{Advance, AdvanceError, EventStore, ProjectionStore, TransactionalStore, Unsupported},
};

pub(in crate::runner) struct InTransaction<S, P> {
    store: Kept<S>,
    projection: Arc<P>,
    definition: Definition,
}

/// A store that keeps what is kept of projections.
pub(super) struct Kept<S>(Arc<S>);

impl<S: EventStore> Kept<S> {
    pub(super) fn new(store: Arc<S>) -> Result<Self, Unsupported> {
        if store.projections().is_none() {
            let capability = crate::store::Capability::Projections;
            return Err(Unsupported { capability });
        }
        Ok(Self(store))
    }

    pub(super) fn keeper(&self) -> &dyn ProjectionStore {
        self.0
            .projections()
            .expect("it was there, and parts of a store do not come and go")
    }
}

impl<S: TransactionalStore, P: HandlesIn<S::Tx>> InTransaction<S, P> {
    pub(in crate::runner) fn new(
        store: Arc<S>,
        projection: P,
        definition: Definition,
    ) -> Result<Self, Unsupported> {
        Ok(Self {
            store: Kept::new(store)?,
            projection: Arc::new(projection),
            definition,
        })
    }
}

#[async_trait]
impl<S: TransactionalStore, P: HandlesIn<S::Tx>> Target for InTransaction<S, P> {
    fn kind(&self) -> ProjectionKind {
        ProjectionKind::InTransaction
    }

    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn keeper(&self) -> &dyn ProjectionStore {
        self.store.keeper()
    }

    fn advances(&self) -> bool {
        true
    }

    async fn deliver(
        &self,
        events: &[Recorded],
        advance: &Advance,
        _: GoesOn<'_>,
    ) -> Result<usize, AdvanceError> {
        // Not in the transaction: whoever waits for it need not wait for this.
        let (decoded, unreadable) = decode(&self.definition, events);
        if let Some(failure) = unreadable {
            return Err(DeliveryFailure::undone(failure.index, failure.error).into());
        }
        let projection = Arc::clone(&self.projection);
        let work = move |tx: &mut S::Tx| handle(&*projection, &decoded, tx);
        self.store
            .0
            .advance_in(advance.clone(), Box::new(work))
            .await?;
        Ok(events.len())
    }
}

fn handle<T, P: HandlesIn<T>>(
    projection: &P,
    events: &[decoded::Event],
    tx: &mut T,
) -> Result<(), DeliveryFailure> {
    for event in events {
        // A transaction that was left in the middle is undone, so nothing of the panic stays in it.
        let handled = catch_unwind(AssertUnwindSafe(|| {
            event
                .parts()
                .try_for_each(|(part, envelope)| projection.handle(part, &envelope, tx))
        }));
        let error = match handled {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => DeliveryError::Handler(error),
            Err(_) => DeliveryError::Panicked,
        };
        return Err(DeliveryFailure::undone(event.index(), error));
    }
    Ok(())
}
