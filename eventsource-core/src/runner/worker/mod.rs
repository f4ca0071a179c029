//! The life of one projection in one runner: waits for the lease, follows the store, deals with what fails, does what it is
//! asked to.

mod active;
mod by_hand;
mod commands;
mod halt;
mod jobs;
mod lease;
mod open;
mod rebuild;
mod replay;
mod retry;
mod step;
mod track;
mod trims;
mod unkept;

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use self::by_hand::ByHand;
pub use self::replay::{LeftParked, Replayed};
use self::{halt::Halt, jobs::Jobs};
use crate::{
    runner::{
        CommandError, FailedEvent, ProjectionState, RunSettings, StopReason,
        error::told_of,
        select::{Either, either},
        shared::{Ending, Shared, Wanted},
        signal,
        target::Target,
        tools::Tools,
    },
    store::{EventStore, Fence},
    text::LeaseHolder,
};

/// Why one that has no lease does not go on at once.
const NOBODY_WAITS: &str = "what is kept of it was moved by another one, and no lease says which of the two is to wait: run it by one runner alone";

pub(super) struct Worker {
    pub(super) target: Arc<dyn Target>,
    store: Arc<dyn EventStore>,
    settings: RunSettings,
    tools: Tools,
    holder: LeaseHolder,
    pub(super) shared: Arc<Shared>,
    jobs: Mutex<Jobs>,
}

/// What is dropped with its task: in this order, so that who waits for an answer finds that it has ended, and why.
struct Running {
    ending: Ending,
    worker: Worker,
}

async fn run(running: Running) {
    running.worker.live().await;
    running.ending.regular(StopReason::Asked);
}

impl Worker {
    pub(super) fn new(
        target: Arc<dyn Target>,
        store: Arc<dyn EventStore>,
        settings: RunSettings,
        (tools, holder): (Tools, LeaseHolder),
    ) -> Self {
        let name = target.definition().name().clone();
        Self {
            shared: Arc::new(Shared::new(name, target.kind())),
            target,
            store,
            settings,
            tools,
            holder,
            jobs: Mutex::default(),
        }
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until it is to stop. Dropping the future loses nothing that was taken in, and is told, also where it was never
    /// polled.
    pub(super) fn run(self) -> impl Future<Output = ()> + Send {
        run(Running {
            ending: Ending::of(&self.shared, &self.target),
            worker: self,
        })
    }

    async fn live(&self) {
        let mut lost = 0;
        loop {
            match self.shared.wanted() {
                Wanted::Stop => return self.give_up_unkept(),
                Wanted::Pause => self.rest(Wanted::Pause, None).await,
                Wanted::Rest => self.rest(Wanted::Rest, None).await,
                Wanted::Run => Box::pin(self.go(&mut lost)).await,
            }
        }
    }

    /// Waits for its turn, and runs as long as it has it. It is counted how often that was taken from it.
    async fn go(&self, lost: &mut u32) {
        self.shared.set(ProjectionState::Starting);
        let halt = match self.acquire().await {
            Ok(None) => self.active(None).await,
            Ok(Some(held)) => {
                let active = Box::pin(self.active(Some(held.lease.fence())));
                self.hold(held, active).await.unwrap_or(Halt::Lost)
            }
            Err(halt) => halt,
        };
        self.shared.publish(|board| board.rebuild = None);
        match halt {
            Halt::Asked => {}
            Halt::Lost => {
                signal::lease_lost(&self.shared);
                let name = &self.shared.name;
                self.abandon(|| CommandError::Elsewhere {
                    name: name.clone(),
                    holder: None,
                });
                // Where it stands, whoever is active knows. This was seen last.
                self.shared
                    .publish(|board| board.elsewhere = board.live.take().or(board.elsewhere));
                *lost = lost.saturating_add(1);
                if self.leases().is_none() {
                    self.note(NOBODY_WAITS.to_owned());
                    // As long as can be: the two do not race each other.
                    let longest = self.settings.retry.delay_after(u32::MAX);
                    self.wait(*lost, longest).await;
                }
            }
            // What passes is waited for where it comes up.
            Halt::Passing(error) => self.note(error),
            Halt::Stop(reason) => self.stop(reason),
        }
    }

    /// Nothing of what was asked is done.
    fn abandon(&self, error: impl Fn() -> CommandError) {
        self.give_up_unkept();
        let jobs = std::mem::take(&mut *self.jobs());
        jobs.fail(error);
    }

    /// Stops for something that will not pass, until it is resumed.
    fn stop(&self, reason: StopReason) {
        self.abandon(|| CommandError::Stopped {
            name: self.shared.name.clone(),
            reason: reason.clone(),
        });
        self.shared.want(|wanted| match wanted {
            Wanted::Run | Wanted::Pause => Wanted::Rest,
            other => other,
        });
        // It can still be read when everything has stopped since it was asked to.
        match &reason {
            StopReason::Event(event) => self.note_event(FailedEvent::clone(event)),
            reason => self.note(told_of(reason)),
        }
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
            let halt = match halt {
                // A store that fails keeps nobody from stopping.
                Halt::Passing(error) if self.shared.wanted() != Wanted::Run => {
                    self.note(error);
                    Halt::Asked
                }
                halt => halt,
            };
            match halt {
                Halt::Passing(error) => {
                    troubles += 1;
                    self.note(error);
                    self.wait_after(troubles).await;
                }
                Halt::Asked => match self.shared.wanted() {
                    // It goes on holding its lease, so that no other one goes on in its place.
                    Wanted::Pause => {
                        self.rest(Wanted::Pause, fence.as_ref()).await;
                        troubles = 0;
                    }
                    // What was asked was taken back before it could be done.
                    Wanted::Run => {}
                    Wanted::Rest | Wanted::Stop => return Halt::Asked,
                },
                halt => return halt,
            }
        }
    }

    /// Waits after so many failures in a row, unless something is asked.
    async fn wait_after(&self, troubles: u32) {
        let delay = self.settings.retry.delay_after(troubles);
        self.wait(troubles, delay).await;
    }

    async fn wait(&self, troubles: u32, delay: Duration) {
        signal::retries(&self.shared);
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
        self.shared.note(error, self.tools.now());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.target.ended();
    }
}
