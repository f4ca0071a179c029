//! Events that cannot be delivered: tried again, then stopped for or parked.

use std::sync::Arc;

use super::{
    Halt, Worker,
    active::{Active, Which},
    track::{Failing, Pending},
};
use crate::{
    projection::{DeliveryError, DeliveryFailure},
    record::Recorded,
    runner::{FailedEvent, LastError, OnFailure, ProjectionKind, error::told, signal},
    store::{Advance, Parked},
};

impl Active<'_> {
    /// An event of a portion could not be delivered. What came before it and is done is kept; what was undone is delivered
    /// again before it; then it is tried alone.
    pub(super) async fn not_delivered(
        &mut self,
        which: Which,
        portion: &[Recorded],
        advance: &Advance,
        failure: DeliveryFailure,
    ) -> Result<(), Halt> {
        let DeliveryFailure {
            index, done, error, ..
        } = failure;
        let Some(failed) = portion.get(index) else {
            // A store that names no event of the batch: as if it were the first one.
            return Box::pin(self.not_delivered(
                which,
                portion,
                advance,
                DeliveryFailure::undone(0, error),
            ))
            .await;
        };
        let is_over = self.tried(which, failed, Arc::new(error));
        if !is_over {
            self.back_off(which);
        }
        if done > 0 {
            self.keep_done(which, portion, advance, done).await?;
        }
        Ok(())
    }

    /// Counts an attempt, and says whether it was the last one.
    fn tried(&mut self, which: Which, failed: &Recorded, error: Arc<DeliveryError>) -> bool {
        let worker = self.worker;
        let Some(track) = self.track(which) else {
            return true;
        };
        let before = track.failing.as_ref();
        let before = before.filter(|one| one.position == failed.position);
        let attempts = before.map_or(0, |one| one.attempts) + 1;
        let is_over = worker.is_over(&error, attempts);
        track.failing = Some(Failing {
            position: failed.position,
            attempts,
            error: Arc::clone(&error),
            is_over,
        });
        signal::failed(&worker.shared, failed, attempts, &error);
        let event = FailedEvent::new(failed, attempts, error);
        if which == Which::Next && is_over {
            worker.rebuild_ends_by(&event);
        }
        worker.note_event(event);
        is_over
    }

    /// Waits before the next attempt.
    pub(super) fn back_off(&mut self, which: Which) {
        let worker = self.worker;
        let Some(track) = self.track(which) else {
            return;
        };
        track.troubles += 1;
        signal::retries(&worker.shared);
        let attempts = track
            .failing
            .as_ref()
            .map_or(track.troubles, |one| one.attempts);
        let delay = worker.settings.retry.delay_after(attempts);
        track.retrying = Some((attempts, worker.tools.after(delay)));
        track.backoff.set(worker.tools.sleep(delay));
    }

    /// Keeps that the first events of a portion are done.
    pub(super) async fn keep_done(
        &mut self,
        which: Which,
        portion: &[Recorded],
        advance: &Advance,
        done: usize,
    ) -> Result<(), Halt> {
        let Some(next) = portion.get(done) else {
            return Ok(());
        };
        let Some(track) = self.track(which) else {
            return Ok(());
        };
        let before = |position| position < next.position;
        let batch = track.batch.iter();
        let taken = batch.take_while(|event| before(event.position)).count();
        let to = track.after(taken);
        let parked = advance.park.iter();
        let parked: Vec<_> = parked.filter(|one| before(one.position)).cloned().collect();
        let advance = self.advance(which, to, parked);
        self.keep_after(which, advance, taken, done).await
    }

    /// It is tried no longer: the projection stops, or the event is parked. Everything before it is done.
    pub(super) async fn give_up(&mut self, which: Which, failed: &Recorded) -> Result<(), Halt> {
        let worker = self.worker;
        let Some(track) = self.track(which) else {
            return Ok(());
        };
        let Some(failing) = track.failing.take() else {
            return Ok(());
        };
        let to = track.after(1);
        let text = told(&failing.error);
        let is_torn = worker.is_torn_by(&failing.error);
        let event = FailedEvent::new(failed, failing.attempts, failing.error);
        if worker.settings.on_failure == OnFailure::Stop || is_torn {
            return self.failed_for_good(which, event).await;
        }
        let place = (failed.stream.clone(), failed.version);
        let parked = Parked::behind(failed.position, place, worker.tools.now())
            .failed(failing.attempts, text);
        let advance = self.advance(which, to, vec![parked]);
        if let Some(track) = self.track(which) {
            track.pending = Some(Pending {
                given_up: Some(event),
                ..Pending::new(advance, 1, 0)
            });
        }
        self.keep(which).await
    }
}

impl Worker {
    /// Whether an event is not to be tried again.
    pub(super) fn is_over(&self, error: &DeliveryError, attempts: u32) -> bool {
        error.is_permanent() || attempts >= self.settings.retry.attempts || self.is_torn_by(error)
    }

    /// A read model in memory that was left in the middle of an event cannot go on.
    pub(super) fn is_torn_by(&self, error: &DeliveryError) -> bool {
        let is_in_memory = self.target.kind() == ProjectionKind::InMemory;
        is_in_memory && matches!(error, DeliveryError::Panicked)
    }

    pub(super) fn note_event(&self, event: FailedEvent) {
        let at = self.tools.now();
        self.shared.publish(|board| {
            board.last_error = Some(LastError {
                error: told(&event.error),
                event: Some(event),
                at,
            });
        });
    }
}
