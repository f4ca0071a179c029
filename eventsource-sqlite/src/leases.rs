//! Leases: given by the thread that writes, looked at by those that read.

use std::time::Duration;

use eventsource_core::{
    FencingToken, Lease, LeaseError, LeaseHolder, LeaseName, LeaseStore, ReadError, Timestamp,
    async_trait,
};
use rusqlite::OptionalExtension;

use crate::{
    error::{corrupt, lease_not_found, read_error},
    sql,
    store::SqliteStore,
};

/// A lease that is taken, renewed or given back shares the transaction of the appends that wait.
///
/// The times are by [`SqliteOptions::clock`](crate::SqliteOptions::clock), in each process by its own: where the clocks of
/// two processes differ, a lease seems to run out so much earlier or later to one of them. The fence does not depend on it.
#[async_trait]
impl LeaseStore for SqliteStore {
    async fn acquire_lease(
        &self,
        name: &LeaseName,
        holder: &LeaseHolder,
        time: Duration,
    ) -> Result<Lease, LeaseError> {
        let writer = self.writer();
        writer
            .acquire_lease(name.clone(), holder.clone(), time)
            .await
    }

    async fn renew_lease(&self, lease: &Lease, time: Duration) -> Result<Lease, LeaseError> {
        self.writer().renew_lease(lease.clone(), time).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.writer().release_lease(lease.clone()).await
    }

    async fn find_lease(&self, name: &LeaseName) -> Result<Option<Lease>, LeaseError> {
        self.settle().await.map_err(lease_not_found)?;
        let name = name.clone();
        let read = move |connection: &rusqlite::Connection, _: &mut _| {
            let stored: Option<(i64, Option<String>, i64)> = connection
                .prepare_cached(sql::LEASE)
                .and_then(|mut statement| {
                    let row = statement.query_row([name.as_str()], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    });
                    row.optional()
                })
                .map_err(read_error)?;
            let Some((token, Some(holder), until)) = stored else {
                return Ok(None);
            };
            let (Ok(token), Ok(holder)) = (u64::try_from(token), LeaseHolder::new(holder)) else {
                return Err(damaged());
            };
            let (token, until) = (
                FencingToken::from_number(token),
                Timestamp::from_micros(until),
            );
            Ok(Some(Lease::new(name, holder, token, until)))
        };
        self.readers().run(read).await.map_err(lease_not_found)
    }
}

fn damaged() -> ReadError {
    corrupt(None, "a lease is not what was written")
}
