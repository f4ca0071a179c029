//! What is asked of a worker, and what comes of it in each of its states.

use super::{Halt, Worker, active::Active, replay::Replay};
use crate::{
    runner::{
        CommandError, Replayed, StopReason,
        command::{Command, Reply},
        shared::Wanted,
    },
    store::{Fence, LeaseError, StoredGeneration, StoredProjection},
    text::LeaseHolder,
};

impl Active<'_> {
    /// Deals with everything that was asked.
    pub(super) async fn answer(&mut self) -> Result<(), Halt> {
        while let Some(command) = self.worker.shared.next_command() {
            match command {
                Command::Reset(reply) => {
                    let name = self.worker.shared.name.clone();
                    reply.give(Err(CommandError::Running { name }));
                }
                Command::Rebuild(reply) => self.rebuild(reply).await?,
                Command::CancelRebuild(reply) => self.cancel_rebuild(reply).await?,
                Command::Replay(reply) => self.begin_replay(reply),
            }
        }
        Ok(())
    }

    fn begin_replay(&self, reply: Reply<Result<Replayed, CommandError>>) {
        let name = self.worker.shared.name.clone();
        let mut jobs = self.worker.jobs();
        if self.live.is_none() {
            // What is read is of an earlier version, and its parked events are taken in by the next one.
            reply.give(Err(CommandError::NotRunning { name }));
        } else if jobs.replay.is_some() {
            reply.give(Err(CommandError::Replaying { name }));
        } else {
            jobs.replay = Some(Replay::new(reply));
        }
    }
}

impl Worker {
    /// Does nothing but what may be asked of a projection that does not run, until something else is wanted than what
    /// made it rest.
    pub(super) async fn rest(&self, wanted: Wanted, fence: Option<&Fence>) {
        loop {
            let asked = self.shared.asked();
            if self.shared.wanted() != wanted {
                return;
            }
            if wanted == Wanted::Pause {
                // Each time: whoever resumes it says at once that it starts, and may have taken that back.
                self.shared.pauses();
            }
            while let Some(command) = self.shared.next_command() {
                self.answer_at_rest(command, fence).await;
            }
            asked.await;
        }
    }

    async fn answer_at_rest(&self, command: Command, fence: Option<&Fence>) {
        let name = self.shared.name.clone();
        match command {
            Command::Reset(reply) => {
                // Where the lease is lost meanwhile, this is dropped, and whoever asked is found there.
                self.jobs().in_hand = Some(reply);
                let reset = self.reset(fence).await;
                let reply = self.jobs().in_hand.take();
                if let Some(reply) = reply {
                    reply.give(reset);
                }
            }
            Command::Rebuild(reply) | Command::CancelRebuild(reply) => {
                reply.give(Err(CommandError::NotRunning { name }));
            }
            Command::Replay(reply) => reply.give(Err(CommandError::NotRunning { name })),
        }
    }

    /// Another one is active: nothing can be done here.
    pub(super) fn refuse_elsewhere(&self, holder: Option<&LeaseHolder>) {
        while let Some(command) = self.shared.next_command() {
            let refusal = CommandError::Elsewhere {
                name: self.shared.name.clone(),
                holder: holder.cloned(),
            };
            match command {
                Command::Reset(reply) | Command::Rebuild(reply) | Command::CancelRebuild(reply) => {
                    reply.give(Err(refusal));
                }
                Command::Replay(reply) => reply.give(Err(refusal)),
            }
        }
    }

    /// Begins another build in place of what is read.
    async fn reset(&self, fence: Option<&Fence>) -> Result<(), CommandError> {
        let name = self.shared.name.clone();
        if let Some(refusal) = self.no_reset() {
            return Err(refusal);
        }
        // Nothing is held while it rests after a failure.
        let (None, Some(leases)) = (fence, self.leases()) else {
            return self.begin_again(fence).await.map(drop);
        };
        let held = match self.take(leases).await {
            Ok(held) => held,
            Err(LeaseError::Held { lease }) => {
                let holder = Some(lease.holder);
                return Err(CommandError::Elsewhere { name, holder });
            }
            Err(source) => return Err(CommandError::Lease { name, source }),
        };
        let fence = held.lease.fence();
        let begun = self.hold(held, self.begin_again(Some(&fence))).await;
        match begun {
            Some(begun) => begun.map(drop),
            None => Err(CommandError::Elsewhere { name, holder: None }),
        }
    }

    /// The same where nobody else can be at it.
    pub(super) async fn begin_again(
        &self,
        fence: Option<&Fence>,
    ) -> Result<StoredGeneration, CommandError> {
        let (keeper, definition) = (self.target.keeper(), self.target.definition());
        let kept = |source| {
            let name = self.shared.name.clone();
            CommandError::Kept { name, source }
        };
        let stored = keeper.find_projection(definition.name()).await;
        let stored = stored.map_err(kept)?;
        let live = stored.as_ref().and_then(StoredProjection::live);
        if let Some(live) = live.filter(|live| live.version > definition.version()) {
            let (stored, code) = (live.version, definition.version());
            return Err(CommandError::Stopped {
                name: self.shared.name.clone(),
                reason: StopReason::Superseded { stored, code },
            });
        }
        self.no_build().await?;
        let begun = self.begin_live(stored.as_ref(), fence).await;
        let begun = begun.map_err(kept)?;
        self.shared.publish(|board| board.rebuild = None);
        self.forget_builds();
        // A failure that it had rested for is over; it waits to be resumed all the same.
        Ok(begun)
    }
}
