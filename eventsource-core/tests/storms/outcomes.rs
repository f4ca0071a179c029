//! Failures at random, before the commit and after it: no command is applied twice, and none is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    RetryPolicy,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_testing::{
    faulty::{Fault, Injection},
    suite::Script,
};

use crate::{
    conflicts::assert_stormy,
    domain::{Store, cached},
    ledger::{Outcome, assert_loads, verified},
    storm::{Dice, Storm},
};

/// What an engine does: one append in twelve fails before its commit, and of one in eight the answer is lost.
pub(crate) fn engine(seed: u64) -> Arc<dyn FaultHook> {
    let asked = AtomicU64::new(0);
    Arc::new(Script::new(move |point| {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let mut dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let fails = match point {
            FaultPoint::BeforeCommit => dice.below(12) == 0,
            FaultPoint::AfterCommit => dice.below(8) == 0,
            _ => false,
        };
        if fails {
            FaultAction::Fail
        } else {
            FaultAction::GoOn
        }
    }))
}

/// So many commands of eight tasks. What goes wrong besides what the engine does, the wire does.
pub(crate) async fn no_command_is_lost_or_applied_twice_whatever_fails(
    store: Store,
    commands: u64,
) {
    let tasks = 8;
    for (fault, one_in) in [
        (Fault::FailAfterCommit, 6),
        (Fault::LoseRequest, 8),
        (Fault::FailBefore, 20),
        (Fault::Conflict, 15),
        (Fault::FailSave, 3),
        (Fault::LoseSaveAnswer, 3),
        (Fault::FailFind, 9),
    ] {
        store.inject(Injection::new(fault).one_in(one_in, one_in));
    }
    let retry = RetryPolicy::default().with_attempts(200);
    let retry = retry.with_delays(Duration::ZERO, Duration::ZERO);
    let repositories = [(); 3].map(|()| cached(store.clone()).with_retry(retry));
    let gale = Storm {
        seed: 7,
        tasks: 0..tasks,
        commands: commands / tasks,
        purses: 12,
    };
    let told = gale.rage(&store, &repositories).await;
    let injected = store.injected();
    store.stop();
    assert_stormy(&told);
    assert_loads(&store, &repositories).await;
    let snapshots = verified(&store, &told).await;
    assert!(snapshots.expect("the history explains what was told") > 0);
    assert!(injected.answers_lost > commands / 10, "{injected:?}");
    assert!(injected.requests_lost > commands / 20, "{injected:?}");
    // Patience lasts: every outcome was found out by the command itself.
    let unknown = told.iter().filter(|told| told.outcome == Outcome::Unknown);
    assert_eq!(unknown.count(), 0);
}

/// As long as patience ends early, some outcomes stay unknown, and those who have a name ask again.
pub(crate) async fn nothing_is_lost_or_applied_twice_by_those_who_give_up_early(
    store: Store,
    commands: u64,
) {
    let tasks = 8;
    for (fault, one_in) in [(Fault::FailAfterCommit, 3), (Fault::LoseRequest, 3)] {
        store.inject(Injection::new(fault).one_in(one_in, one_in + 1));
    }
    let retry = RetryPolicy::default().with_attempts(2);
    let retry = retry.with_delays(Duration::ZERO, Duration::ZERO);
    let repositories = [(); 3].map(|()| cached(store.clone()).with_retry(retry));
    let gale = Storm {
        seed: 8,
        tasks: 0..tasks,
        commands: commands / tasks,
        purses: 12,
    };
    let told = gale.rage(&store, &repositories).await;
    store.stop();
    assert_stormy(&told);
    assert_loads(&store, &repositories).await;
    let snapshots = verified(&store, &told).await;
    assert!(snapshots.expect("the history explains what was told") > 0);
    let unknown = told.iter().filter(|told| told.outcome == Outcome::Unknown);
    assert!(unknown.count() as u64 > commands / 50);
}
