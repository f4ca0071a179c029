//! The leases in memory.

use std::{collections::HashMap, time::Duration};

use crate::{
    store::{Fence, FencingToken, Lease, LeaseError},
    text::{LeaseHolder, LeaseName},
    time::Timestamp,
};

#[derive(Default)]
pub(super) struct Leases {
    /// Those that were not given back.
    held: HashMap<LeaseName, Lease>,
    /// The last token, of whatever lease: so it rises for each of them for ever, and nothing is kept of one that was
    /// given back.
    last: u64,
}

impl Leases {
    pub(super) fn acquire(
        &mut self,
        name: &LeaseName,
        holder: &LeaseHolder,
        (now, time): (Timestamp, Duration),
    ) -> Result<Lease, LeaseError> {
        let token = match self.held.get(name) {
            Some(held) if held.until > now && held.holder == *holder => held.token,
            Some(held) if held.until > now => {
                let lease = held.clone();
                return Err(LeaseError::Held { lease });
            }
            _ => {
                self.last += 1;
                FencingToken::from_number(self.last)
            }
        };
        let lease = Lease::new(name.clone(), holder.clone(), token, later(now, time));
        self.held.insert(name.clone(), lease.clone());
        Ok(lease)
    }

    pub(super) fn renew(
        &mut self,
        lease: &Lease,
        (now, time): (Timestamp, Duration),
    ) -> Result<Lease, LeaseError> {
        let held = self.held.get_mut(&lease.name);
        let Some(held) = held.filter(|held| held.token == lease.token) else {
            return Err(LeaseError::Lost {
                name: lease.name.clone(),
                token: lease.token,
            });
        };
        held.until = later(now, time);
        Ok(held.clone())
    }

    pub(super) fn release(&mut self, lease: &Lease) {
        if self.token(&lease.name) == Some(lease.token) {
            self.held.remove(&lease.name);
        }
    }

    pub(super) fn find(&self, name: &LeaseName) -> Option<&Lease> {
        self.held.get(name)
    }

    /// Whether nobody has taken the lease since, nor was it given back; if so, under which token it is held now.
    pub(super) fn check(&self, fence: &Fence) -> Result<(), Option<FencingToken>> {
        match self.token(&fence.lease) {
            Some(token) if token == fence.token => Ok(()),
            current => Err(current),
        }
    }

    fn token(&self, name: &LeaseName) -> Option<FencingToken> {
        self.held.get(name).map(|held| held.token)
    }
}

/// As far as a time can be told.
fn later(now: Timestamp, time: Duration) -> Timestamp {
    now.saturating_add_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}
