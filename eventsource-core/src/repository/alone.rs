//! The state of a unit of work, which goes on being changed.

use crate::{
    aggregate::{Aggregate, Replayed},
    record::RecordedEvent,
    repository::{
        fold::{Copy, Held, Replay, Shared},
        form::Form,
    },
};

/// A state that is lent to nobody, as to a snapshot on its way, as long as it could not be copied then.
pub(super) struct Alone<A> {
    pub(super) held: Held<A>,
    /// Whether others may hold it, too.
    pub(super) may_share: bool,
}

impl<A: Aggregate> Replay for Alone<A> {
    fn begin(&mut self) {
        self.held.begin();
    }

    fn adopt(&mut self, state: Shared) -> bool {
        self.held.adopt(state)
    }

    fn own(&mut self, copy: Option<Copy>) -> bool {
        self.held.own(copy)
    }

    fn replay(&mut self, event: &RecordedEvent) -> Replayed {
        self.held.replay(event)
    }

    fn is_living(&self) -> bool {
        self.held.is_living()
    }

    fn share(&mut self) -> Option<Shared> {
        self.may_share.then(|| self.held.share()).flatten()
    }

    fn form(&self) -> Option<Form> {
        self.held.form()
    }
}
