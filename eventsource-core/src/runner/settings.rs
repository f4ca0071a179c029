//! How a projection is run.

use std::time::Duration;

use crate::repository::RetryPolicy;

/// What becomes of a projection when an event cannot be delivered, however often it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnFailure {
    /// It stops, and goes on with this event when it is resumed. Nothing is out of order, and nothing else is delivered.
    #[default]
    Stop,
    /// The event is parked, and so is whatever follows in its stream, in order, until it is
    /// [replayed](crate::RunnerHandle::replay_parked). Other streams go on.
    Park,
}

/// How a projection or a reaction is run.
///
/// ```
/// use std::time::Duration;
///
/// use eventsource_core::{OnFailure, RunSettings};
///
/// let settings = RunSettings::default()
///     .with_batch(100)
///     .on_failure(OnFailure::Park)
///     .with_lease(Duration::from_secs(30));
/// assert_eq!(settings.batch, 100);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunSettings {
    /// How many events are delivered together at the most, with one checkpoint after them; 0 is taken as 1. Fewer are, when
    /// no more are there: nothing waits for a batch to fill.
    pub batch: usize,
    /// How often an event is tried that cannot be delivered, and how long to wait in between. A store that cannot be reached
    /// is asked again without end, after waits as long.
    pub retry: RetryPolicy,
    /// What then becomes of it.
    pub on_failure: OnFailure,
    /// How long a lease lasts that is not renewed: so long it takes, at the most, until another process goes on after a
    /// crash. It is renewed three times as often. At least [`SHORTEST_LEASE`](Self::SHORTEST_LEASE); some seconds are usual,
    /// since whoever is held up for longer than that loses it.
    pub lease: Duration,
    /// How long a checkpoint may wait that only passes events which are not listed. Delivered events never wait.
    pub checkpoint_after: Duration,
    /// Whether what it builds may be without events that were [trimmed](crate::TrimStore) before it has seen them. Otherwise
    /// it stops at [`StopReason::Trimmed`](crate::runner::StopReason::Trimmed), and a rebuild or a reset is refused as
    /// [`CommandError::Trimmed`](crate::runner::CommandError::Trimmed).
    pub builds_despite_trims: bool,
}

impl Default for RunSettings {
    /// 500 events in a batch; 6 attempts, up to 100 ms before the second and never more than 5 s; stop; leases of 10 s; a
    /// second for checkpoints; nothing
    /// is built without what was trimmed.
    fn default() -> Self {
        Self {
            batch: 500,
            retry: RetryPolicy::default()
                .with_attempts(6)
                .with_delays(Duration::from_millis(100), Duration::from_secs(5)),
            on_failure: OnFailure::Stop,
            lease: Duration::from_secs(10),
            checkpoint_after: Duration::from_secs(1),
            builds_despite_trims: false,
        }
    }
}

impl RunSettings {
    /// A lease that lasts less could not be renewed in time: it is refused when a runner starts.
    pub const SHORTEST_LEASE: Duration = Duration::from_millis(3);

    /// The same with another greatest number of events in a batch.
    #[must_use]
    pub const fn with_batch(mut self, events: usize) -> Self {
        self.batch = events;
        self
    }

    /// The same with another patience.
    #[must_use]
    pub const fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The same with another way to deal with an event that cannot be delivered.
    #[must_use]
    pub const fn on_failure(mut self, what: OnFailure) -> Self {
        self.on_failure = what;
        self
    }

    /// The same with another time for leases.
    #[must_use]
    pub const fn with_lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// The same with another time for checkpoints that only pass what is not listed.
    #[must_use]
    pub const fn with_checkpoint_after(mut self, time: Duration) -> Self {
        self.checkpoint_after = time;
        self
    }

    /// The same, where what it builds may be without events that were [trimmed](crate::TrimStore) before it has seen them.
    ///
    /// It is for a build that is wanted without them: where it stays, the next one is without what is trimmed until then,
    /// and nothing tells. A reaction is never asked: it begins with what comes.
    #[must_use]
    pub const fn with_builds_despite_trims(mut self) -> Self {
        self.builds_despite_trims = true;
        self
    }
}
