//! Why a worker does not simply go on.

use std::sync::Arc;

use crate::{
    runner::{StopReason, error::told_of},
    store::{LeaseError, ProjectionStoreError, ReadError},
};

/// Why a worker does not simply go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// Something else is wanted of it.
    Asked,
    /// Another one is active.
    Lost,
    /// It will pass by itself: look again after a while.
    Passing(String),
    /// It will not pass.
    Stop(StopReason),
}

impl From<ProjectionStoreError> for Halt {
    fn from(error: ProjectionStoreError) -> Self {
        match error {
            // Whoever moves a checkpoint, or lets go of a build, is active.
            ProjectionStoreError::Fenced { .. }
            | ProjectionStoreError::Moved { .. }
            | ProjectionStoreError::NotParked { .. }
            | ProjectionStoreError::NoGeneration { .. } => Self::Lost,
            error if error.is_transient() => Self::Passing(told_of(&error)),
            error => Self::Stop(StopReason::Kept(Arc::new(error))),
        }
    }
}

impl From<ReadError> for Halt {
    fn from(error: ReadError) -> Self {
        if error.is_transient() {
            Self::Passing(told_of(&error))
        } else {
            Self::Stop(StopReason::Events(Arc::new(error)))
        }
    }
}

impl From<LeaseError> for Halt {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Held { .. } | LeaseError::Lost { .. } => Self::Lost,
            LeaseError::Unknown(_) | LeaseError::Unavailable { .. } => {
                Self::Passing(told_of(&error))
            }
            LeaseError::Engine { .. } => Self::Stop(StopReason::Lease(Arc::new(error))),
        }
    }
}
