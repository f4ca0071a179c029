//! How projections are doing.

use std::time::Duration;

use crate::{
    runner::{FailedEvent, StopReason},
    store::Generation,
    stream::Position,
    text::{LeaseHolder, ProjectionName},
    time::Timestamp,
};

/// What a projection is, by where its read model lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProjectionKind {
    /// A read model in memory, built anew at each start.
    InMemory,
    /// A read model in the store, written in the transaction of its checkpoint.
    InTransaction,
    /// A read model anywhere else, delivered to at least once.
    AtLeastOnce,
    /// Side effects.
    Reaction,
}

/// What a projection does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProjectionState {
    /// It has not yet looked at what is kept of it.
    Starting,
    /// Another runner is active, here or in another process; this one goes on when that one ends.
    WaitingForLease {
        /// Who is active, where it is known.
        holder: Option<LeaseHolder>,
    },
    /// It takes in what is stored already.
    CatchingUp,
    /// It has taken in everything, and waits for more.
    Live,
    /// A later version of it is built beside what is read, which does not move until the switch.
    Rebuilding,
    /// It was asked to pause, and has.
    Paused,
    /// Something failed and is tried again.
    Retrying {
        /// How often it was tried already.
        attempts: u32,
        /// When it is tried next, by the runner's clock.
        until: Timestamp,
    },
    /// It has stopped.
    Stopped(StopReason),
}

impl ProjectionState {
    /// Whether it has stopped.
    pub const fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped(_))
    }

    /// Whether it has taken in everything, and waits for more.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}

/// The last thing that went wrong.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LastError {
    /// What was said. No payload of an event is in it, unless a handler has put one there.
    pub error: String,
    /// The event, where it was the delivery of one.
    pub event: Option<FailedEvent>,
    /// When, by the runner's clock.
    pub at: Timestamp,
}

/// How far the rebuild of a read model has come.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RebuildProgress {
    /// The build.
    pub generation: Generation,
    /// After which position it has begun; `None` for the beginning of the store.
    pub from: Option<Position>,
    /// Up to where there is something, as far as it was seen last. It grows while writers go on.
    pub to: Option<Position>,
    /// Everything up to there is built.
    pub position: Option<Position>,
    /// How many listed events are built in a second, lately.
    pub events_per_second: f64,
}

/// How a projection is doing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProjectionStatus {
    /// Its name.
    pub name: ProjectionName,
    /// What it is.
    pub kind: ProjectionKind,
    /// What it does.
    pub state: ProjectionState,
    /// The version of what is read, which may be behind that of the code until the rebuild is done; `None` before the
    /// first build is begun.
    pub version: Option<u32>,
    /// The build that is read.
    pub generation: Option<Generation>,
    /// Everything up to there is in the read model, parked, or of no concern to it.
    pub position: Option<Position>,
    /// The last position of the store, when the status was asked for.
    pub head: Option<Position>,
    /// How many positions lie between the two: so many events are yet to be looked at, at the most, whether they are listed
    /// or not.
    pub lag_events: u64,
    /// How long ago the first event was recorded that is yet to be looked at; zero where there is none. By the runner's
    /// clock and that of the store, which are taken to agree.
    pub lag: Duration,
    /// How many listed events were taken in within a second, lately: over the last 10 to 20 seconds.
    pub events_per_second: f64,
    /// How many events are parked.
    pub parked: u64,
    /// The last thing that went wrong, since the runner began; it stays when it is over.
    pub last_error: Option<LastError>,
    /// How far a rebuild has come; `None` where there is none.
    pub rebuild: Option<RebuildProgress>,
}

impl ProjectionStatus {
    /// Whether nothing is left to be taken in, and nothing is parked.
    pub const fn is_at_head(&self) -> bool {
        self.lag_events == 0 && self.parked == 0
    }
}
