//! One step of a build: the next portion of its batch is delivered, and its checkpoint moves.

use super::{
    Halt,
    active::{Active, Which},
    track::{Pending, Track},
};
use crate::{
    record::Recorded,
    runner::{shared::Wanted, signal},
    store::{Advance, AdvanceError, Parked},
    stream::Position,
    time::Timestamp,
};

/// What is done of a batch at a time.
pub(super) struct Portion {
    /// How many events of the batch it has.
    pub(super) taken: usize,
    /// Those of them that are to be delivered.
    pub(super) events: Vec<Recorded>,
    /// Where the checkpoint is after it.
    pub(super) to: Option<Position>,
    /// Those of them that are parked behind others.
    pub(super) parked: Vec<Parked>,
}

impl Active<'_> {
    /// Delivers the next portion, or keeps what was delivered already.
    pub(super) async fn step(&mut self, which: Which) -> Result<(), Halt> {
        let worker = self.worker;
        let now = worker.tools.now();
        let Some(track) = self.track(which) else {
            return Ok(());
        };
        track.retrying = None;
        if track.pending.is_some() {
            return self.keep(which).await;
        }
        if let Some(failed) = track.given_up() {
            return self.give_up(which, &failed).await;
        }
        let portion = track.cut(worker.settings.batch, now);
        let advance = self.advance(which, portion.to, portion.parked);
        if portion.events.is_empty() {
            return self.keep_after(which, advance, portion.taken, 0).await;
        }
        let goes_on = || worker.shared.wanted() == Wanted::Run;
        let delivering = worker.target.deliver(&portion.events, &advance, &goes_on);
        match self.meanwhile(which, delivering).await {
            Ok(_) if worker.target.advances() => {
                let pending = Pending::new(advance, portion.taken, portion.events.len());
                self.taken_in(which, pending);
                Ok(())
            }
            Ok(delivered) if delivered < portion.events.len() => {
                self.keep_done(which, &portion.events, &advance, delivered)
                    .await
            }
            Ok(delivered) => {
                self.keep_after(which, advance, portion.taken, delivered)
                    .await
            }
            Err(AdvanceError::Delivery(failure)) => {
                self.not_delivered(which, &portion.events, &advance, failure)
                    .await
            }
            Err(AdvanceError::Store(error)) => Err(error.into()),
        }
    }

    /// An advance of a build to `to`.
    pub(super) fn advance(
        &mut self,
        which: Which,
        to: Option<Position>,
        park: Vec<Parked>,
    ) -> Advance {
        let fence = self.fence.cloned();
        let name = self.worker.target.definition().name().clone();
        let track = self.track(which).expect("only what is there is moved");
        Advance::new(name, track.generation, (track.checkpoint, to))
            .parking(park)
            .fenced(fence)
    }

    /// Makes an advance whose events are delivered.
    pub(super) async fn keep_after(
        &mut self,
        which: Which,
        advance: Advance,
        taken: usize,
        delivered: usize,
    ) -> Result<(), Halt> {
        if let Some(track) = self.track(which) {
            track.pending = Some(Pending::new(advance, taken, delivered));
        }
        self.keep(which).await
    }

    /// Makes the pending advance. Where the store cannot do it now it is waited for, so that nothing is delivered twice for
    /// that.
    pub(super) async fn keep(&mut self, which: Which) -> Result<(), Halt> {
        let worker = self.worker;
        let Some(mut pending) = self.track(which).and_then(|track| track.pending.take()) else {
            return Ok(());
        };
        match self.meanwhile(which, worker.make(&mut pending)).await {
            Ok(()) => {
                self.taken_in(which, pending);
                Ok(())
            }
            Err(Halt::Passing(error)) => {
                worker.note(error);
                let Some(track) = self.track(which) else {
                    return Ok(());
                };
                track.pending = Some(pending);
                self.back_off(which);
                Ok(())
            }
            Err(halt) => Err(halt),
        }
    }

    /// Keeps a checkpoint that only passes what is not listed.
    pub(super) async fn keep_passed(&mut self, which: Which) -> Result<(), Halt> {
        let Some(to) = self.track(which).map(|track| track.passed) else {
            return Ok(());
        };
        let advance = self.advance(which, to, Vec::new());
        self.keep_after(which, advance, 0, 0).await
    }

    /// The advance is made: the checkpoint is there, and the batch is shorter.
    fn taken_in(&mut self, which: Which, pending: Pending) {
        let worker = self.worker;
        let Some(track) = self.track(which) else {
            return;
        };
        let Pending {
            advance,
            taken,
            delivered,
            ..
        } = pending;
        track.batch.drain(..taken);
        track.checkpoint = advance.to;
        track.parked += advance.park.len() as u64;
        let streams = advance.park.iter().map(|event| event.stream.clone());
        track.parked_streams.extend(streams);
        track.troubles = 0;
        let is_over = |position| advance.to >= Some(position);
        if track
            .failing
            .as_ref()
            .is_some_and(|one| is_over(one.position))
        {
            track.failing = None;
        }
        let behind = advance
            .park
            .iter()
            .filter(|one| one.error.is_none())
            .count();
        if behind > 0 {
            signal::parked_behind(&worker.shared, behind);
        }
        signal::advanced(&worker.shared, &advance, delivered);
        let now = worker.tools.now();
        if which == Which::Live {
            worker
                .shared
                .publish(|board| board.meter.count(delivered, now));
        } else {
            self.meter.count(delivered, now);
        }
    }
}

impl Pending {
    const fn new(advance: Advance, taken: usize, delivered: usize) -> Self {
        Self {
            advance,
            taken,
            delivered,
            is_unknown: false,
        }
    }
}

impl Track {
    /// The next portion of the batch. What follows a parked event in its stream is not delivered.
    fn cut(&self, batch: usize, now: Timestamp) -> Portion {
        let taken = self.portion(batch).min(self.batch.len());
        let mut events = Vec::with_capacity(taken);
        let mut parked = Vec::new();
        for event in self.batch.iter().take(taken) {
            if self.parked_streams.contains(&event.stream) {
                let place = (event.stream.clone(), event.version);
                parked.push(Parked::behind(event.position, place, now));
            } else {
                events.push(Recorded::clone(event));
            }
        }
        Portion {
            taken,
            events,
            to: self.after(taken),
            parked,
        }
    }

    /// Where the checkpoint is when so many events of the batch are done.
    pub(super) fn after(&self, taken: usize) -> Option<Position> {
        if taken == self.batch.len() {
            // What was passed behind the last one belongs to it.
            return self.passed;
        }
        let last = taken.checked_sub(1).and_then(|last| self.batch.get(last));
        last.map_or(self.checkpoint, |event| Some(event.position))
    }
}
