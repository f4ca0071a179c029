//! What a scenario begins with.

use std::panic::Location;

use eventsource_core::{Aggregate, StreamId};

use super::{check::Checks, journal::Stored};

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

pub(super) enum Source<A: Aggregate> {
    Typed(A::Event),
    Stored(Stored),
}
