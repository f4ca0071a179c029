//! Every name that repositories and runners tell of themselves by: spans, events, fields, metrics. They are part of the
//! interface: what watches a program names them.

/// The target of all spans and events, by which a subscriber filters them.
pub const TARGET: &str = "eventsource";

/// The attempt of a command from which on a retry is a warning.
pub const RETRY_WARNS_FROM: u32 = 5;

/// A field or a label, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Name {
    /// As it is told.
    pub name: &'static str,
    /// What it says, in which unit.
    pub meaning: &'static str,
}

/// A span or an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signal {
    /// As it is told.
    pub name: &'static str,
    /// At which level; a second one is explained in the meaning.
    pub levels: &'static [&'static str],
    /// What it says, and when.
    pub meaning: &'static str,
    /// All fields that it can have.
    pub fields: &'static [&'static str],
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// As it is told.
    pub name: &'static str,
    /// How it is measured.
    pub kind: Kind,
    /// In what: `count`, `seconds` or `bytes`.
    pub unit: &'static str,
    /// What it says, and when.
    pub meaning: &'static str,
}

/// How a metric is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// It only grows.
    Counter,
    /// Every value is recorded.
    Histogram,
    /// The last value counts.
    Gauge,
}

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $NAME:ident = $name:literal;)+) => {
        $($(#[doc = $doc])+ pub const $NAME: &str = $name;)+

        /// All of them.
        pub const ALL: &[super::Name] = &[
            $(super::Name { name: $name, meaning: concat!($($doc),+).trim_ascii() },)+
        ];
    };
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $NAME:ident: $kind:ident of $unit:ident = $name:literal;)+) => {
        $($(#[doc = $doc])+ pub const $NAME: &str = $name;)+

        /// All of them.
        pub const ALL: &[super::Metric] = &[
            $(super::Metric {
                name: $name,
                kind: super::Kind::$kind,
                unit: stringify!($unit),
                meaning: concat!($($doc),+).trim_ascii(),
            },)+
        ];
    };
}

macro_rules! signals {
    ($($(#[doc = $doc:literal])+ $($LEVEL:ident)|+ $NAME:ident = $name:literal { $($FIELD:ident),+ $(,)? })+) => {
        $($(#[doc = $doc])+ pub const $NAME: &str = $name;)+

        /// All of them.
        pub const ALL: &[super::Signal] = &[
            $(super::Signal {
                name: $name,
                levels: &[$(stringify!($LEVEL)),+],
                meaning: concat!($($doc),+).trim_ascii(),
                fields: &[$(super::field::$FIELD),+],
            },)+
        ];
    };
}

/// Spans of `tracing`: work that takes time.
pub mod span {
    signals! {
        /// A command, a decision or the commit of a unit of work, with all its attempts. The outcome comes at its end; events
        /// and version only with a receipt, the version only where all events are in one stream.
        DEBUG EXECUTE = "eventsource.execute" {
            STREAM, AGGREGATE, COMMAND_ID, CORRELATION_ID, CAUSATION_ID, OUTCOME, EVENTS, VERSION,
        }
        /// A state is folded from a snapshot or from the first event. At its end: where it came from, its version, and what
        /// was read and replayed for it.
        DEBUG LOAD = "eventsource.load" { STREAM, AGGREGATE, ORIGIN, VERSION, READ, REPLAYED }
        /// A state that was seen before is brought up to now. At its end: its version, and what was read and replayed for
        /// that; they are absent where the store has another history, and a load follows.
        DEBUG CATCH_UP = "eventsource.catch_up" { STREAM, AGGREGATE, VERSION, READ, REPLAYED }
        /// A command is decided on the state of this version, at this attempt of the command. The events are absent where it
        /// was not accepted.
        DEBUG DECIDE = "eventsource.decide" { STREAM, AGGREGATE, ATTEMPT, VERSION, EVENTS }
        /// The store is given an append of so many events behind this version. The attempt is that of this very append:
        /// beyond 1 where an unknown outcome is settled. The outcome comes at its end.
        DEBUG APPEND = "eventsource.append" { STREAM, AGGREGATE, ATTEMPT, VERSION, EVENTS, OUTCOME }
        /// A snapshot of this version is taken. It follows from the work that made it due, and is no part of it.
        DEBUG SNAPSHOT = "eventsource.snapshot" { STREAM, AGGREGATE, VERSION }
        /// A projection is delivered the next events of its batch, and its checkpoint is kept, or what was delivered before
        /// is kept at last. It begins at a checkpoint; where it is at its end, how many events were taken in for good, and
        /// what came of it, is told then. The checkpoint and the events are absent where nothing was kept.
        DEBUG DELIVER = "eventsource.deliver" { PROJECTION, GENERATION, FROM, TO, EVENTS, OUTCOME }
    }
}

/// Events of `tracing`: what happened at one moment.
pub mod event {
    signals! {
        /// The cache had the state, of this version.
        TRACE CACHE_HIT = "eventsource.cache_hit" { STREAM, AGGREGATE, VERSION }
        /// The cache did not have the state.
        TRACE CACHE_MISS = "eventsource.cache_miss" { STREAM, AGGREGATE }
        /// A state began at a snapshot of this version.
        TRACE SNAPSHOT_USED = "eventsource.snapshot_used" { STREAM, AGGREGATE, VERSION }
        /// A state could not begin at a snapshot. A warning where one is there and is not used; there is no error where
        /// there is none.
        TRACE | WARN SNAPSHOT_MISSED = "eventsource.snapshot_missed" { STREAM, AGGREGATE, REASON, ERROR }
        /// A snapshot was kept.
        DEBUG SNAPSHOT_SAVED = "eventsource.snapshot_saved" { STREAM, AGGREGATE, VERSION, BYTES }
        /// A snapshot was to be taken and was not. No command failed for it.
        ERROR SNAPSHOT_FAILED = "eventsource.snapshot_failed" { STREAM, AGGREGATE, VERSION, REASON, ERROR }
        /// The domain refused a command. It is told within the span of the decision.
        DEBUG REFUSED = "eventsource.refused" { STREAM, AGGREGATE, REFUSAL }
        /// Another writer was faster, and nothing was stored.
        DEBUG CONFLICT = "eventsource.conflict" { STREAM, AGGREGATE, ACTUAL }
        /// After a conflict at this attempt, the command will be decided once more. A warning from the 5th attempt on.
        DEBUG | WARN RETRY = "eventsource.retry" {
            STREAM, AGGREGATE, COMMAND_ID, CORRELATION_ID, ATTEMPT, DELAY_MS,
        }
        /// It is not known whether an append was stored, for the reason that the store gave last; it is asked again, at this
        /// attempt.
        WARN OUTCOME_UNKNOWN = "eventsource.outcome_unknown" {
            STREAM, AGGREGATE, COMMAND_ID, CORRELATION_ID, ATTEMPT, ERROR,
        }
        /// It is known what became of such an append, or asking was given up: once for each. A warning where it stays unknown.
        INFO | WARN OUTCOME_SETTLED = "eventsource.outcome_settled" {
            STREAM, AGGREGATE, COMMAND_ID, CORRELATION_ID, OUTCOME,
        }
        /// Events were let go of, for ever: so many, below this version.
        INFO TRIMMED = "eventsource.trimmed" { STREAM, AGGREGATE, VERSION, EVENTS }
        /// A projection does something else from now on. Information where it is live, is paused, waits for a lease, or is
        /// built anew before it is read; a warning where something failed and is tried again after this attempt; an error
        /// where it has stopped, unless it was asked to.
        DEBUG | INFO | WARN | ERROR PROJECTION_STATE = "eventsource.projection_state" {
            PROJECTION, STATE, ATTEMPT, HOLDER, REASON, ERROR,
        }
        /// A projection was told to go on, after a pause or after it had stopped.
        INFO PROJECTION_RESUMED = "eventsource.projection_resumed" { PROJECTION }
        /// This runner is the active one for a projection, under this token.
        INFO LEASE_TAKEN = "eventsource.lease_taken" { PROJECTION, HOLDER, TOKEN }
        /// This runner is no longer the active one, without having been asked to: another one is, or its lease could not be
        /// renewed for as long as it lasts. What it had in hand was dropped.
        WARN LEASE_LOST = "eventsource.lease_lost" { PROJECTION }
        /// A lease could not be renewed. It is tried again until it is over.
        WARN LEASE_NOT_RENEWED = "eventsource.lease_not_renewed" { PROJECTION, ERROR }
        /// A lease could not be given back. It runs out by itself, and others wait until then.
        WARN LEASE_NOT_RELEASED = "eventsource.lease_not_released" { PROJECTION, ERROR }
        /// A build of a read model has begun, behind this position.
        INFO BUILD_BEGUN = "eventsource.build_begun" { PROJECTION, GENERATION, FROM }
        /// A build is what is read from now on.
        INFO BUILD_SWITCHED = "eventsource.build_switched" { PROJECTION, GENERATION }
        /// A build was let go of before it was read: the rebuild was cancelled, or met an event that failed, or later code
        /// has another one.
        INFO BUILD_DROPPED = "eventsource.build_dropped" { PROJECTION, GENERATION }
        /// A checkpoint was kept, with so many events taken in since the one before.
        TRACE CHECKPOINT_MOVED = "eventsource.checkpoint_moved" { PROJECTION, GENERATION, FROM, TO, EVENTS }
        /// An event could not be delivered at this attempt.
        WARN EVENT_FAILED = "eventsource.event_failed" {
            PROJECTION, ATTEMPT, EVENT, STREAM, AGGREGATE, VERSION, POSITION, ERROR,
        }
        /// An event is parked, after this last attempt, and so is what follows in its stream.
        WARN EVENT_PARKED = "eventsource.event_parked" {
            PROJECTION, ATTEMPT, EVENT, STREAM, AGGREGATE, VERSION, POSITION, ERROR,
        }
        /// Events were parked, untried, behind others of their streams.
        INFO EVENTS_PARKED_BEHIND = "eventsource.events_parked_behind" { PROJECTION, EVENTS }
        /// Parked events were delivered again: so many, and so many are left.
        INFO PARKED_REPLAYED = "eventsource.parked_replayed" { PROJECTION, EVENTS, PARKED }
    }
}

/// Fields of spans and events.
pub mod field {
    names! {
        /// The stream.
        STREAM = "stream";
        /// The category of the stream, which is the name of the aggregate's type.
        AGGREGATE = "aggregate";
        /// The id of the command.
        COMMAND_ID = "command_id";
        /// The conversation, as the events of the command have it in their envelopes.
        CORRELATION_ID = "correlation_id";
        /// What caused the command, as its events have it in their envelopes.
        CAUSATION_ID = "causation_id";
        /// Which attempt it is, from 1.
        ATTEMPT = "attempt";
        /// A version of the stream; absent where it has none.
        VERSION = "version";
        /// The version that a stream has where another one was expected; absent where it has no events.
        ACTUAL = "actual";
        /// How many events were decided, stored, taken in, parked or let go of.
        EVENTS = "events";
        /// Where a state came from: `beginning`, `snapshot` or `cache`.
        ORIGIN = "origin";
        /// How many events were read for this state. What was read in vain for another one, only the metric counts.
        READ = "read";
        /// How many events were folded.
        REPLAYED = "replayed";
        /// What came of it. Of an execution: `stored`, `already_stored`, `nothing`, `refused`, `conflict`, `unknown`,
        /// `failed`. Of an append: `stored`, `already_stored`, `conflict`, `rejected`, `unknown`. Of an unknown outcome:
        /// `stored`, `already_stored`, `not_stored`, `unknown`. Of a delivery: `kept`; `failed`, where an event could not be
        /// delivered; `not_kept`, where the store could not keep what was delivered, which it is asked again; `ended`, where
        /// this runner does not go on.
        OUTCOME = "outcome";
        /// Why not. Of a missed snapshot: `absent`, `fingerprint`, `damaged`, `compression`, `undecodable`, `ahead`,
        /// `other_history`, `trimmed`, `store`. Of a failed one: `encode`, `store`, `busy`, `dropped`. Of a projection that has
        /// stopped: `asked`, `event`, `redefined`, `superseded`, `trimmed`, `kept`, `events`, `lease`, `vanished`.
        REASON = "reason";
        /// What an error says, with its causes. No error of this library repeats a value; that of a handler is in its own
        /// words.
        ERROR = "error";
        /// The type of the domain's error, and nothing of its content.
        REFUSAL = "refusal";
        /// How long it waits before the next attempt, in milliseconds, rounded down.
        DELAY_MS = "delay_ms";
        /// How many bytes a snapshot has as it is stored.
        BYTES = "bytes";
        /// The name of a projection or of a reaction.
        PROJECTION = "projection";
        /// The number of a build of a read model.
        GENERATION = "generation";
        /// Behind which position something begins; absent where it is the beginning of the store.
        FROM = "from";
        /// Up to which position everything is taken in, parked or of no concern.
        TO = "to";
        /// The position of an event in the store.
        POSITION = "position";
        /// The stored name of an event.
        EVENT = "event";
        /// What a projection does: `starting`, `waiting_for_lease`, `catching_up`, `live`, `rebuilding`, `paused`, `retrying`,
        /// `stopped`.
        STATE = "state";
        /// Who has a lease; absent where it is not known.
        HOLDER = "holder";
        /// The fencing token of a lease, higher each time that it is taken.
        TOKEN = "token";
        /// How many events are parked.
        PARKED = "parked";
    }
}

/// Metrics of the facade `metrics`. Each has the label [`AGGREGATE`](label::AGGREGATE), or where its name begins with
/// `eventsource_projection_` the label [`PROJECTION`](label::PROJECTION), and what is said of others is all.
pub mod metric {
    metrics! {
        /// How long the store took for one append, whatever came of it.
        APPEND_SECONDS: Histogram of seconds = "eventsource_append_seconds";
        /// Events that were stored, each once.
        APPENDED_EVENTS: Counter of count = "eventsource_appended_events_total";
        /// Appends of which nothing was stored because another writer was faster.
        CONFLICTS: Counter of count = "eventsource_conflicts_total";
        /// Attempts after the first one.
        RETRIES: Counter of count = "eventsource_retries_total";
        /// Commands that the domain refused, counted at each attempt.
        REFUSED_DECISIONS: Counter of count = "eventsource_refused_decisions_total";
        /// Appends of which the store could not say whether it has stored them, each once however often it is asked again.
        UNKNOWN_OUTCOMES: Counter of count = "eventsource_unknown_outcomes_total";
        /// The same appends, by what came of them; label `outcome`.
        SETTLED_OUTCOMES: Counter of count = "eventsource_settled_outcomes_total";
        /// How many events were folded for one load, or for one catching up.
        REPLAYED_EVENTS: Histogram of count = "eventsource_replayed_events";
        /// Events that were read from the store.
        READ_EVENTS: Counter of count = "eventsource_read_events_total";
        /// States that the cache had.
        CACHE_HITS: Counter of count = "eventsource_cache_hits_total";
        /// States that the cache did not have.
        CACHE_MISSES: Counter of count = "eventsource_cache_misses_total";
        /// States that began at a snapshot.
        SNAPSHOT_HITS: Counter of count = "eventsource_snapshot_hits_total";
        /// States that could not begin at a snapshot, though the repository uses them; label `reason`.
        SNAPSHOT_MISSES: Counter of count = "eventsource_snapshot_misses_total";
        /// Snapshots that were kept.
        SNAPSHOTS_SAVED: Counter of count = "eventsource_snapshots_saved_total";
        /// Snapshots that were to be taken and were not; label `reason`.
        SNAPSHOTS_FAILED: Counter of count = "eventsource_snapshots_failed_total";
        /// Events that were let go of, for ever.
        TRIMMED_EVENTS: Counter of count = "eventsource_trimmed_events_total";
        /// How many bytes a snapshot has that was kept, as it is stored.
        SNAPSHOT_BYTES: Histogram of bytes = "eventsource_snapshot_bytes";
        /// Everything up to there is in the read model, parked or of no concern to it.
        PROJECTION_POSITION: Gauge of count = "eventsource_projection_position";
        /// The last position of the store. Set when the status is asked for.
        PROJECTION_HEAD: Gauge of count = "eventsource_projection_head";
        /// How many positions lie between the two. Set when the status is asked for.
        PROJECTION_LAG_EVENTS: Gauge of count = "eventsource_projection_lag_events";
        /// How long ago the first event was recorded that is yet to be looked at; 0 where there is none. Set when the status
        /// is asked for.
        PROJECTION_LAG_SECONDS: Gauge of seconds = "eventsource_projection_lag_seconds";
        /// How many events are parked.
        PROJECTION_PARKED: Gauge of count = "eventsource_projection_parked";
        /// 1 for what it does, and 0 for all else; label `state`.
        PROJECTION_STATE: Gauge of count = "eventsource_projection_state";
        /// Everything up to there is built beside what is read; 0 where nothing is.
        PROJECTION_REBUILD_POSITION: Gauge of count = "eventsource_projection_rebuild_position";
        /// Events that were taken in for good, each once for each build: not those that were delivered and could not be kept.
        PROJECTION_EVENTS: Counter of count = "eventsource_projection_events_total";
        /// How long a delivery took with keeping its checkpoint, whatever came of it: as the span `eventsource.deliver`.
        PROJECTION_DELIVER_SECONDS: Histogram of seconds = "eventsource_projection_deliver_seconds";
        /// Attempts at which an event could not be delivered.
        PROJECTION_FAILURES: Counter of count = "eventsource_projection_failures_total";
        /// Times that it waited to try again what had failed, an event or a call of the store.
        PROJECTION_RETRIES: Counter of count = "eventsource_projection_retries_total";
        /// Times that a runner became the active one.
        PROJECTION_LEASES_TAKEN: Counter of count = "eventsource_projection_leases_taken_total";
        /// Times that a runner was no longer the active one, without having been asked to.
        PROJECTION_LEASES_LOST: Counter of count = "eventsource_projection_leases_lost_total";
        /// Times that it stopped; label `reason`.
        PROJECTION_STOPS: Counter of count = "eventsource_projection_stops_total";
    }
}

/// Labels of metrics. None has more values than a program has aggregates or projections, or than are listed here.
pub mod label {
    names! {
        /// The category of the stream. Where an append goes to several streams, its first one.
        AGGREGATE = "aggregate";
        /// As the field of this name.
        OUTCOME = "outcome";
        /// As the field of this name.
        REASON = "reason";
        /// The name of a projection or of a reaction.
        PROJECTION = "projection";
        /// As the field of this name.
        STATE = "state";
    }
}
