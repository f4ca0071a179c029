//! Being the only one that is active.

use std::{
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};

use super::{Halt, Worker};
use crate::{
    runner::{
        ProjectionKind, ProjectionState,
        select::{Either, either},
        shared::Wanted,
        signal,
    },
    store::{Lease, LeaseError, LeaseStore},
    text::{LeaseHolder, LeaseName},
};

/// The longest that passes between two looks at a lease that another one holds.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// A lease that is held, and the wait for its end.
pub(super) struct Held {
    pub(super) lease: Lease,
    /// From before the store was asked: by its clock the lease lasts longer.
    over: Sleep,
}

type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Worker {
    /// The lease store, where there has to be only one. A read model in memory is this runner's own, and a store without
    /// leases is for one process.
    pub(super) fn leases(&self) -> Option<&dyn LeaseStore> {
        match self.target.kind() {
            ProjectionKind::InMemory => None,
            _ => self.store.leases(),
        }
    }

    pub(super) fn lease_name(&self) -> LeaseName {
        let text = format!("projection {}", self.shared.name);
        LeaseName::new(text).expect("names of projections are shorter, and have no NUL")
    }

    /// Waits for the lease; `None` where none is needed.
    pub(super) async fn acquire(&self) -> Result<Option<Held>, Halt> {
        let Some(leases) = self.leases() else {
            return Ok(None);
        };
        let mut troubles = 0;
        loop {
            match self.take(leases).await {
                Ok(held) => {
                    signal::lease_taken(&self.shared, &held.lease);
                    return Ok(Some(held));
                }
                Err(LeaseError::Held { lease }) => {
                    troubles = 0;
                    self.wait_for_holder(Some(lease.holder)).await?;
                }
                Err(error) => match Halt::from(error) {
                    Halt::Passing(error) => {
                        troubles += 1;
                        self.note(error);
                        self.wait_after(troubles).await;
                        if self.shared.wanted() != Wanted::Run {
                            return Err(Halt::Asked);
                        }
                    }
                    halt => return Err(halt),
                },
            }
        }
    }

    /// Takes the lease, if nobody else has it.
    pub(super) async fn take(&self, leases: &dyn LeaseStore) -> Result<Held, LeaseError> {
        let (name, time) = (self.lease_name(), self.settings.lease);
        let over = self.tools.sleep(time);
        let lease = leases.acquire_lease(&name, &self.holder, time).await?;
        Ok(Held { lease, over })
    }

    /// Waits before it is looked again whether another one still has the lease.
    async fn wait_for_holder(&self, holder: Option<LeaseHolder>) -> Result<(), Halt> {
        self.shared.set(ProjectionState::WaitingForLease {
            holder: holder.clone(),
        });
        let look = (self.settings.lease / 3).min(LONGEST_LOOK);
        let mut sleep = pin!(self.tools.sleep(look));
        loop {
            let asked = self.shared.asked();
            if self.shared.wanted() != Wanted::Run {
                return Err(Halt::Asked);
            }
            self.refuse_elsewhere(holder.as_ref());
            match either(asked, sleep.as_mut()).await {
                Either::First(()) => {}
                Either::Second(()) => return Ok(()),
            }
        }
    }

    /// Works as long as the lease is held, and gives it back. `None` where it was lost: the work was dropped then.
    pub(super) async fn hold<T>(&self, held: Held, work: impl Future<Output = T>) -> Option<T> {
        let Some(leases) = self.leases() else {
            return Some(work.await);
        };
        let Held { lease, over } = held;
        match either(work, self.renew(leases, &lease, over)).await {
            Either::First(done) => {
                if let Err(error) = leases.release_lease(&lease).await {
                    // It runs out by itself.
                    signal::lease_not_released(&self.shared, &error);
                }
                Some(done)
            }
            Either::Second(()) => None,
        }
    }

    /// Renews a lease until it is lost, or could not be renewed for as long as it lasts.
    async fn renew(&self, leases: &dyn LeaseStore, lease: &Lease, mut over: Sleep) {
        let time = self.settings.lease;
        let mut next = time / 3;
        loop {
            let pause = self.tools.sleep(next);
            if let Either::First(()) = either(over.as_mut(), pause).await {
                return;
            }
            // As for the first time.
            let begun = self.tools.sleep(time);
            let renewed = either(over.as_mut(), leases.renew_lease(lease, time)).await;
            next = match renewed {
                Either::First(())
                | Either::Second(Err(LeaseError::Lost { .. } | LeaseError::Held { .. })) => return,
                Either::Second(Ok(_)) => {
                    over = begun;
                    time / 3
                }
                Either::Second(Err(error)) => {
                    signal::lease_not_renewed(&self.shared, &error);
                    (time / 10).max(Duration::from_millis(1))
                }
            };
        }
    }
}
