//! Why a projection does not go with appends.

use std::{path::Path, sync::Arc};

use eventsource_core::{
    AppendError, ProjectionName, Rejection, StreamId, TextError, Version, projection::DeliveryError,
};

use super::OpenError;

/// A projection cannot be one that goes with each append.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InlineError {
    /// It was written by hand with a name that cannot be kept.
    #[error("a projection has a name that cannot be kept: {0}")]
    Name(#[from] TextError),
    /// One of this name goes with each append already, in this version or in another one. It would take each event twice.
    #[error("the projection `{projection}` goes with each append already")]
    Twice {
        /// The projection.
        projection: ProjectionName,
    },
}

/// Why what is kept of a projection does not go with appends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("version {stored} of it is kept, and this is version {code}: newer code appends")]
    Superseded { stored: u32, code: u32 },
    #[error(
        "it takes other events, or has other tables, than what was built as version {version}: raise its version, and it is built anew"
    )]
    Redefined { version: u32 },
    #[error(
        "events of the stream `{stream}` may have been trimmed before it has seen them: open the store with `with_inline_despite_trims`, or it stays as it is"
    )]
    Trimmed { stream: StreamId },
    #[error(
        "{} of its events {} parked by a runner: let a runner deliver them, or raise its version",
        .parked,
        be(*.parked)
    )]
    Parked { parked: u64 },
    #[error("nothing of it is read, or an earlier version: open the store anew")]
    Outdated,
    #[error(
        "it is at position {at}, and the store ends at {end}: the file is an older copy, or was changed"
    )]
    Ahead { at: u64, end: u64 },
    #[error("it is at position {at}, and the store ends at {end}")]
    Behind { at: u64, end: u64 },
    #[error("a statement of its handler has rolled back the whole transaction")]
    RolledBack,
}

impl Unfit {
    /// While the store is opened.
    pub(crate) fn opening(self, path: &Path, projection: &ProjectionName) -> OpenError {
        let (path, projection) = (path.to_owned(), projection.clone());
        match self {
            Self::Superseded { stored, code } => OpenError::Superseded {
                path,
                projection,
                stored,
                code,
            },
            Self::Redefined { version } => OpenError::Redefined {
                path,
                projection,
                version,
            },
            Self::Trimmed { stream } => OpenError::Trimmed {
                path,
                projection,
                stream,
            },
            Self::Parked { parked } => OpenError::Parked {
                path,
                projection,
                parked,
            },
            other => OpenError::Projection {
                path,
                source: other.appending(&projection).into(),
                projection,
            },
        }
    }

    /// While an append waits.
    pub(crate) fn appending(self, projection: &ProjectionName) -> AppendError {
        let (projection, reason) = (projection.clone(), self.to_string());
        Rejection::ReadModel { projection, reason }.into()
    }
}

/// What stands in the way of all appends that go with projections, as each of them is told.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// An event that is stored cannot be taken.
    Behind {
        projection: ProjectionName,
        stream: StreamId,
        version: Version,
        error: Arc<DeliveryError>,
    },
    /// What is kept of a projection is not for this code.
    Unfit {
        projection: ProjectionName,
        reason: String,
    },
}

impl Refusal {
    /// None where the next append need not meet it.
    pub(crate) fn of(error: &AppendError) -> Option<Self> {
        match error {
            AppendError::Rejected(Rejection::ProjectionBehind {
                projection,
                stream,
                version,
                error,
            }) => Some(Self::Behind {
                projection: projection.clone(),
                stream: stream.clone(),
                version: *version,
                error: Arc::clone(error),
            }),
            AppendError::Rejected(Rejection::ReadModel { projection, reason }) => {
                let (projection, reason) = (projection.clone(), reason.clone());
                Some(Self::Unfit { projection, reason })
            }
            _ => None,
        }
    }

    pub(crate) fn again(&self) -> AppendError {
        AppendError::Rejected(match self {
            Self::Behind {
                projection,
                stream,
                version,
                error,
            } => Rejection::ProjectionBehind {
                projection: projection.clone(),
                stream: stream.clone(),
                version: *version,
                error: Arc::clone(error),
            },
            Self::Unfit { projection, reason } => Rejection::ReadModel {
                projection: projection.clone(),
                reason: reason.clone(),
            },
        })
    }
}

/// The verb that so many have.
pub(super) const fn be(number: u64) -> &'static str {
    if number == 1 { "is" } else { "are" }
}
