//! What the thread is asked to do, and where its answer goes.

use eventsource_core::{
    Append, AppendError, EngineError, Keep, Receipt, Rejection, SnapshotRange, StoredSnapshot,
    StreamId, Version,
};
use tokio::sync::oneshot;

use super::{
    leases::{LeaseOutcome, LeaseTask},
    projections::{ProjectionOutcome, ProjectionTask},
    transaction::Transaction,
    trim::TrimOutcome,
};
use crate::error::{Closed, SharedFailure, ThreadPanicked, failed};

/// Something to do within a transaction.
pub(super) enum Task {
    Append(Append),
    SaveSnapshot(Box<StoredSnapshot>, Keep),
    DeleteSnapshots(SnapshotRange),
    Trim(StreamId, Version),
    Projection(Box<ProjectionTask>),
    Lease(Box<LeaseTask>),
}

/// What was done.
pub(super) enum Done {
    Appended(Receipt),
    /// How many there were that are deleted.
    Snapshots(u64),
    /// Where the stream cannot be trimmed so, nothing.
    Trimmed(TrimOutcome),
    /// Where it cannot be done so, nothing.
    Projection(ProjectionOutcome),
    /// Where it cannot be had, nothing.
    Leased(LeaseOutcome),
}

pub(super) type Outcome = Result<Done, AppendError>;

/// A task and where its answer goes. It is always answered, also when it is dropped.
pub(super) struct Job {
    pub(super) task: Task,
    answer: Option<oneshot::Sender<Outcome>>,
    pub(super) begun: bool,
}

impl Task {
    pub(super) fn run(&self, transaction: &mut Transaction<'_>) -> Outcome {
        transaction.next_job();
        match self {
            Self::Append(append) => transaction.append(append).map(Done::Appended),
            Self::SaveSnapshot(snapshot, keep) => transaction
                .save_snapshot(snapshot, *keep)
                .map(|()| Done::Snapshots(0)),
            Self::DeleteSnapshots(range) => {
                transaction.delete_snapshots(range).map(Done::Snapshots)
            }
            Self::Trim(stream, before) => transaction.trim(stream, *before).map(Done::Trimmed),
            Self::Projection(task) => transaction.projection(task).map(Done::Projection),
            Self::Lease(task) => transaction.lease(task).map(Done::Leased),
        }
    }

    /// About how much it writes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Append(append) => append
                .events()
                .map(|event| event.payload.bytes().len())
                .sum(),
            Self::SaveSnapshot(snapshot, _) => snapshot.bytes.len(),
            Self::DeleteSnapshots(_) | Self::Lease(_) => 0,
            // As much as the stream has: nobody knows, and those who append are not to wait for it.
            Self::Trim(..) => usize::MAX,
            Self::Projection(task) => match **task {
                ProjectionTask::Advance(_) | ProjectionTask::AdvanceIn(..) => 0,
                // As above, of tables that are dropped.
                ProjectionTask::Generation(_) => usize::MAX,
            },
        }
    }

    pub(super) fn is_append(&self) -> bool {
        matches!(self, Self::Append(_))
    }

    /// Whether it calls the handlers of a projection, which take as long as they take.
    pub(super) fn is_work(&self) -> bool {
        let Self::Projection(task) = self else {
            return false;
        };
        matches!(**task, ProjectionTask::AdvanceIn(..))
    }
}

impl Job {
    pub(super) fn new(task: Task) -> (Self, oneshot::Receiver<Outcome>) {
        let (answer, answered) = oneshot::channel();
        let answer = Some(answer);
        let begun = false;
        let job = Self {
            task,
            answer,
            begun,
        };
        (job, answered)
    }

    pub(super) fn answer(&mut self, outcome: Outcome) {
        if let Some(answer) = self.answer.take() {
            // Where the caller has gone, nobody asks.
            drop(answer.send(outcome));
        }
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.answer.as_ref().is_none_or(oneshot::Sender::is_closed)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.answer(Err(if self.begun {
            AppendError::Unknown(ThreadPanicked.into())
        } else {
            failed(Closed)
        }));
    }
}

/// One answer for all.
pub(super) fn refuse(mut group: Vec<Job>, error: AppendError) {
    if let [only] = group.as_mut_slice() {
        return only.answer(Err(error));
    }
    let (is_transient, source): (bool, EngineError) = match error {
        AppendError::Rejected(Rejection::Engine { source }) => (false, source),
        AppendError::Rejected(Rejection::Unavailable { source }) => (true, source),
        other => (true, other.into()),
    };
    let shared = SharedFailure::new(source);
    for job in &mut group {
        let source = shared.clone().into();
        job.answer(Err(AppendError::Rejected(if is_transient {
            Rejection::Unavailable { source }
        } else {
            Rejection::Engine { source }
        })));
    }
}

/// Where nobody can say what was done.
pub(super) fn nothing_known() -> Done {
    Done::Appended(Receipt::new(eventsource_core::Applied::Now, Vec::new()))
}

/// An answer of another kind than the task, which no task has.
pub(super) fn mixed_up() -> EngineError {
    "the writing thread has answered something else".into()
}
