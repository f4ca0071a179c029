//! Many tasks on one aggregate: nothing is lost, nothing comes twice, and every refusal was right.

use std::time::Duration;

use eventsource_core::RetryPolicy;

use crate::{
    domain::{Store, cached},
    ledger::{Outcome, Told, assert_loads, verified},
    storm::{Storm, times},
};

/// 64 tasks with so many commands each on two purses, in three repositories with caches of their own.
pub(crate) async fn nothing_is_lost_or_doubled_among_64_tasks(
    open: impl AsyncFn() -> Store,
    commands: u64,
) {
    let patient = RetryPolicy::default().with_attempts(u32::MAX);
    let quick = patient.with_delays(Duration::ZERO, Duration::ZERO);
    for seed in 0..times(1, 40) {
        let store = open().await;
        let repositories = [(); 3].map(|()| cached(store.clone()).with_retry(quick));
        let gale = Storm {
            seed,
            tasks: 0..64,
            commands,
            purses: 2,
        };
        let told = gale.rage(&store, &repositories).await;
        assert_stormy(&told);
        assert_loads(&store, &repositories).await;
        let snapshots = verified(&store, &told).await;
        assert!(snapshots.expect("the history explains what was told") > 0);
    }
}

/// Commands of all kinds of outcome were among them, or nothing was shown.
pub(crate) fn assert_stormy(told: &[Told]) {
    let count =
        |is: &dyn Fn(&Outcome) -> bool| told.iter().filter(|told| is(&told.outcome)).count();
    let first = count(&|told| matches!(told, Outcome::Stored { first: true, .. }));
    let again = count(&|told| matches!(told, Outcome::Stored { first: false, .. }));
    let refused = count(&|told| matches!(told, Outcome::Refused { .. }));
    let some = told.len() / 50;
    assert!(
        first > some && again > some && refused > some,
        "{first} were stored, {again} had been stored and {refused} refused of {}",
        told.len()
    );
}
