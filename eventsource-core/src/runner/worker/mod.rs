//! The life of one projection in one runner: waits for the lease, follows the store, deals with what fails, does what it is
//! asked to.

mod active;
mod commands;
mod halt;
mod lease;
mod open;
mod rebuild;
mod replay;
mod retry;
mod step;
mod track;

use std::{pin::pin, sync::Arc};

use self::halt::Halt;
pub(super) use self::rebuild::Asked;
pub use self::replay::{LeftParked, Replayed};
use crate::{
    runner::{
        LastError, ProjectionState, RunSettings, StopReason,
        select::{Either, either},
        shared::{Ending, Shared, Wanted},
        target::Target,
        tools::Tools,
    },
    store::{EventStore, Fence},
    text::LeaseHolder,
};

pub(super) struct Worker {
    pub(super) target: Arc<dyn Target>,
    pub(super) store: Arc<dyn EventStore>,
    pub(super) settings: RunSettings,
    pub(super) tools: Tools,
    pub(super) holder: LeaseHolder,
    pub(super) shared: Arc<Shared>,
}

impl Worker {
    /// Runs until it is to stop. Dropping the future loses nothing that was taken in.
    pub(super) async fn run(self) {
        let ending = Ending::of(&self.shared);
        loop {
            match self.shared.wanted() {
                Wanted::Stop => break,
                Wanted::Pause => {
                    self.shared.set(ProjectionState::Paused);
                    self.rest(None).await;
                }
                Wanted::Rest => self.rest(None).await,
                Wanted::Run => self.go().await,
            }
        }
        ending.regular(StopReason::Asked);
    }

    /// Waits for its turn, and runs as long as it has it.
    async fn go(&self) {
        self.shared.set(ProjectionState::Starting);
        let halt = match self.acquire().await {
            Ok(None) => self.active(None).await,
            Ok(Some(lease)) => {
                let fence = lease.fence();
                let held = self.hold(lease, self.active(Some(fence))).await;
                held.unwrap_or(Halt::Lost)
            }
            Err(halt) => halt,
        };
        match halt {
            Halt::Asked | Halt::Lost => {}
            // What passes is waited for where it comes up.
            Halt::Passing(error) => self.note(error),
            Halt::Stop(reason) => self.stop(reason),
        }
    }

    /// Stops for something that will not pass, until it is resumed.
    fn stop(&self, reason: StopReason) {
        self.shared.want(|wanted| match wanted {
            Wanted::Run | Wanted::Pause => Wanted::Rest,
            other => other,
        });
        self.shared.set(ProjectionState::Stopped(reason));
    }

    /// Runs while it is the active one, until something else is wanted, or it cannot go on.
    async fn active(&self, fence: Option<Fence>) -> Halt {
        let mut troubles = 0;
        loop {
            let halt = match self.follow(fence.as_ref(), &mut troubles).await {
                Ok(never) => match never {},
                Err(halt) => halt,
            };
            match halt {
                Halt::Passing(error) => {
                    troubles += 1;
                    self.note(error);
                    self.wait_after(troubles).await;
                }
                // It goes on holding its lease, so that no other one goes on in its place.
                Halt::Asked if self.shared.wanted() == Wanted::Pause => {
                    self.shared.set(ProjectionState::Paused);
                    self.rest(fence.as_ref()).await;
                    troubles = 0;
                }
                halt => return halt,
            }
        }
    }

    /// Waits after so many failures in a row, unless something is asked.
    async fn wait_after(&self, troubles: u32) {
        let delay = self.settings.retry.delay_after(troubles);
        self.shared.set(ProjectionState::Retrying {
            attempts: troubles,
            until: self.tools.after(delay),
        });
        let mut sleep = pin!(self.tools.sleep(delay));
        loop {
            let asked = self.shared.asked();
            if self.shared.wanted() != Wanted::Run {
                return;
            }
            match either(asked, sleep.as_mut()).await {
                // What is asked waits until it goes on.
                Either::First(()) => {}
                Either::Second(()) => return,
            }
        }
    }

    fn note(&self, error: String) {
        let at = self.tools.now();
        self.shared.publish(|board| {
            board.last_error = Some(LastError {
                error,
                event: None,
                at,
            });
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.target.ended();
    }
}
