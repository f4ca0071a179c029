//! How loading and executing fail.

use crate::{
    aggregate::FoldError,
    aggregate_id::AggregateIdError,
    codec::{DecodeError, EncodeError},
    repository::SnapshotMiss,
    store::{AppendError, Conflict, ReadError, Receipt, SnapshotError, TrimError, Unsupported},
    stream::{Position, StreamId, Version},
    text::{AppendKey, EventName, TextError},
};

/// A state could not be loaded. Never a part of one: what cannot be read is an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The id does not name a stream.
    #[error("the id does not name a stream")]
    Id(#[from] AggregateIdError),
    /// There is no such aggregate: its stream has no event that creates it.
    #[error("there is no aggregate in the stream `{stream}`")]
    NotFound {
        /// The stream.
        stream: StreamId,
    },
    /// The stream does not reach the version that was asked for.
    #[error("the stream `{stream}` has no version {asked}; it ends at {}", Version::number(*.last))]
    NoSuchVersion {
        /// The stream.
        stream: StreamId,
        /// The version that was asked for.
        asked: Version,
        /// The version of its last event; `None` without events.
        last: Option<Version>,
    },
    /// The store could not be read.
    #[error("the stream `{stream}` could not be read")]
    Read {
        /// The stream.
        stream: StreamId,
        /// What the store said.
        #[source]
        source: ReadError,
    },
    /// An event of the stream could not be decoded.
    #[error(
        "version {version} of the stream `{stream}` (position {position}) could not be decoded"
    )]
    Decode {
        /// The stream.
        stream: StreamId,
        /// The version of the event.
        version: Version,
        /// Its position.
        position: Position,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// An event does not fit the state that it meets.
    #[error(
        "version {version} of the stream `{stream}` (position {position}), the event `{event}` with schema version \
         {schema_version}, does not fit the state{}", of_part(*.part)
    )]
    Fold {
        /// The stream.
        stream: StreamId,
        /// The version of the event.
        version: Version,
        /// Its position.
        position: Position,
        /// Its stored name. Where it was retired, what does not fit is an event that it is today, and has another name.
        event: EventName,
        /// Its stored schema version.
        schema_version: u32,
        /// Which of the events that it is today, from 0.
        part: usize,
        /// Why.
        #[source]
        source: FoldError,
    },
    /// The first events of the stream were trimmed, and there is no snapshot that stands for them. What is left is not a
    /// state, and is not given as one.
    #[error(
        "the stream `{stream}` begins at version {first}, and no usable snapshot stands for what was trimmed{}", because(.missed.as_deref())
    )]
    Trimmed {
        /// The stream.
        stream: StreamId,
        /// The version of the first event that is left.
        first: Version,
        /// Why a snapshot that is there was not used; `None` where there is none below what was asked for, or the
        /// repository uses none.
        #[source]
        missed: Option<Box<SnapshotMiss>>,
    },
    /// A history was asked for that begins before the first event that is left of the stream.
    #[error(
        "the stream `{stream}` begins at version {first}: what was before it was trimmed, and is in no history"
    )]
    HistoryTrimmed {
        /// The stream.
        stream: StreamId,
        /// The version of the first event that is left.
        first: Version,
    },
    /// The repository is to use something that its store does not have.
    #[error(transparent)]
    Unsupported(Unsupported),
    /// The versions of the stream have a hole, or go back: it is damaged.
    #[error("the stream `{stream}` is damaged: version {found} follows {}", Version::number(*.last))]
    Hole {
        /// The stream.
        stream: StreamId,
        /// The version read before; `None` at the beginning.
        last: Option<Version>,
        /// The version that came.
        found: Version,
    },
    /// A part of a history was asked for that ends before it begins, so that nothing could ever be in it.
    #[error(
        "the part of the history of the stream `{stream}` that was asked for ends before it begins"
    )]
    Reversed {
        /// The stream.
        stream: StreamId,
    },
}

/// The stream of an aggregate was not trimmed; nothing has changed, unless [`TrimError::Unknown`] says that nobody knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrimAggregateError {
    /// There is no snapshot that could stand for the events.
    #[error("the stream `{stream}` has no usable snapshot to stand for its events{}", because(.missed.as_deref()))]
    NoSnapshot {
        /// The stream.
        stream: StreamId,
        /// Why the snapshot that is there was not used; `None` where there is none, or the repository uses none.
        #[source]
        missed: Option<Box<SnapshotMiss>>,
    },
    /// The stream could not be read, or the store lacks what is needed.
    #[error("the aggregate could not be loaded")]
    Load(#[from] LoadError),
    /// The store did not trim.
    #[error("the store did not trim the stream")]
    Trim(#[from] TrimError),
}

/// A command did not end in a receipt. `E` is the domain's reason for refusing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError<E> {
    /// The domain refused the command; nothing was stored.
    #[error("the command was refused")]
    Refused(#[source] E),
    /// The state could not be loaded; nothing was stored.
    #[error("the aggregate could not be loaded")]
    Load(#[from] LoadError),
    /// The aggregate exists already, so it cannot be created; nothing was stored.
    #[error("the stream `{stream}` exists already, up to version {version}")]
    AlreadyExists {
        /// The stream.
        stream: StreamId,
        /// The version of its last event.
        version: Version,
    },
    /// The decision returned an event that does not fit the state; nothing was stored.
    #[error("the decision on the stream `{stream}` does not fit the state")]
    Fold {
        /// The stream.
        stream: StreamId,
        /// Why.
        #[source]
        source: FoldError,
    },
    /// An event could not be written; nothing was stored.
    #[error("an event for the stream `{stream}` could not be encoded")]
    Encode {
        /// The stream.
        stream: StreamId,
        /// Why.
        #[source]
        source: EncodeError,
    },
    /// An event cannot be read back from what would be stored; nothing was stored. It would have made the stream
    /// unreadable: a number that is not finite, values nested too deep, serde attributes for one direction only.
    #[error("an event for the stream `{stream}` could not be read back from what would be stored")]
    Unreadable {
        /// The stream.
        stream: StreamId,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// An event has a stored name that no store accepts; nothing was stored.
    #[error("an event for the stream `{stream}` has a name that cannot be stored")]
    Name {
        /// The stream.
        stream: StreamId,
        /// Why.
        #[source]
        source: TextError,
    },
    /// Another writer was faster, every time; nothing was stored.
    #[error("other writers were faster, {attempts} times; nothing was stored")]
    Conflict {
        /// How often the command was decided.
        attempts: u32,
        /// The last conflict.
        #[source]
        source: Conflict,
    },
    /// A decision over two aggregates is to be about one; nothing was loaded or stored.
    #[error("a decision over two aggregates cannot be about the stream `{stream}` twice")]
    SameStream {
        /// The stream.
        stream: StreamId,
    },
    /// The store cannot do it; nothing was loaded or stored.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The append key belongs to a command on another stream; nothing was stored.
    #[error("the append key `{key}` belongs to an append to another stream than `{stream}`")]
    KeyReused {
        /// The key.
        key: AppendKey,
        /// The stream of this command.
        stream: StreamId,
        /// Where the events of the earlier append stand.
        first: Box<Receipt>,
    },
    /// The append key could not be looked up; nothing was stored.
    #[error("the append key `{key}` could not be looked up")]
    Lookup {
        /// The key.
        key: AppendKey,
        /// What the store said.
        #[source]
        source: ReadError,
    },
    /// The store refused the events, or their fate is unknown: see [`ExecuteError::is_unknown`].
    #[error("the events for the stream `{stream}` could not be appended")]
    Append {
        /// The stream.
        stream: StreamId,
        /// What the store said.
        #[source]
        source: AppendError,
    },
}

/// The first part is nearly always the only one.
fn of_part(part: usize) -> String {
    match part {
        0 => String::new(),
        _ => format!(": its part {part}, counted from 0"),
    }
}

fn because(missed: Option<&SnapshotMiss>) -> &'static str {
    match missed {
        Some(_) => ": the one that is there was not used",
        None => "",
    }
}

impl LoadError {
    pub(super) fn read(stream: &StreamId, source: ReadError) -> Self {
        let stream = stream.clone();
        match source {
            // What was read is no beginning any more.
            ReadError::Trimmed { first, .. } => Self::Trimmed {
                stream,
                first,
                missed: None,
            },
            source => Self::Read { stream, source },
        }
    }

    pub(super) fn not_found(stream: &StreamId) -> Self {
        let stream = stream.clone();
        Self::NotFound { stream }
    }

    /// Whether the same load may succeed later: where the store cannot be read now, or not be asked for the snapshot without
    /// which there is no state.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Read { source, .. } => source.is_transient(),
            Self::Trimmed {
                missed: Some(missed),
                ..
            } => matches!(
                **missed,
                SnapshotMiss::Store(SnapshotError::Unavailable { .. })
            ),
            _ => false,
        }
    }
}

impl<E> ExecuteError<E> {
    pub(super) fn already_exists(stream: &StreamId, version: Version) -> Self {
        let stream = stream.clone();
        Self::AlreadyExists { stream, version }
    }

    /// The domain's reason, where the domain refused.
    pub fn refusal(&self) -> Option<&E> {
        match self {
            Self::Refused(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether other writers were faster every time.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether there is no such aggregate.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Load(LoadError::NotFound { .. }))
    }

    /// Whether the same command may succeed later, though nothing else changes: certainly nothing was stored, and the
    /// reason may pass.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Load(error) => error.is_transient(),
            Self::Lookup { source, .. } => source.is_transient(),
            Self::Append { source, .. } => source.is_transient(),
            Self::Conflict { .. } => true,
            _ => false,
        }
    }

    /// Whether it is unknown if the events are stored. With an append key, execute the command again: it is answered
    /// with the first receipt if they are.
    pub const fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Append {
                source: AppendError::Unknown(_),
                ..
            }
        )
    }
}

/// Stands for an error that stays with who decided, since its type is the domain's.
#[derive(Debug)]
pub(crate) struct Undecided {
    /// The type of the domain's reason, where the domain refused.
    pub(crate) refusal: Option<&'static str>,
}

impl Undecided {
    /// For the reason that is kept.
    pub(super) fn for_reason<E>(kept: &ExecuteError<E>) -> Self {
        let refused = kept.refusal();
        Self {
            refusal: refused.map(|_| std::any::type_name::<E>()),
        }
    }
}

impl ExecuteError<Undecided> {
    /// The error of the domain's type. `kept` is what stayed with who decided.
    pub(super) fn with<E>(self, kept: Option<ExecuteError<E>>) -> ExecuteError<E> {
        match self {
            Self::Refused(Undecided { .. }) => kept.expect("who could not decide keeps the reason"),
            Self::Load(source) => ExecuteError::Load(source),
            Self::AlreadyExists { stream, version } => {
                ExecuteError::AlreadyExists { stream, version }
            }
            Self::Fold { stream, source } => ExecuteError::Fold { stream, source },
            Self::Encode { stream, source } => ExecuteError::Encode { stream, source },
            Self::Unreadable { stream, source } => ExecuteError::Unreadable { stream, source },
            Self::Name { stream, source } => ExecuteError::Name { stream, source },
            Self::Conflict { attempts, source } => ExecuteError::Conflict { attempts, source },
            Self::SameStream { stream } => ExecuteError::SameStream { stream },
            Self::Unsupported(source) => ExecuteError::Unsupported(source),
            Self::KeyReused { key, stream, first } => {
                ExecuteError::KeyReused { key, stream, first }
            }
            Self::Lookup { key, source } => ExecuteError::Lookup { key, source },
            Self::Append { stream, source } => ExecuteError::Append { stream, source },
        }
    }
}
