//! What an active worker does, turn after turn.

use std::{convert::Infallible, future::Future};

use super::{
    Halt, Worker,
    track::{Ready, Track},
};
use crate::{
    runner::{
        ProjectionState, RunSettings,
        meter::Meter,
        select::{Either, at_once, beside, either, one_of, turn_of_others},
        shared::{Standing, Wanted},
        signal::{self, Delivery, Outcome},
        tools::Tools,
    },
    store::{Fence, ReadError},
};

/// The builds that a worker moves, as long as it is the active one.
pub(super) struct Active<'a> {
    pub(super) worker: &'a Worker,
    pub(super) fence: Option<&'a Fence>,
    /// What is read.
    pub(super) live: Option<Track>,
    /// What is to be read, once it has caught up.
    pub(super) next: Option<Track>,
    /// Whose turn it is when both are ready.
    is_turn_of_next: bool,
    /// How many events of `next` pass in a second.
    pub(super) meter: Meter,
    /// Whether a replay has made a step.
    has_replayed: bool,
}

/// Which of the builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Live,
    Next,
}

impl Worker {
    /// Follows the store from where what is kept says, until something comes up.
    pub(super) async fn follow(
        &self,
        fence: Option<&Fence>,
        troubles: &mut u32,
    ) -> Result<Infallible, Halt> {
        self.keep_unkept().await?;
        let opened = self.open(fence).await?;
        let mut active = Active {
            worker: self,
            fence,
            live: None,
            next: None,
            is_turn_of_next: false,
            meter: Meter::default(),
            has_replayed: false,
        };
        if let Some(live) = &opened.live {
            active.live = Some(self.track(live).await?);
        }
        if let Some(next) = &opened.next {
            active.next = Some(self.track(next).await?);
        }
        if let Some(stale) = &opened.stale {
            self.shared
                .publish(|board| board.live = Some(Standing::of(stale)));
        }
        active.go_on_with_rebuild().await?;
        active.publish();
        loop {
            let asked = self.shared.asked();
            active.answer().await?;
            if self.shared.wanted() != Wanted::Run {
                active.finish().await?;
                return Err(Halt::Asked);
            }
            let ready = if active.can_replay() {
                at_once(active.ready()).await
            } else {
                match either(asked, active.ready()).await {
                    Either::First(()) => continue,
                    Either::Second(ready) => Some(ready),
                }
            };
            if let Some((which, ready)) = ready {
                active.turn(which, ready?).await?;
            }
            if active.can_replay() {
                active.replay_some().await?;
                active.has_replayed = true;
            }
            if active.is_well() {
                *troubles = 0;
            }
            turn_of_others().await;
        }
    }
}

/// Looks for something that a build has to do; for ever where there is none.
async fn look(track: Option<&mut Track>, settings: &RunSettings, tools: &Tools) {
    match track {
        Some(track) => track.look(settings, tools).await,
        None => std::future::pending().await,
    }
}

impl Active<'_> {
    pub(super) fn track(&mut self, which: Which) -> Option<&mut Track> {
        match which {
            Which::Live => self.live.as_mut(),
            Which::Next => self.next.as_mut(),
        }
    }

    /// Waits until one of the builds has something to do. Cancel safe.
    async fn ready(&mut self) -> (Which, Result<Ready, ReadError>) {
        loop {
            let (settings, tools) = (&self.worker.settings, &self.worker.tools);
            let live = look(self.live.as_mut(), settings, tools);
            let next = look(self.next.as_mut(), settings, tools);
            one_of(live, next).await;
            self.is_turn_of_next = !self.is_turn_of_next;
            // In turns, so that neither waits for ever.
            let turns = if self.is_turn_of_next {
                [Which::Next, Which::Live]
            } else {
                [Which::Live, Which::Next]
            };
            for which in turns {
                if let Some(ready) = self.track(which).and_then(|track| track.found.take()) {
                    return (which, ready);
                }
            }
        }
    }

    /// What work for a build gives. Meanwhile its next batch is read, and the other one looks for what it has to do, so that
    /// neither has to wait for a store that was not asked.
    pub(super) async fn meanwhile<F: Future>(&mut self, which: Which, work: F) -> F::Output {
        let (settings, tools) = (&self.worker.settings, &self.worker.tools);
        let (this, other) = match which {
            Which::Live => (&mut self.live, &mut self.next),
            Which::Next => (&mut self.next, &mut self.live),
        };
        let ahead = async {
            if let Some(track) = this {
                track.read_ahead(settings).await;
            }
        };
        beside(beside(work, ahead), look(other.as_mut(), settings, tools)).await
    }

    /// What work for neither build's next step gives, while both look for that.
    pub(super) async fn beside_looks<F: Future>(&mut self, work: F) -> F::Output {
        let (settings, tools) = (&self.worker.settings, &self.worker.tools);
        let live = look(self.live.as_mut(), settings, tools);
        beside(
            beside(work, live),
            look(self.next.as_mut(), settings, tools),
        )
        .await
    }

    /// What a build is ready for is done.
    async fn turn(&mut self, which: Which, ready: Ready) -> Result<(), Halt> {
        match ready {
            Ready::Step => self.deliver(which).await?,
            Ready::Idle => self.keep_passed(which).await?,
            Ready::Passed | Ready::CaughtUp => {}
        }
        self.publish();
        if which == Which::Next || self.next.is_some() {
            self.switch_when_ready().await?;
        }
        if let Some(track) = self.track(which) {
            track.is_well |= !matches!(ready, Ready::Passed);
        }
        Ok(())
    }

    /// Whether nothing is left of what has failed before: each build, and a replay, has got on since. That one of them does
    /// says nothing of the others.
    fn is_well(&self) -> bool {
        let tracks = [&self.live, &self.next];
        tracks.into_iter().flatten().all(|track| track.is_well)
            && (self.has_replayed || !self.can_replay())
    }

    /// A step, of which the program is told.
    async fn deliver(&mut self, which: Which) -> Result<(), Halt> {
        let worker = self.worker;
        let Some(track) = self.track(which) else {
            return Ok(());
        };
        let tried = |track: &Track| {
            let failing = track.failing.as_ref();
            failing.map(|failing| (failing.position, failing.attempts))
        };
        let before = tried(track);
        let delivery = Delivery::begin(&worker.shared, track.generation, track.checkpoint);
        let done = delivery.of(self.step(which)).await;
        delivery.end(match (&done, self.track(which)) {
            // The store will be asked again.
            (Err(Halt::Passing(_)), _) => Outcome::NotKept,
            (Err(_), _) | (_, None) => Outcome::Ended,
            (Ok(()), Some(track)) if track.pending.is_some() => Outcome::NotKept,
            (Ok(()), Some(track)) => match tried(track) {
                Some(now) if Some(now) != before => Outcome::Failed,
                _ => Outcome::Kept,
            },
        });
        done
    }

    /// What has been passed is kept, so that it need not be looked at again, and so is what was delivered and could not be
    /// kept until now.
    pub(super) async fn finish(&mut self) -> Result<(), Halt> {
        for which in [Which::Live, Which::Next] {
            self.keep(which).await?;
            let is_behind = |track: &mut Track| {
                track.batch.is_empty() && track.pending.is_none() && track.checkpoint < track.passed
            };
            if self.track(which).is_some_and(is_behind) {
                self.keep_passed(which).await?;
            }
        }
        self.publish_standing();
        for which in [Which::Live, Which::Next] {
            self.leave_unkept(which);
        }
        Ok(())
    }

    /// Tells how it stands.
    pub(super) fn publish(&self) {
        let state = self.state();
        let changes = self.worker.shared.look(|board| {
            std::mem::discriminant(&board.state) != std::mem::discriminant(&state)
                || matches!(state, ProjectionState::Retrying { .. })
        });
        if changes {
            self.worker.shared.set(state);
        }
        self.publish_standing();
    }

    fn publish_standing(&self) {
        let (live, rebuild) = (self.live.as_ref(), self.next.as_ref());
        let rebuild = rebuild.map(|track| self.progress(track));
        self.worker.shared.publish(|board| {
            if let Some(live) = live {
                board.live = Some(live.standing());
            }
            board.rebuild = rebuild;
            signal::stands(&self.worker.shared, board);
        });
    }

    fn state(&self) -> ProjectionState {
        let Some(track) = self.live.as_ref().or(self.next.as_ref()) else {
            return ProjectionState::Starting;
        };
        if let Some((attempts, until)) = track.retrying {
            return ProjectionState::Retrying { attempts, until };
        }
        match &self.live {
            None => ProjectionState::Rebuilding,
            Some(live) if live.is_live && live.batch.is_empty() => ProjectionState::Live,
            Some(_) => ProjectionState::CatchingUp,
        }
    }
}
