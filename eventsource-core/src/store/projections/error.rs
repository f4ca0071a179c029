//! Why what is kept of a projection was not changed, or not found.

use super::Generation;
use crate::{
    store::{EngineError, Fence, FencingToken, Unsupported},
    stream::Position,
    text::ProjectionName,
};

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
    /// A parked event is to be let go of that is not parked: another one has let it go.
    #[error(
        "generation {generation} of the projection `{projection}` has no event parked at position {position}: another one has let it go"
    )]
    NotParked {
        /// The projection.
        projection: ProjectionName,
        /// The build.
        generation: Generation,
        /// The place of the event.
        position: Position,
    },
    /// A table of the read model cannot be made: its name is taken, or the store has no tables.
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
    /// For stores: what was to be done under `fence` is refused, since the lease is held under `current` now.
    pub fn fenced(
        projection: &ProjectionName,
        fence: &Fence,
        current: Option<FencingToken>,
    ) -> Self {
        Self::Fenced {
            projection: projection.clone(),
            held: fence.token,
            current,
        }
    }

    /// Whether it may succeed later without anybody doing something about it.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Unavailable { .. })
    }
}
