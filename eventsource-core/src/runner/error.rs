//! Why a projection does not run, and why something that was asked of it was not done.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use crate::{
    projection::{DeliveryError, HandlerError},
    record::RecordedEvent,
    runner::RunSettings,
    store::{Generation, LeaseError, ProjectionStoreError, ReadError, Unsupported},
    stream::{Position, StreamId, Version},
    text::{EventName, LeaseHolder, ProjectionName, TextError},
};

/// Runs could not begin; none of them has.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Two projections have one name, by which what is kept of them could not be told apart.
    #[error("two projections are named `{name}`: give each a name of its own")]
    NameTwice {
        /// The name.
        name: ProjectionName,
    },
    /// A projection was written by hand with a name that cannot be kept.
    #[error("a projection, or an aggregate of one, has a name that cannot be kept")]
    Name(#[from] TextError),
    /// The store cannot keep what the projection needs to be kept.
    #[error("the store cannot keep what the projection `{name}` needs")]
    Unsupported {
        /// The projection.
        name: ProjectionName,
        /// What the store does not offer.
        #[source]
        source: Unsupported,
    },
    /// The lease is over before it could be renewed.
    #[error(
        "the lease of `{name}` is to last {lease:?}, which is over before it can be renewed: give it at least {:?}, or rather some seconds",
        RunSettings::SHORTEST_LEASE
    )]
    Lease {
        /// The projection.
        name: ProjectionName,
        /// How long it was to last.
        lease: Duration,
    },
    /// The read model in memory is built by another runner.
    #[error(
        "the read model of `{name}` is built by another runner: give each runner one of its own"
    )]
    InUse {
        /// The projection.
        name: ProjectionName,
    },
}

/// An event that could not be delivered, however often it was tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedEvent {
    /// Its stored name.
    pub event: EventName,
    /// The schema version that it was stored with.
    pub schema_version: u32,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its place in the store.
    pub position: Position,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong at the last time.
    pub error: Arc<DeliveryError>,
}

impl FailedEvent {
    pub(super) fn new(event: &RecordedEvent, attempts: u32, error: Arc<DeliveryError>) -> Self {
        Self {
            event: event.name.clone(),
            schema_version: event.schema_version,
            stream: event.stream.clone(),
            version: event.version,
            position: event.position,
            attempts,
            error,
        }
    }
}

impl fmt::Display for FailedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            event,
            stream,
            version,
            position,
            attempts,
            ..
        } = self;
        let times = if *attempts == 1 { "time" } else { "times" };
        write!(
            f,
            "the event `{event}` of `{stream}` at version {version}, position {position}, failed {attempts} {times}"
        )
    }
}

impl Error for FailedEvent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.error)
    }
}

/// Why a projection has stopped.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StopReason {
    /// It was asked to, or its handle was dropped.
    #[error("it was asked to stop")]
    Asked,
    /// An event could not be delivered.
    #[error(transparent)]
    Event(Box<FailedEvent>),
    /// What it takes is not what it took under the same version: what was built is not what would be built now. Raise its
    /// version, and it is built anew.
    #[error(
        "it takes other events, or has other tables, than what was built as version {version}: raise its version, and it is built anew"
    )]
    Redefined {
        /// The version of both.
        version: u32,
    },
    /// A later version of it is what is read. This one must not touch it: whoever has the later code runs it.
    #[error("version {stored} of it is kept, and this is version {code}: newer code runs it")]
    Superseded {
        /// The version that is kept.
        stored: u32,
        /// The version of this code.
        code: u32,
    },
    /// Events that its read model would need were trimmed: it would be without them. See
    /// [`with_builds_despite_trims`](RunSettings::with_builds_despite_trims). What is read is as it was.
    #[error(
        "it would be without events of the stream `{stream}`, which were trimmed: run the code that has built what is read now, or run it `with_builds_despite_trims`"
    )]
    Trimmed {
        /// A stream that was trimmed; there may be others.
        stream: StreamId,
    },
    /// What is kept of it cannot be read or changed, and will not be by waiting.
    #[error("what is kept of it cannot be used: see to the store, and resume it")]
    Kept(#[source] Arc<ProjectionStoreError>),
    /// The events cannot be read, and will not be by waiting.
    #[error("the events cannot be read: see to the store, and resume it")]
    Events(#[source] Arc<ReadError>),
    /// Its lease cannot be had, and will not be by waiting.
    #[error("its lease cannot be had: see to the store, and resume it")]
    Lease(#[source] Arc<LeaseError>),
    /// Its task was dropped by the runtime, or panicked outside of a handler. It cannot be resumed.
    #[error("its task ended before it was done: it was dropped by its runtime, or panicked")]
    Vanished,
}

impl From<FailedEvent> for StopReason {
    fn from(failed: FailedEvent) -> Self {
        Self::Event(Box::new(failed))
    }
}

/// A wait for a receipt ended before what it is of was taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// No projection of this name runs.
    #[error("no projection named `{name}` runs here")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// The projection has stopped.
    #[error("the projection `{name}` has stopped")]
    Stopped {
        /// The projection.
        name: ProjectionName,
        /// Why.
        #[source]
        reason: StopReason,
    },
    /// An event of the receipt, or one before it in its stream, is parked.
    #[error("the projection `{name}` has parked the stream `{stream}`")]
    Parked {
        /// The projection.
        name: ProjectionName,
        /// The stream.
        stream: StreamId,
    },
    /// It took too long.
    #[error("the projection `{name}` has not passed position {position} within {timeout:?}, it is at {}", place(*.at))]
    TimedOut {
        /// The projection.
        name: ProjectionName,
        /// Where it was to be.
        position: Position,
        /// Where it is.
        at: Option<Position>,
        /// How long was waited.
        timeout: Duration,
    },
    /// What is kept of it cannot be read.
    #[error("what is kept of the projection `{name}` cannot be read")]
    Kept {
        /// The projection.
        name: ProjectionName,
        /// Why.
        #[source]
        source: ProjectionStoreError,
    },
}

fn place(position: Option<Position>) -> String {
    position.map_or_else(|| "the beginning".to_owned(), |at| at.to_string())
}

/// Something that was asked of a projection was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// No projection of this name runs.
    #[error("no projection named `{name}` runs here")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// It has to be paused or stopped for that.
    #[error("the projection `{name}` is running: pause it first")]
    Running {
        /// The projection.
        name: ProjectionName,
    },
    /// It has to run for that.
    #[error("the projection `{name}` does not run: resume it first")]
    NotRunning {
        /// The projection.
        name: ProjectionName,
    },
    /// It was to pause, and was resumed meanwhile.
    #[error("the projection `{name}` was resumed meanwhile: pause it again")]
    Resumed {
        /// The projection.
        name: ProjectionName,
    },
    /// Another process runs it.
    #[error("the projection `{name}` is run by another process{}", .holder.as_ref().map_or_else(String::new, |by| format!(": `{by}`")))]
    Elsewhere {
        /// The projection.
        name: ProjectionName,
        /// By whom its lease is held, where it is known.
        holder: Option<LeaseHolder>,
    },
    /// A side effect cannot be done again by being told to: a reaction goes on behind its checkpoint, and nowhere else.
    #[error(
        "`{name}` is a reaction, which cannot be rebuilt or reset: its side effects have happened"
    )]
    Reaction {
        /// The reaction.
        name: ProjectionName,
    },
    /// What is delivered to outside of the store cannot be built beside what is there.
    #[error(
        "`{name}` is delivered to at least once, outside of the store, where nothing can be built beside what is there: pause it and reset it, or raise its version"
    )]
    NotBeside {
        /// The projection.
        name: ProjectionName,
    },
    /// A rebuild is under way.
    #[error(
        "generation {generation} of the projection `{name}` is being built already: wait for it, or cancel it"
    )]
    Rebuilding {
        /// The projection.
        name: ProjectionName,
        /// The build that is under way.
        generation: Generation,
    },
    /// A replay is under way.
    #[error(
        "what the projection `{name}` has parked is being replayed already: wait until that is done"
    )]
    Replaying {
        /// The projection.
        name: ProjectionName,
    },
    /// The rebuild is what brings it to the version of this code; it cannot do without.
    #[error("the projection `{name}` is being brought to its version, which cannot be cancelled")]
    Needed {
        /// The projection.
        name: ProjectionName,
    },
    /// The rebuild was cancelled.
    #[error("the rebuild of the projection `{name}` was cancelled")]
    Cancelled {
        /// The projection.
        name: ProjectionName,
    },
    /// The rebuild met an event that could not be delivered. What is read is as it was.
    #[error("the rebuild of the projection `{name}` failed")]
    Failed {
        /// The projection.
        name: ProjectionName,
        /// The event.
        #[source]
        event: Box<FailedEvent>,
    },
    /// Events that it would be built of were trimmed: what is read has them, and what would be built has not. See
    /// [`with_builds_despite_trims`](RunSettings::with_builds_despite_trims). What is read is as it was.
    #[error(
        "the projection `{name}` would be without events of the stream `{stream}`, which were trimmed: leave it as it is, or run it `with_builds_despite_trims`"
    )]
    Trimmed {
        /// The projection.
        name: ProjectionName,
        /// A stream that was trimmed; there may be others.
        stream: StreamId,
    },
    /// The store could not be read. Nothing has changed.
    #[error("the store could not be read for the projection `{name}`")]
    Events {
        /// The projection.
        name: ProjectionName,
        /// Why.
        #[source]
        source: ReadError,
    },
    /// The projection has stopped before it was done.
    #[error("the projection `{name}` has stopped before it was done")]
    Stopped {
        /// The projection.
        name: ProjectionName,
        /// Why.
        #[source]
        reason: StopReason,
    },
    /// Nobody can say whether it was done.
    #[error(
        "what was asked of the projection `{name}` was interrupted: look at its status, and ask again"
    )]
    Interrupted {
        /// The projection.
        name: ProjectionName,
    },
    /// Its lease could not be had.
    #[error("the lease of the projection `{name}` could not be had")]
    Lease {
        /// The projection.
        name: ProjectionName,
        /// Why.
        #[source]
        source: LeaseError,
    },
    /// What is kept of it could not be read or changed.
    #[error("what is kept of the projection `{name}` could not be used")]
    Kept {
        /// The projection.
        name: ProjectionName,
        /// Why.
        #[source]
        source: ProjectionStoreError,
    },
}

/// What is shown of an error: its text, and the texts of what is behind it.
pub(super) fn told(error: &DeliveryError) -> String {
    let mut source = match error {
        DeliveryError::Handler(error) => HandlerError::source(error).source(),
        other => other.source(),
    };
    chain(error.to_string(), &mut source)
}

/// The same of any error.
pub(super) fn told_of(error: &(dyn Error + 'static)) -> String {
    chain(error.to_string(), &mut error.source())
}

fn chain(mut text: String, source: &mut Option<&(dyn Error + 'static)>) -> String {
    while let Some(error) = source {
        let next = error.to_string();
        // A transparent error has said it already.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        *source = error.source();
    }
    text
}
