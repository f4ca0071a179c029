//! Leases, within a transaction.

use std::time::Duration;

use eventsource_core::{
    AppendError, Fence, FencingToken, Lease, LeaseError, LeaseHolder, LeaseName, Timestamp,
};
use rusqlite::{OptionalExtension, params};

use super::transaction::Transaction;
use crate::{
    error::{failed, rejected},
    sql,
};

/// What is to be done to a lease.
pub(super) enum LeaseTask {
    Acquire(LeaseName, LeaseHolder, Duration),
    Renew(Lease, Duration),
    Release(Lease),
}

/// The lease as it is then, or why it could not be had; the outer error is the engine's.
pub(super) type LeaseOutcome = Result<Lease, LeaseError>;

/// A lease as it is stored.
struct Stored {
    token: i64,
    /// `None` after it was given back.
    holder: Option<String>,
    until: i64,
}

impl Transaction<'_> {
    pub(super) fn lease(&mut self, task: &LeaseTask) -> Result<LeaseOutcome, AppendError> {
        let now = self.options.clock.now();
        match task {
            LeaseTask::Acquire(name, holder, time) => self.acquire(name, holder, (now, *time)),
            LeaseTask::Renew(lease, time) => {
                if !self.is_held(&lease.fence())? {
                    return Ok(Err(lost(lease)));
                }
                let until = later(now, *time);
                self.change_lease(lease, Some(&lease.holder), until)?;
                let (name, holder) = (lease.name.clone(), lease.holder.clone());
                Ok(Ok(Lease::new(name, holder, lease.token, until)))
            }
            LeaseTask::Release(lease) => {
                if self.is_held(&lease.fence())? {
                    self.change_lease(lease, None, now)?;
                }
                Ok(Ok(lease.clone()))
            }
        }
    }

    fn acquire(
        &mut self,
        name: &LeaseName,
        holder: &LeaseHolder,
        (now, time): (Timestamp, Duration),
    ) -> Result<LeaseOutcome, AppendError> {
        let until = later(now, time);
        let Some(stored) = self.stored_lease(name)? else {
            let token = FencingToken::from_number(1);
            let values = params![name.as_str(), 1, holder.as_str(), until.as_micros()];
            self.run(sql::NEW_LEASE, values)?;
            return Ok(Ok(Lease::new(name.clone(), holder.clone(), token, until)));
        };
        let has_not_run_out = stored.until > now.as_micros();
        let token = match &stored.holder {
            Some(own) if has_not_run_out && own == holder.as_str() => token(stored.token)?,
            Some(other) if has_not_run_out => {
                let other = LeaseHolder::new(other.clone()).map_err(failed)?;
                let until = Timestamp::from_micros(stored.until);
                let lease = Lease::new(name.clone(), other, token(stored.token)?, until);
                return Ok(Err(LeaseError::Held { lease }));
            }
            _ => token(stored.token.checked_add(1).ok_or_else(exhausted)?)?,
        };
        let lease = Lease::new(name.clone(), holder.clone(), token, until);
        self.change_lease(&lease, Some(holder), until)?;
        Ok(Ok(lease))
    }

    fn change_lease(
        &mut self,
        lease: &Lease,
        holder: Option<&LeaseHolder>,
        until: Timestamp,
    ) -> Result<(), AppendError> {
        let token = i64::try_from(lease.token.number()).map_err(failed)?;
        let holder = holder.map(LeaseHolder::as_str);
        let values = params![lease.name.as_str(), token, holder, until.as_micros()];
        self.run(sql::CHANGE_LEASE, values)
    }

    /// Whether nobody has taken it since, and it was not given back.
    fn is_held(&mut self, fence: &Fence) -> Result<bool, AppendError> {
        Ok(self.token_of(&fence.lease)? == Some(fence.token))
    }

    /// The token under which a lease is held; `None` where it is not.
    pub(super) fn token_of(
        &mut self,
        lease: &LeaseName,
    ) -> Result<Option<FencingToken>, AppendError> {
        let stored = self.stored_lease(lease)?;
        stored
            .filter(|stored| stored.holder.is_some())
            .map(|stored| token(stored.token))
            .transpose()
    }

    fn stored_lease(&mut self, name: &LeaseName) -> Result<Option<Stored>, AppendError> {
        self.statement(sql::LEASE)?
            .query_row([name.as_str()], |row| {
                Ok(Stored {
                    token: row.get(0)?,
                    holder: row.get(1)?,
                    until: row.get(2)?,
                })
            })
            .optional()
            .map_err(|error| rejected(error).into())
    }
}

fn later(now: Timestamp, time: Duration) -> Timestamp {
    now.saturating_add_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

fn token(number: i64) -> Result<FencingToken, AppendError> {
    let number = u64::try_from(number).map_err(failed)?;
    Ok(FencingToken::from_number(number))
}

fn exhausted() -> AppendError {
    failed("there is no token left for another holder")
}

fn lost(lease: &Lease) -> LeaseError {
    LeaseError::Lost {
        name: lease.name.clone(),
        token: lease.token,
    }
}
