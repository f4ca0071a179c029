//! Projections that are kept in the transactions of the appends.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use eventsource_core::{
    RecordedEvent,
    projection::{Definition, DeliveryError, Envelope, HandlesIn, Wanted},
};

use crate::tx::SqliteTx;

/// A projection, whatever its type.
pub(crate) trait Inline: fmt::Debug + Send + Sync {
    fn definition(&self) -> &Definition;

    /// Delivers an event, if it is one that the projection takes. A panic of what decodes or handles it is caught.
    fn deliver(&self, event: &RecordedEvent, tx: &mut SqliteTx) -> Result<(), DeliveryError>;
}

pub(crate) struct Of<P> {
    pub(crate) projection: P,
    pub(crate) definition: Definition,
}

impl<P: HandlesIn<SqliteTx>> Inline for Of<P> {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn deliver(&self, event: &RecordedEvent, tx: &mut SqliteTx) -> Result<(), DeliveryError> {
        // What it has written is undone with the append, so nothing of a panic stays.
        let delivered = catch_unwind(AssertUnwindSafe(|| self.deliver_unguarded(event, tx)));
        delivered.unwrap_or(Err(DeliveryError::Panicked))
    }
}

impl<P: HandlesIn<SqliteTx>> Of<P> {
    /// Both decoding and handling are code of the user.
    fn deliver_unguarded(
        &self,
        event: &RecordedEvent,
        tx: &mut SqliteTx,
    ) -> Result<(), DeliveryError> {
        let Wanted::Parts(parts) = self.definition.decode(event)? else {
            return Ok(());
        };
        for number in 0..parts.parts() {
            let Some(part) = parts.part(number) else {
                break;
            };
            let envelope = Envelope::new(event, number, parts.parts());
            self.projection.handle(part, &envelope, tx)?;
        }
        Ok(())
    }
}

impl<P> fmt::Debug for Of<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.definition.name().fmt(f)
    }
}
