//! Stored events as their handlers are given them.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    projection::{Decoded, Definition, DeliveryError, DeliveryFailure, Envelope, Wanted},
    record::{Recorded, RecordedEvent},
};

/// An event of a batch, with what it is today.
pub(super) struct Event {
    index: usize,
    recorded: Recorded,
    parts: Box<dyn Decoded>,
}

impl Event {
    /// Its place among all events of the batch.
    pub(super) const fn index(&self) -> usize {
        self.index
    }

    /// Its parts in their order.
    pub(super) fn parts(
        &self,
    ) -> impl Iterator<Item = (&(dyn Any + Send + Sync), Envelope<'_>)> + Send {
        let recorded: &RecordedEvent = &self.recorded;
        let all = self.parts.parts();
        (0..all).filter_map(move |part| {
            let event = self.parts.part(part)?;
            Some((event, Envelope::new(recorded, part, all)))
        })
    }
}

/// Decodes what is wanted of a batch, up to the first event that cannot be.
pub(super) fn decode(
    definition: &Definition,
    events: &[Recorded],
) -> (Vec<Event>, Option<DeliveryFailure>) {
    let mut decoded = Vec::with_capacity(events.len());
    for (index, recorded) in events.iter().enumerate() {
        match read(definition, recorded) {
            Ok(Wanted::No) => {}
            Ok(Wanted::Parts(parts)) => decoded.push(Event {
                index,
                recorded: Recorded::clone(recorded),
                parts,
            }),
            Err(error) => return (decoded, Some(DeliveryFailure::after(index, error))),
        }
    }
    (decoded, None)
}

/// Reading is code of the program, too: upcasts, deserializers written by hand. What it had begun when it panicked is dropped
/// with it, so nothing is left in the middle.
fn read(definition: &Definition, event: &RecordedEvent) -> Result<Wanted, DeliveryError> {
    match catch_unwind(AssertUnwindSafe(|| definition.decode(event))) {
        Ok(read) => Ok(read?),
        Err(_) => Err(DeliveryError::DecodePanicked),
    }
}
