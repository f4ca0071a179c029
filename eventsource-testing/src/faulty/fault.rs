//! What can go wrong, and what has.

use eventsource_core::Append;

use super::hold::Hold;

/// What goes wrong: with an append, or where it says so with snapshots.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// The store refuses it for good: [`Rejection::Engine`](eventsource_core::Rejection::Engine). Nothing is stored.
    Reject,
    /// The store says [`Conflict`](eventsource_core::AppendError::Conflict) without a reason, as some engines do when
    /// they change their leader: the conflict tells each stream as it is, which may be as expected. Nothing is stored.
    Conflict,
    /// Another writer is faster: this append is made first, then the real one, which conflicts where it expected
    /// something else. Where this one cannot be made, the real one is not made either, and is refused for good:
    /// [`Rejection::Engine`](eventsource_core::Rejection::Engine) says why.
    Rival(Box<Append>),
    /// The store cannot write now: [`Rejection::Unavailable`](eventsource_core::Rejection::Unavailable). Nothing is
    /// stored.
    FailBefore,
    /// The connection ends on the way there: [`Unknown`](eventsource_core::AppendError::Unknown), and nothing is stored.
    LoseRequest,
    /// The connection ends on the way back: [`Unknown`](eventsource_core::AppendError::Unknown), after the store has done
    /// what it would have done.
    FailAfterCommit,
    /// The append waits until it is let go, and then goes on. Nothing is stored before; dropping it while it waits leaves
    /// nothing.
    Delay(Hold),
    /// The store cannot keep a snapshot now: [`SnapshotError::Unavailable`](eventsource_core::SnapshotError::Unavailable).
    /// Nothing is kept, and nothing let go of.
    FailSave,
    /// The connection ends on the way back from a save of a snapshot:
    /// [`SnapshotError::Unknown`](eventsource_core::SnapshotError::Unknown), after the store has done what it would have
    /// done.
    LoseSaveAnswer,
    /// The store cannot look for a snapshot now:
    /// [`SnapshotError::Unavailable`](eventsource_core::SnapshotError::Unavailable).
    FailFind,
}

impl Fault {
    /// Another writer is faster, and appends this.
    pub fn rival(append: Append) -> Self {
        Self::Rival(Box::new(append))
    }
}

/// What has gone wrong so far, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Injected {
    /// All appends, whether something went wrong or not.
    pub appends: u64,
    /// [`Fault::Reject`], and [`Fault::Rival`] that could not append.
    pub rejected: u64,
    /// [`Fault::Conflict`].
    pub conflicts: u64,
    /// [`Fault::Rival`] that appended.
    pub rivals: u64,
    /// [`Fault::FailBefore`].
    pub failed_before: u64,
    /// [`Fault::LoseRequest`].
    pub requests_lost: u64,
    /// [`Fault::FailAfterCommit`].
    pub answers_lost: u64,
    /// [`Fault::Delay`].
    pub delayed: u64,
    /// All saves of snapshots, whether something went wrong or not.
    pub saves: u64,
    /// [`Fault::FailSave`].
    pub saves_failed: u64,
    /// [`Fault::LoseSaveAnswer`].
    pub save_answers_lost: u64,
    /// All searches for a snapshot, whether something went wrong or not.
    pub finds: u64,
    /// [`Fault::FailFind`].
    pub finds_failed: u64,
}

impl Injected {
    pub(super) fn count(&mut self, fault: &Fault) {
        *match fault {
            Fault::Reject => &mut self.rejected,
            Fault::Conflict => &mut self.conflicts,
            // It is counted when it is known what became of it.
            Fault::Rival(_) => return,
            Fault::FailBefore => &mut self.failed_before,
            Fault::LoseRequest => &mut self.requests_lost,
            Fault::FailAfterCommit => &mut self.answers_lost,
            Fault::Delay(_) => &mut self.delayed,
            Fault::FailSave => &mut self.saves_failed,
            Fault::LoseSaveAnswer => &mut self.save_answers_lost,
            Fault::FailFind => &mut self.finds_failed,
        } += 1;
    }

    /// How many calls something went wrong with.
    pub fn total(&self) -> u64 {
        self.rejected
            + self.conflicts
            + self.rivals
            + self.failed_before
            + self.requests_lost
            + self.answers_lost
            + self.delayed
            + self.saves_failed
            + self.save_answers_lost
            + self.finds_failed
    }
}
