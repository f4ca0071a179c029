//! What the program is told of a runner. Each thing that happens has a function here.

use std::mem::discriminant;

use crate::{
    projection::DeliveryError,
    record::RecordedEvent,
    runner::{
        FailedEvent, ProjectionState, ProjectionStatus, StopReason,
        error::{told, told_of},
        shared::{Board, Shared, Standing},
    },
    signal::{
        amount,
        macros::{Empty, Instrument, Span, count, record, set, shown, span, tell},
    },
    store::{Advance, Generation, Lease, LeaseError},
    stream::Position,
};
#[cfg(feature = "metrics")]
use crate::{signal::macros::measure, text::ProjectionName};

/// A projection does something else from now on: it is live, is paused, has stopped. The error is the last one that came up.
pub(super) fn state(
    shared: &Shared,
    before: &ProjectionState,
    state: &ProjectionState,
    error: Option<&str>,
) {
    if !is_news(before, state) {
        return;
    }
    let name = &shared.name;
    macro_rules! told {
        ($LEVEL:ident $message:literal $(, $FIELD:ident = $value:expr)*) => {
            tell!($LEVEL PROJECTION_STATE $message {
                PROJECTION = shown(name),
                STATE = word(state),
                $($FIELD = $value,)*
            })
        };
    }
    match state {
        ProjectionState::Starting => told!(DEBUG "a projection begins"),
        ProjectionState::CatchingUp => told!(DEBUG "a projection catches up"),
        ProjectionState::Live => told!(INFO "a projection has caught up"),
        ProjectionState::Paused => told!(INFO "a projection is paused"),
        ProjectionState::Rebuilding => {
            told!(INFO "a projection is built anew before it is read");
        }
        ProjectionState::WaitingForLease { holder } => {
            told!(
                INFO "another runner is active for a projection",
                HOLDER = holder.as_ref().map(shown)
            );
        }
        ProjectionState::Retrying { attempts, .. } => {
            told!(
                WARN "something failed and is tried again",
                ATTEMPT = attempts,
                ERROR = error
            );
        }
        ProjectionState::Stopped(StopReason::Asked) => {
            told!(INFO "a projection has stopped", REASON = why(&StopReason::Asked));
        }
        ProjectionState::Stopped(reason) => {
            told!(
                ERROR "a projection has stopped",
                REASON = why(reason),
                ERROR = shown(told_of(reason))
            );
        }
    }
    if let ProjectionState::Stopped(reason) = state {
        count!(PROJECTION_STOPS += 1, of name, REASON = why(reason));
    }
}

/// Whether there is something to tell: a state may be set anew, as at each look at a lease.
fn is_news(before: &ProjectionState, state: &ProjectionState) -> bool {
    use ProjectionState::{Retrying, Stopped, WaitingForLease};
    match (before, state) {
        (WaitingForLease { holder: before }, WaitingForLease { holder }) => before != holder,
        (
            Retrying {
                attempts: before,
                until: then,
            },
            Retrying { attempts, until },
        ) => (before, then) != (attempts, until),
        (Stopped(_), Stopped(_)) => true,
        _ => discriminant(before) != discriminant(state),
    }
}

/// A projection goes on, after a pause or after it had stopped.
pub(super) fn resumed(shared: &Shared) {
    tell!(INFO PROJECTION_RESUMED "a projection goes on" { PROJECTION = shown(&shared.name) });
}

/// How a projection stands, for the gauges. It is called where nothing can change meanwhile, so that none of them stays
/// behind.
pub(super) fn stands(shared: &Shared, board: &Board) {
    let name = &shared.name;
    for state in STATES {
        let is = u8::from(*state == word(&board.state));
        set!(PROJECTION_STATE = f64::from(is), of name, STATE = *state);
    }
    if let Some(Standing {
        position, parked, ..
    }) = board.live
    {
        set!(PROJECTION_POSITION = place(position), of name);
        set!(PROJECTION_PARKED = amount(parked), of name);
    }
    let built = { &board.rebuild }
        .as_ref()
        .and_then(|rebuild| rebuild.position);
    set!(PROJECTION_REBUILD_POSITION = place(built), of name);
}

/// The status was asked for.
pub(super) fn status(status: &ProjectionStatus) {
    let name = &status.name;
    set!(PROJECTION_HEAD = place(status.head), of name);
    set!(PROJECTION_LAG_EVENTS = amount(status.lag_events), of name);
    set!(PROJECTION_LAG_SECONDS = status.lag.as_secs_f64(), of name);
    if let ProjectionState::WaitingForLease { .. } = status.state {
        // Nothing else tells here how far another runner has come.
        set!(PROJECTION_POSITION = place(status.position), of name);
        set!(PROJECTION_PARKED = amount(status.parked), of name);
    }
}

/// It is the active one.
pub(super) fn lease_taken(shared: &Shared, lease: &Lease) {
    tell!(INFO LEASE_TAKEN "a runner is the active one" {
        PROJECTION = shown(&shared.name),
        HOLDER = shown(&lease.holder),
        TOKEN = lease.token.number(),
    });
    count!(PROJECTION_LEASES_TAKEN += 1, of shared.name);
}

/// It is no longer the active one, without having been asked to.
pub(super) fn lease_lost(shared: &Shared) {
    tell!(WARN LEASE_LOST "a runner is no longer the active one" {
        PROJECTION = shown(&shared.name),
    });
    count!(PROJECTION_LEASES_LOST += 1, of shared.name);
}

/// A lease could not be renewed; it is tried again until it is over.
pub(super) fn lease_not_renewed(shared: &Shared, error: &LeaseError) {
    tell!(WARN LEASE_NOT_RENEWED "a lease could not be renewed" {
        PROJECTION = shown(&shared.name),
        ERROR = shown(told_of(error)),
    });
}

/// A lease could not be given back; it runs out by itself.
pub(super) fn lease_not_released(shared: &Shared, error: &LeaseError) {
    tell!(WARN LEASE_NOT_RELEASED "a lease could not be given back" {
        PROJECTION = shown(&shared.name),
        ERROR = shown(told_of(error)),
    });
}

/// A build has begun.
pub(super) fn begun(shared: &Shared, generation: Generation, from: Option<Position>) {
    tell!(INFO BUILD_BEGUN "a build has begun" {
        PROJECTION = shown(&shared.name),
        GENERATION = generation.number(),
        FROM = from.map(Position::number),
    });
}

/// A build is what is read from now on.
pub(super) fn switched(shared: &Shared, generation: Generation) {
    tell!(INFO BUILD_SWITCHED "a build is read from now on" {
        PROJECTION = shown(&shared.name),
        GENERATION = generation.number(),
    });
}

/// A build was let go of.
pub(super) fn dropped(shared: &Shared, generation: Generation) {
    tell!(INFO BUILD_DROPPED "a build was let go of" {
        PROJECTION = shown(&shared.name),
        GENERATION = generation.number(),
    });
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Kept,
    Failed,
    NotKept,
    Ended,
}

/// A delivery: how long it takes, and what comes of it.
pub(super) struct Delivery {
    span: Span,
    #[cfg(feature = "metrics")]
    begun: (ProjectionName, std::time::Instant),
}

impl Delivery {
    pub(super) fn begin(shared: &Shared, generation: Generation, from: Option<Position>) -> Self {
        Self {
            span: span!(DELIVER {
                PROJECTION = shown(&shared.name),
                GENERATION = generation.number(),
                FROM = from.map(Position::number),
                TO = Empty,
                EVENTS = Empty,
                OUTCOME = Empty,
            }),
            #[cfg(feature = "metrics")]
            begun: (shared.name.clone(), std::time::Instant::now()),
        }
    }

    /// What is told meanwhile is told within it.
    pub(super) fn of<F: Future>(&self, step: F) -> impl Future<Output = F::Output> + use<F> {
        step.instrument(self.span.clone())
    }

    pub(super) fn end(self, outcome: Outcome) {
        record!(
            self.span,
            OUTCOME = match outcome {
                Outcome::Kept => "kept",
                Outcome::Failed => "failed",
                Outcome::NotKept => "not_kept",
                Outcome::Ended => "ended",
            }
        );
        #[cfg(feature = "metrics")]
        {
            let (name, begun) = self.begun;
            measure!(PROJECTION_DELIVER_SECONDS = begun.elapsed().as_secs_f64(), of name);
        }
    }
}

/// So many events were delivered, and the advance was made.
pub(super) fn advanced(shared: &Shared, advance: &Advance, events: usize) {
    let to = advance.to.map(Position::number);
    #[cfg(feature = "tracing")]
    {
        // What is passed without a delivery has no span.
        let span = Span::current();
        let is_delivery = |of: &tracing::Metadata<'_>| {
            (of.target(), of.name())
                == (
                    crate::signal::names::TARGET,
                    crate::signal::names::span::DELIVER,
                )
        };
        if span.metadata().is_some_and(is_delivery) {
            record!(span, TO = to);
            record!(span, EVENTS = events);
        }
    }
    if advance.from != advance.to {
        tell!(TRACE CHECKPOINT_MOVED "a checkpoint was kept" {
            PROJECTION = shown(&shared.name),
            GENERATION = advance.generation.number(),
            FROM = advance.from.map(Position::number),
            TO = to,
            EVENTS = events,
        });
    }
    count!(PROJECTION_EVENTS += events as u64, of shared.name);
}

/// An event could not be delivered at this attempt.
pub(super) fn failed(shared: &Shared, event: &RecordedEvent, attempts: u32, error: &DeliveryError) {
    tell!(WARN EVENT_FAILED "an event could not be delivered" {
        PROJECTION = shown(&shared.name),
        ATTEMPT = attempts,
        EVENT = shown(&event.name),
        STREAM = shown(&event.stream),
        AGGREGATE = shown(event.stream.category()),
        VERSION = event.version.get(),
        POSITION = event.position.number(),
        ERROR = shown(told(error)),
    });
    count!(PROJECTION_FAILURES += 1, of shared.name);
}

/// After something failed, it waits to try it again.
pub(super) fn retries(shared: &Shared) {
    count!(PROJECTION_RETRIES += 1, of shared.name);
}

/// An event was parked for what went wrong with it.
pub(super) fn parked(shared: &Shared, event: &FailedEvent) {
    tell!(WARN EVENT_PARKED "an event is parked" {
        PROJECTION = shown(&shared.name),
        ATTEMPT = event.attempts,
        EVENT = shown(&event.event),
        STREAM = shown(&event.stream),
        AGGREGATE = shown(event.stream.category()),
        VERSION = event.version.get(),
        POSITION = event.position.number(),
        ERROR = shown(told(&event.error)),
    });
}

/// So many events were parked behind others of their streams.
pub(super) fn parked_behind(shared: &Shared, events: usize) {
    tell!(INFO EVENTS_PARKED_BEHIND "events are parked behind others" {
        PROJECTION = shown(&shared.name),
        EVENTS = events,
    });
}

/// A parked event was delivered, and is parked no longer.
pub(super) fn unparked(shared: &Shared) {
    count!(PROJECTION_EVENTS += 1, of shared.name);
}

/// So many parked events were delivered, and so many are left.
pub(super) fn replayed(shared: &Shared, delivered: u64, left: u64) {
    tell!(INFO PARKED_REPLAYED "parked events were delivered again" {
        PROJECTION = shown(&shared.name),
        EVENTS = delivered,
        PARKED = left,
    });
}

/// A position as a number; 0 is before the first one.
fn place(position: Option<Position>) -> f64 {
    amount(position.map_or(0, Position::number))
}

/// All states, each by its word.
const STATES: &[&str] = &[
    "starting",
    "waiting_for_lease",
    "catching_up",
    "live",
    "rebuilding",
    "paused",
    "retrying",
    "stopped",
];

fn word(state: &ProjectionState) -> &'static str {
    match state {
        ProjectionState::Starting => "starting",
        ProjectionState::WaitingForLease { .. } => "waiting_for_lease",
        ProjectionState::CatchingUp => "catching_up",
        ProjectionState::Live => "live",
        ProjectionState::Rebuilding => "rebuilding",
        ProjectionState::Paused => "paused",
        ProjectionState::Retrying { .. } => "retrying",
        ProjectionState::Stopped(_) => "stopped",
    }
}

fn why(reason: &StopReason) -> &'static str {
    match reason {
        StopReason::Asked => "asked",
        StopReason::Event(_) => "event",
        StopReason::Redefined { .. } => "redefined",
        StopReason::Superseded { .. } => "superseded",
        StopReason::Trimmed { .. } => "trimmed",
        StopReason::Kept(_) => "kept",
        StopReason::Events(_) => "events",
        StopReason::Lease(_) => "lease",
        StopReason::Vanished => "vanished",
    }
}
