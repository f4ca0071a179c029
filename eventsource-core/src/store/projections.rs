//! What a store keeps for projections: how far each has come, and what it had to set aside.

use std::fmt;

use async_trait::async_trait;

use crate::{
    projection::Table,
    snapshot::Fingerprint,
    store::{EngineError, Fence, FencingToken, Unsupported},
    stream::{Position, StreamId, Version},
    text::ProjectionName,
    time::Timestamp,
};

/// The number of a build of a projection's read model, from 1. A rebuild begins another one beside the one that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

impl Generation {
    /// The first build.
    pub const FIRST: Self = Self(1);

    /// For stores: the build with this number.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A build of a projection's read model, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredGeneration {
    /// Its number.
    pub generation: Generation,
    /// The version of the projection that builds it.
    pub version: u32,
    /// What that version takes the projection to be.
    pub fingerprint: Fingerprint,
    /// Its checkpoint: everything up to there is in the read model, or parked. `None` before the first event.
    pub checkpoint: Option<Position>,
    /// How many events are parked.
    pub parked: u64,
}

impl StoredGeneration {
    /// For stores: a build as it is kept.
    pub const fn new(
        generation: Generation,
        (version, fingerprint): (u32, Fingerprint),
        checkpoint: Option<Position>,
        parked: u64,
    ) -> Self {
        Self {
            generation,
            version,
            fingerprint,
            checkpoint,
            parked,
        }
    }
}

/// A projection, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredProjection {
    /// The build that is read; `None` where none was ever finished.
    pub live: Option<Generation>,
    /// Every build that there is, the oldest first: the one that is read, and one that is to follow it.
    pub generations: Vec<StoredGeneration>,
}

impl StoredProjection {
    /// For stores: a projection as it is kept.
    pub const fn new(live: Option<Generation>, generations: Vec<StoredGeneration>) -> Self {
        Self { live, generations }
    }

    /// The build of this number.
    pub fn generation(&self, generation: Generation) -> Option<&StoredGeneration> {
        let mut all = self.generations.iter();
        all.find(|one| one.generation == generation)
    }

    /// The build that is read.
    pub fn live(&self) -> Option<&StoredGeneration> {
        self.live.and_then(|live| self.generation(live))
    }
}

/// A build that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Build {
    /// Of which projection.
    pub projection: ProjectionName,
    /// The version of the projection.
    pub version: u32,
    /// What that version takes the projection to be.
    pub fingerprint: Fingerprint,
    /// The tables of its read model. A store without tables refuses any.
    pub tables: Vec<Table>,
    /// The position after which it begins; `None` for the first event.
    pub after: Option<Position>,
    /// Whether it is read from the start, in place of what was read before, which is let go of in the same step.
    pub live: bool,
    /// Refused where this lease is no longer held.
    pub fence: Option<Fence>,
}

impl Build {
    /// A build without tables from the first event on, beside the one that is read.
    pub const fn new(
        projection: ProjectionName,
        (version, fingerprint): (u32, Fingerprint),
    ) -> Self {
        Self {
            projection,
            version,
            fingerprint,
            tables: Vec::new(),
            after: None,
            live: false,
            fence: None,
        }
    }

    /// With these tables.
    #[must_use]
    pub fn with_tables(mut self, tables: impl Into<Vec<Table>>) -> Self {
        self.tables = tables.into();
        self
    }

    /// After this position.
    #[must_use]
    pub const fn after(mut self, position: Option<Position>) -> Self {
        self.after = position;
        self
    }

    /// Read from the start.
    #[must_use]
    pub const fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Only while this lease is held.
    #[must_use]
    pub fn fenced(mut self, fence: impl Into<Option<Fence>>) -> Self {
        self.fence = fence.into();
        self
    }
}

/// An event that a projection could not take, or that follows one in its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parked {
    /// Its place in the store, by which it is read again.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Why it could not be taken; `None` of one that only follows another.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was set aside, or tried last, by the clock of who did.
    pub at: Timestamp,
}

impl Parked {
    /// An event that waits behind another one of its stream.
    pub fn behind(
        position: Position,
        (stream, version): (StreamId, Version),
        at: Timestamp,
    ) -> Self {
        Self {
            position,
            stream,
            version,
            error: None,
            attempts: 0,
            at,
        }
    }

    /// The same, of one that was tried so often and failed for this.
    #[must_use]
    pub fn failed(mut self, attempts: u32, error: impl Into<String>) -> Self {
        self.attempts = attempts;
        self.error = Some(error.into());
        self
    }
}

/// A step of a build: its checkpoint moves, events are parked, others are parked no longer. All of it happens, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advance {
    /// Of which projection.
    pub projection: ProjectionName,
    /// Of which build.
    pub generation: Generation,
    /// Where the checkpoint has to be.
    pub from: Option<Position>,
    /// Where it is then; never before `from`.
    pub to: Option<Position>,
    /// What is parked by it. An event that is parked already keeps its place, and gets this error and these attempts.
    pub park: Vec<Parked>,
    /// What is parked no longer.
    pub unpark: Vec<Position>,
    /// Refused where this lease is no longer held.
    pub fence: Option<Fence>,
}

impl Advance {
    /// A move of the checkpoint.
    pub const fn new(
        projection: ProjectionName,
        generation: Generation,
        (from, to): (Option<Position>, Option<Position>),
    ) -> Self {
        Self {
            projection,
            generation,
            from,
            to,
            park: Vec::new(),
            unpark: Vec::new(),
            fence: None,
        }
    }

    /// Parks events, too.
    #[must_use]
    pub fn parking(mut self, events: impl IntoIterator<Item = Parked>) -> Self {
        self.park.extend(events);
        self
    }

    /// Lets parked events go, too.
    #[must_use]
    pub fn unparking(mut self, positions: impl IntoIterator<Item = Position>) -> Self {
        self.unpark.extend(positions);
        self
    }

    /// Only while this lease is held.
    #[must_use]
    pub fn fenced(mut self, fence: impl Into<Option<Fence>>) -> Self {
        self.fence = fence.into();
        self
    }

    /// For stores: refuses what makes no sense, before anything is looked at.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError::Backwards`] when the checkpoint would move back.
    pub fn check(&self) -> Result<(), ProjectionStoreError> {
        let (from, to) = (self.from, self.to);
        if to < from {
            let projection = self.projection.clone();
            return Err(ProjectionStoreError::Backwards {
                projection,
                from,
                to,
            });
        }
        Ok(())
    }
}

/// What a store keeps for a projection was not changed, or not found; nothing has changed, unless it says that nobody
/// knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionStoreError {
    /// The lease under which it was to be done is held by another one now, or by nobody.
    #[error(
        "the projection `{projection}` is another one's by now: its lease was held under token {held}, and stands at {}",
        .current.map_or_else(|| "none".to_owned(), |token| token.to_string())
    )]
    Fenced {
        /// The projection.
        projection: ProjectionName,
        /// Under which token it was to be done.
        held: FencingToken,
        /// Under which token the lease is held now.
        current: Option<FencingToken>,
    },
    /// The checkpoint is not where it was to be.
    #[error(
        "the checkpoint of generation {generation} of the projection `{projection}` is not at {}, but at {}: another one has moved it",
        place(*.expected), place(*.actual)
    )]
    Moved {
        /// The projection.
        projection: ProjectionName,
        /// The build.
        generation: Generation,
        /// Where it was to be.
        expected: Option<Position>,
        /// Where it is.
        actual: Option<Position>,
    },
    /// The checkpoint would move back.
    #[error(
        "the checkpoint of the projection `{projection}` cannot move back from {} to {}: begin another build in place of it",
        place(*.from), place(*.to)
    )]
    Backwards {
        /// The projection.
        projection: ProjectionName,
        /// From where.
        from: Option<Position>,
        /// To where.
        to: Option<Position>,
    },
    /// There is no such build: it was let go of, or never begun.
    #[error("the projection `{projection}` has no generation {generation}")]
    NoGeneration {
        /// The projection.
        projection: ProjectionName,
        /// The build.
        generation: Generation,
    },
    /// The build that is to be read is behind the one that is read.
    #[error(
        "generation {generation} of the projection `{projection}` is at {}, behind {} of what is read now",
        place(*.checkpoint), place(*.live)
    )]
    Behind {
        /// The projection.
        projection: ProjectionName,
        /// The build.
        generation: Generation,
        /// Its checkpoint.
        checkpoint: Option<Position>,
        /// The checkpoint of the build that is read.
        live: Option<Position>,
    },
    /// The build that is read cannot be let go of alone.
    #[error(
        "generation {generation} of the projection `{projection}` is what is read: switch to another one"
    )]
    Live {
        /// The projection.
        projection: ProjectionName,
        /// The build.
        generation: Generation,
    },
    /// A table of the read model has a name that is taken.
    #[error("the table `{table}` of the projection `{projection}` cannot be made: {reason}")]
    Table {
        /// The projection.
        projection: ProjectionName,
        /// The table.
        table: String,
        /// What is in the way.
        reason: String,
    },
    /// The store cannot do this.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// What is stored cannot be what was saved.
    #[error("what is stored of the projection `{projection}` is damaged: {reason}")]
    Corrupt {
        /// The projection.
        projection: ProjectionName,
        /// What is wrong.
        reason: String,
    },
    /// Nobody can say whether it was done, as when an answer is lost. Look where the checkpoint is.
    #[error(
        "what is kept of the projection may or may not have been changed: look where its checkpoint is"
    )]
    Unknown(#[source] EngineError),
    /// The store cannot do it now; it may later.
    #[error("the store cannot keep or find projections now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The store cannot do it until somebody mends it.
    #[error("the store failed to keep or find a projection")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

fn place(position: Option<Position>) -> String {
    position.map_or_else(|| "the beginning".to_owned(), |at| format!("position {at}"))
}

impl ProjectionStoreError {
    /// Whether it may succeed later without anybody doing something about it.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Unavailable { .. })
    }
}

/// The part of a store that keeps checkpoints and parked events, given by
/// [`EventStore::projections`](crate::EventStore::projections).
///
/// A projection is known by its name. Its read model is built once or several times: each [`Generation`] has a checkpoint
/// and parked events of its own, and at most one of them is what is read.
///
/// Whoever moves a checkpoint says where it is: of two that would move it at once, one is refused. So a checkpoint never
/// moves back, and what was delivered under a lost lease is not recorded as done.
#[async_trait]
pub trait ProjectionStore: fmt::Debug + Send + Sync + 'static {
    /// What is kept of a projection; `None` where none of this name was ever begun.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`] when the store cannot be read.
    async fn find_projection(
        &self,
        projection: &ProjectionName,
    ) -> Result<Option<StoredProjection>, ProjectionStoreError>;

    /// Begins a build, under the next number that was never used for this projection.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn begin_generation(
        &self,
        build: Build,
    ) -> Result<StoredGeneration, ProjectionStoreError>;

    /// Moves a checkpoint, parks and unparks, in one step. The same in the transaction of a read model is
    /// [`TransactionalStore::advance_in`](crate::TransactionalStore::advance_in).
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn advance(&self, advance: Advance) -> Result<(), ProjectionStoreError>;

    /// Makes a build the one that is read, and lets go of all others, in one step. It must not be behind the one that is
    /// read now.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn switch_to(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError>;

    /// Lets go of a build that is not read. Of one that is gone already, too.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn drop_generation(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError>;

    /// Lets go of all that is kept of a projection, with its read model. Of one that is gone already, too.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`]; nothing has changed then, but perhaps under
    /// [`Unknown`](ProjectionStoreError::Unknown).
    async fn delete_projection(
        &self,
        projection: &ProjectionName,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError>;

    /// The parked events of a build beyond a position, of one stream or of all, in the order of positions, and so many at
    /// the most.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`] when the store cannot be read, or has no such build.
    async fn parked(
        &self,
        projection: &ProjectionName,
        generation: Generation,
        query: ParkedQuery,
    ) -> Result<Vec<Parked>, ProjectionStoreError>;

    /// The streams of which an event of a build is parked.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`] when the store cannot be read, or has no such build.
    async fn parked_streams(
        &self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<StreamId>, ProjectionStoreError>;
}

/// Which parked events are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParkedQuery {
    /// Of this stream only.
    pub stream: Option<StreamId>,
    /// Beyond this position.
    pub after: Option<Position>,
    /// So many at the most.
    pub limit: usize,
}

impl ParkedQuery {
    /// The first ones of all streams.
    pub const fn first(limit: usize) -> Self {
        Self {
            stream: None,
            after: None,
            limit,
        }
    }

    /// Of this stream only.
    #[must_use]
    pub fn of(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// Beyond this position.
    #[must_use]
    pub const fn after(mut self, position: Option<Position>) -> Self {
        self.after = position;
        self
    }
}
