//! What a scenario begins with.

use std::panic::Location;

use eventsource_core::{Aggregate, StreamId};

use super::{check::Checks, journal::Stored, run::decoded};

pub(super) struct Setup<A: Aggregate> {
    pub(super) given: Vec<Given<A>>,
    pub(super) stream: StreamId,
    pub(super) checks: Checks,
}

/// One event of the history, and the line that gave it.
pub(super) struct Given<A: Aggregate> {
    pub(super) source: Source<A>,
    pub(super) at: &'static Location<'static>,
}

impl<A: Aggregate> Given<A> {
    /// Whether the aggregate makes nothing of it: it was retired without a successor.
    pub(super) fn is_dropped(&self) -> bool {
        match &self.source {
            Source::Typed(_) => false,
            Source::Stored(stored) => decoded::<A>(stored).is_ok_and(|parts| parts.is_empty()),
        }
    }
}

pub(super) enum Source<A: Aggregate> {
    Typed(A::Event),
    Stored(Stored),
}
