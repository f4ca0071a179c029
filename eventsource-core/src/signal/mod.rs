#![doc = include_str!("../../docs/signals.md")]

#[cfg(feature = "metrics")]
mod describe;
pub(crate) mod macros;
pub mod names;
mod snapshots;
mod word;

use std::{error::Error, future::Future, time::Duration};

#[cfg(feature = "metrics")]
pub use self::describe::describe_metrics;
pub(crate) use self::{
    macros::Span,
    snapshots::{
        snapshot, snapshot_failed, snapshot_missed, snapshot_saved, snapshot_used, trimmed,
    },
};
use self::{
    macros::{Empty, Instrument, count, measure, record, shown, span, tell},
    word::says,
};
use crate::{
    context::Context,
    id::{CausationId, CommandId, CorrelationId},
    repository::{Appended, At, ExecuteError, LoadError, Undecided},
    store::{AppendError, Receipt},
    stream::{StreamId, Version},
};

/// The command of whom something is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Command<'a> {
    id: CommandId,
    context: &'a Context,
}

impl<'a> Command<'a> {
    pub(crate) fn new(id: CommandId, context: &'a Context) -> Self {
        Self { id, context }
    }

    fn correlation(&self) -> CorrelationId {
        self.context.correlation_of(self.id)
    }

    fn causation(&self) -> CausationId {
        self.context.causation_of(self.id)
    }
}

/// Does work within a span, which is entered whenever the work goes on and left whenever it waits.
pub(crate) fn within<F: Future>(span: &Span, work: F) -> impl Future<Output = F::Output> + use<F> {
    work.instrument(span.clone())
}

/// A command comes, or a unit of work is to be stored.
pub(crate) fn execute(stream: &StreamId, context: &Context) -> Span {
    let given = context.command_id;
    let correlation = given.map_or(context.correlation_id, |id| {
        Some(context.correlation_of(id))
    });
    let causation = given.map_or(context.causation_id, |id| Some(context.causation_of(id)));
    span!(EXECUTE {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        COMMAND_ID = given.map(shown),
        CORRELATION_ID = correlation.map(shown),
        CAUSATION_ID = causation.map(shown),
        VERSION = Empty,
        EVENTS = Empty,
        OUTCOME = Empty,
    })
}

/// The command has its id: what was not given is known now.
pub(crate) fn identified(span: &Span, command: Command<'_>) {
    let Context {
        command_id: None,
        correlation_id,
        causation_id,
        ..
    } = command.context
    else {
        return;
    };
    record!(span, COMMAND_ID = shown(command.id));
    if correlation_id.is_none() {
        record!(span, CORRELATION_ID = shown(command.correlation()));
    }
    if causation_id.is_none() {
        record!(span, CAUSATION_ID = shown(command.causation()));
    }
}

/// The command ended.
pub(crate) fn executed(span: &Span, done: &Result<Receipt, ExecuteError<Undecided>>) {
    record!(span, OUTCOME = word::executed(done));
    if let Ok(receipt) = done {
        record!(span, VERSION = number(receipt.version()));
        record!(span, EVENTS = receipt.events());
    }
}

/// Folds a state from a snapshot or from the first event.
pub(crate) fn load(stream: &StreamId) -> Span {
    span!(LOAD {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        ORIGIN = Empty,
        VERSION = Empty,
        READ = Empty,
        REPLAYED = Empty,
    })
}

/// It was loaded.
pub(crate) fn loaded(span: &Span, stream: &StreamId, loaded: &Result<At, LoadError>) {
    if let Ok(at) = loaded {
        record!(span, ORIGIN = word::origin(at.origin));
        record!(span, VERSION = number(at.version()));
        record!(span, READ = at.read);
        record!(span, REPLAYED = at.replayed);
        measure!(REPLAYED_EVENTS = amount(at.replayed), stream);
    }
}

/// A state that was seen before is to be brought up to now.
pub(crate) fn catch_up(stream: &StreamId) -> Span {
    span!(CATCH_UP {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        VERSION = Empty,
        READ = Empty,
        REPLAYED = Empty,
    })
}

/// It was brought there: from where it was to where it is.
pub(crate) fn caught_up(span: &Span, stream: &StreamId, from: &At, to: &At) {
    let replayed = to.replayed.saturating_sub(from.replayed);
    record!(span, VERSION = number(to.version()));
    record!(span, READ = to.read.saturating_sub(from.read));
    record!(span, REPLAYED = replayed);
    measure!(REPLAYED_EVENTS = amount(replayed), stream);
}

/// Events came from the store.
pub(crate) fn read(stream: &StreamId, events: usize) {
    count!(READ_EVENTS += events as u64, stream);
}

/// The cache was asked for a state: of this version, where it had it.
pub(crate) fn cache_asked(stream: &StreamId, found: Option<Version>) {
    if let Some(version) = found {
        tell!(TRACE CACHE_HIT "the cache had the state" {
            STREAM = shown(stream),
            AGGREGATE = shown(stream.category()),
            VERSION = version.get(),
        });
        count!(CACHE_HITS += 1, stream);
    } else {
        tell!(TRACE CACHE_MISS "the cache did not have the state" {
            STREAM = shown(stream),
            AGGREGATE = shown(stream.category()),
        });
        count!(CACHE_MISSES += 1, stream);
    }
}

/// A command is to be decided on this version.
pub(crate) fn decide(stream: &StreamId, attempt: u32, version: Option<Version>) -> Span {
    span!(DECIDE {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        ATTEMPT = attempt,
        VERSION = number(version),
        EVENTS = Empty,
    })
}

/// It was decided: with so many events, or not.
pub(crate) fn decided(span: &Span, stream: &StreamId, decided: Result<usize, &Undecided>) {
    match decided {
        Ok(events) => record!(span, EVENTS = events),
        Err(Undecided { refusal: None }) => {}
        Err(Undecided {
            refusal: Some(name),
        }) => {
            // In the span, which says where and at which attempt.
            span.in_scope(|| {
                tell!(DEBUG REFUSED "the domain refused a command" {
                    STREAM = shown(stream),
                    AGGREGATE = shown(stream.category()),
                    REFUSAL = *name,
                });
            });
            count!(REFUSED_DECISIONS += 1, stream);
        }
    }
}

/// Gives an append of so many events behind this version to the store.
pub(crate) async fn append(
    stream: &StreamId,
    attempt: u32,
    version: Option<Version>,
    events: usize,
    appending: impl Future<Output = Result<Receipt, AppendError>> + Send,
) -> Result<Receipt, AppendError> {
    let span = span!(APPEND {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        ATTEMPT = attempt,
        VERSION = number(version),
        EVENTS = events,
        OUTCOME = Empty,
    });
    #[cfg(feature = "metrics")]
    let begun = std::time::Instant::now();
    let answer = within(&span, appending).await;
    #[cfg(feature = "metrics")]
    measure!(APPEND_SECONDS = begun.elapsed().as_secs_f64(), stream);
    record!(span, OUTCOME = word::answered(&answer));
    answer
}

/// It is known what became of a command's events.
pub(crate) fn appended(stream: &StreamId, appended: &Result<Appended, ExecuteError<Undecided>>) {
    match appended {
        Ok(Appended::Stored(receipt)) if receipt.is_first() => {
            for one in &receipt.streams {
                count!(APPENDED_EVENTS += one.events(), &one.stream);
            }
        }
        Ok(Appended::Conflict(conflict)) => {
            let first = conflict.streams.first();
            let stream = first.map_or(stream, |first| &first.stream);
            tell!(DEBUG CONFLICT "another writer was faster" {
                STREAM = shown(stream),
                AGGREGATE = shown(stream.category()),
                ACTUAL = number(first.and_then(|first| first.actual)),
            });
            count!(CONFLICTS += 1, stream);
        }
        Ok(Appended::Stored(_)) | Err(_) => {}
    }
}

/// After a conflict, the command will be decided once more.
pub(crate) fn retry(stream: &StreamId, command: Command<'_>, attempt: u32, delay: Duration) {
    macro_rules! retry {
        ($LEVEL:ident) => {
            tell!($LEVEL RETRY "after a conflict the command is decided once more" {
                STREAM = shown(stream),
                AGGREGATE = shown(stream.category()),
                COMMAND_ID = shown(command.id),
                CORRELATION_ID = shown(command.correlation()),
                ATTEMPT = attempt,
                DELAY_MS = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            })
        };
    }
    if attempt < names::RETRY_WARNS_FROM {
        retry!(DEBUG);
    } else {
        retry!(WARN);
    }
    count!(RETRIES += 1, stream);
}

/// It is not known whether an append was stored; the store will be asked, for the so-many-th time after the append.
pub(crate) fn outcome_unknown(
    stream: &StreamId,
    command: Command<'_>,
    attempt: u32,
    error: &(dyn Error + 'static),
) {
    tell!(WARN OUTCOME_UNKNOWN "it is not known whether an append was stored" {
        STREAM = shown(stream),
        AGGREGATE = shown(stream.category()),
        COMMAND_ID = shown(command.id),
        CORRELATION_ID = shown(command.correlation()),
        ATTEMPT = attempt,
        ERROR = shown(says(error)),
    });
    if attempt == 1 {
        count!(UNKNOWN_OUTCOMES += 1, stream);
    }
}

/// The fate of an append is known after all, or was given up.
pub(crate) fn outcome_settled(
    stream: &StreamId,
    command: Command<'_>,
    settled: &Result<Appended, ExecuteError<Undecided>>,
) {
    macro_rules! settled {
        ($LEVEL:ident $message:literal) => {
            tell!($LEVEL OUTCOME_SETTLED $message {
                STREAM = shown(stream),
                AGGREGATE = shown(stream.category()),
                COMMAND_ID = shown(command.id),
                CORRELATION_ID = shown(command.correlation()),
                OUTCOME = word::settled(settled),
            })
        };
    }
    if settled.is_ok() {
        settled!(INFO "it is known what became of an append");
    } else {
        settled!(WARN "it stays unknown what became of an append");
    }
    count!(
        SETTLED_OUTCOMES += 1,
        stream,
        OUTCOME = word::settled(settled)
    );
}

#[expect(
    clippy::cast_precision_loss,
    reason = "it is exact up to 2^53, and histograms have buckets"
)]
pub(crate) fn amount(number: u64) -> f64 {
    number as f64
}

fn number(version: Option<Version>) -> Option<u64> {
    version.map(Version::get)
}
