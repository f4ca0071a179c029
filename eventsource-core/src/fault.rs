//! Where a test may make a store fail. Stores ask the hook at these points; without the feature they do not.

use std::fmt;

use crate::store::{AppendError, LeaseError, ProjectionStoreError, Rejection, SnapshotError};

/// A point in the course of an append, of a trim, of a save or a deletion of snapshots, or of a change of what is kept for
/// projections or of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultPoint {
    /// Before the statement of this number, from 0, of the append, trim, save or change; only in stores that have statements.
    Statement(usize),
    /// When everything is ready to be committed, but nothing is.
    BeforeCommit,
    /// When everything is committed, but the writer does not know it yet.
    AfterCommit,
}

/// What is to happen at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultAction {
    /// Nothing: go on.
    GoOn,
    /// The engine fails there. After the commit it is the answer that is lost.
    Fail,
}

/// Decides what happens at each point. It is called on the thread that writes, which it may hold up, or end with the
/// whole process.
pub trait FaultHook: fmt::Debug + Send + Sync + 'static {
    /// What is to happen at `point`.
    fn at(&self, point: FaultPoint) -> FaultAction;

    /// Whether the engine is to give rows that are asked for in no order in another order than it usually does, where it
    /// can. A store asks when it opens.
    fn scrambles_rows(&self) -> bool {
        false
    }
}

/// No faults.
///
/// ```
/// use eventsource_core::fault::{FaultAction, FaultHook, FaultPoint, NoFaults};
///
/// assert_eq!(NoFaults.at(FaultPoint::BeforeCommit), FaultAction::GoOn);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl FaultHook for NoFaults {
    fn at(&self, _: FaultPoint) -> FaultAction {
        FaultAction::GoOn
    }
}

/// A failure that a test asked for.
#[derive(Debug, thiserror::Error)]
#[error("a fault was injected at {point:?}")]
#[non_exhaustive]
pub struct InjectedFault {
    /// Where.
    pub point: FaultPoint,
}

/// For stores: asks the hook, and fails as an engine would.
///
/// # Errors
///
/// [`AppendError::Unknown`] after the commit, [`Rejection::Unavailable`] before it.
pub fn strike(hook: &dyn FaultHook, point: FaultPoint) -> Result<(), AppendError> {
    match hook.at(point) {
        FaultAction::GoOn => Ok(()),
        FaultAction::Fail => {
            let source = Box::new(InjectedFault { point });
            Err(match point {
                FaultPoint::AfterCommit => AppendError::Unknown(source),
                _ => AppendError::Rejected(Rejection::Unavailable { source }),
            })
        }
    }
}

/// For stores: the same in a save or a deletion of snapshots.
///
/// # Errors
///
/// [`SnapshotError::Unknown`] after the commit, [`SnapshotError::Unavailable`] before it.
pub fn strike_snapshots(hook: &dyn FaultHook, point: FaultPoint) -> Result<(), SnapshotError> {
    match hook.at(point) {
        FaultAction::GoOn => Ok(()),
        FaultAction::Fail => {
            let source = Box::new(InjectedFault { point });
            Err(match point {
                FaultPoint::AfterCommit => SnapshotError::Unknown(source),
                _ => SnapshotError::Unavailable { source },
            })
        }
    }
}

/// For stores: the same in a change of what is kept for projections.
///
/// # Errors
///
/// [`ProjectionStoreError::Unknown`] after the commit, [`ProjectionStoreError::Unavailable`] before it.
pub fn strike_projections(
    hook: &dyn FaultHook,
    point: FaultPoint,
) -> Result<(), ProjectionStoreError> {
    match hook.at(point) {
        FaultAction::GoOn => Ok(()),
        FaultAction::Fail => {
            let source = Box::new(InjectedFault { point });
            Err(match point {
                FaultPoint::AfterCommit => ProjectionStoreError::Unknown(source),
                _ => ProjectionStoreError::Unavailable { source },
            })
        }
    }
}

/// For stores: the same in a change of a lease.
///
/// # Errors
///
/// [`LeaseError::Unknown`] after the commit, [`LeaseError::Unavailable`] before it.
pub fn strike_leases(hook: &dyn FaultHook, point: FaultPoint) -> Result<(), LeaseError> {
    match hook.at(point) {
        FaultAction::GoOn => Ok(()),
        FaultAction::Fail => {
            let source = Box::new(InjectedFault { point });
            Err(match point {
                FaultPoint::AfterCommit => LeaseError::Unknown(source),
                _ => LeaseError::Unavailable { source },
            })
        }
    }
}
