//! What is delivered, and of which it is not kept that it is.

use super::{
    Halt, Worker,
    active::{Active, Which},
    track::Pending,
};
use crate::{runner::signal, store::ProjectionStoreError};

impl Active<'_> {
    /// Leaves what was delivered and could not be kept to whoever goes on, so that it is not delivered again for a pause.
    pub(super) fn leave_unkept(&mut self, which: Which) {
        let pending = self.track(which).and_then(|track| track.pending.take());
        if let Some(pending) = pending.filter(|pending| pending.delivered > 0) {
            self.worker.jobs().unkept = Some(pending);
        }
    }
}

impl Worker {
    /// Keeps what was left so, before anybody looks where the checkpoint is.
    pub(super) async fn keep_unkept(&self) -> Result<(), Halt> {
        // It stays there until it is made: where the lease is lost meanwhile, this is dropped.
        let unkept = self.jobs().unkept.clone();
        let Some(mut pending) = unkept else {
            return Ok(());
        };
        if let Err(halt) = self.make(&mut pending).await {
            self.jobs().unkept = Some(pending);
            return Err(halt);
        }
        {
            let mut jobs = self.jobs();
            jobs.unkept = None;
            if let Some(replay) = &mut jobs.replay {
                replay.delivered += pending.advance.unpark.len() as u64;
            }
        }
        let parked = pending.advance.park.iter();
        let behind = parked.filter(|one| one.error.is_none()).count();
        if behind > 0 {
            signal::parked_behind(&self.shared, behind);
        }
        signal::advanced(&self.shared, &pending.advance, pending.delivered);
        let now = self.tools.now();
        self.shared
            .publish(|board| board.meter.count(pending.delivered, now));
        Ok(())
    }

    /// Makes an advance of which the events are delivered.
    pub(super) async fn make(&self, pending: &mut Pending) -> Result<(), Halt> {
        let advance = pending.advance.clone();
        match self.target.keeper().advance(advance).await {
            Ok(()) => Ok(()),
            // It was made at the attempt of which nobody could say so.
            Err(ProjectionStoreError::Moved { actual, .. })
                if pending.is_unknown && actual == pending.advance.to =>
            {
                Ok(())
            }
            // As that, by a replay: the checkpoint stays where it is.
            Err(ProjectionStoreError::NotParked { .. }) if pending.is_unknown => Ok(()),
            Err(error) => {
                pending.is_unknown |= matches!(error, ProjectionStoreError::Unknown(_));
                Err(error.into())
            }
        }
    }

    /// Nobody will keep what was left so.
    pub(super) fn give_up_unkept(&self) {
        let unkept = self.jobs().unkept.take();
        if unkept.is_some() {
            let last = self.shared.look(|board| board.last_error.clone());
            let why = last.map_or_else(String::new, |last| format!(": {}", last.error));
            self.note(format!(
                "what was delivered could not be kept, and is delivered again{why}"
            ));
        }
    }
}
