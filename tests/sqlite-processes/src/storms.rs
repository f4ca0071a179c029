//! A part of a storm that goes on in several processes.

use std::time::Duration;

use eventsource_core::RetryPolicy;
use eventsource_sqlite::SqliteStore;

use crate::{
    domain::cached,
    storm::{Storm, times},
    writers::{ready, say},
};

/// Twenty tasks on a repository of their own. Says what each command was told.
pub(crate) async fn rage(store: &SqliteStore, seed: u64) {
    let patient = RetryPolicy::default().with_attempts(u32::MAX);
    let quick = patient.with_delays(Duration::ZERO, Duration::ZERO);
    let purses = cached(store.clone()).with_retry(quick);
    let gale = Storm {
        seed,
        tasks: 44..64,
        commands: times(8, 100),
        purses: 2,
    };
    ready();
    for told in gale.rage(store, &[purses]).await {
        say(&serde_json::to_string(&told).unwrap());
    }
}
