//! Runs that cannot begin, leases that cannot be kept, and what is told of one that is not active or has stopped.

use std::{
    future::{Future, pending, ready},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    MemoryStore, ProjectionState, RetryPolicy, RunSettings, Runner, RunnerHandle, Timer,
    runner::{StartError, StopReason, WaitError},
};

use crate::{
    domain::{
        LONG, Mirror, Redefined, Slow, Thanks, Told, at_once, fill, soon, status, totals, until,
    },
    shelf::{Lines, Shelf, Step, Then},
};

#[test]
fn a_store_that_keeps_no_checkpoints_is_refused_by_what_needs_them() {
    let store = MemoryStore::new();
    let shelf = Shelf::without_projections(&store);
    let runner = || Runner::new(shelf.clone());
    let refused = [
        runner().with(Mirror::<1>(Told::default())).start(),
        runner().with(Thanks(Told::default())).start(),
        runner().with(Lines::default()).start(),
    ];
    for (refused, expected) in refused.into_iter().zip(["mirror", "thanks", "lines"]) {
        let refused = refused.expect_err("nothing can be kept");
        let StartError::Unsupported { name, source } = &refused else {
            panic!("{refused}")
        };
        assert_eq!(*name, expected);
        assert!(source.to_string().contains("projections"), "{source}");
    }
    runner().with(totals()).start().expect("it needs no store");
}

#[test]
fn a_lease_that_is_over_at_once_is_refused_before_anything_begins() {
    let (store, totals) = (MemoryStore::new(), totals());
    for lease in [Duration::ZERO, Duration::from_micros(2_999)] {
        let settings = RunSettings::default().with_lease(lease);
        let refused = Runner::new(store.clone())
            .with_settings(totals.clone(), settings)
            .start()
            .expect_err("it is too short");
        assert!(matches!(refused, StartError::Lease { .. }), "{refused}");
        assert!(refused.to_string().contains("at least 3ms"), "{refused}");
    }
    let shortest = RunSettings::default().with_lease(RunSettings::SHORTEST_LEASE);
    let runner = Runner::new(store).with_settings(totals, shortest).start();
    drop(runner.expect("it is long enough, and nobody else builds it"));
}

/// Waits never end but those of no time, and what is asked of it and of a store is written down.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn write(&self, what: impl Into<String>) {
        self.0.lock().expect("nobody panics").push(what.into());
    }
}

impl Timer for Log {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if delay.is_zero() {
            return Box::pin(ready(()));
        }
        self.write(format!("{delay:?}"));
        Box::pin(pending())
    }
}

/// By the store's clock it then lasts longer than by this one's.
#[tokio::test]
async fn a_lease_is_taken_to_last_from_before_it_was_asked_for() {
    let store = MemoryStore::new();
    let (shelf, log) = (Shelf::new(&store), Log::default());
    let asked = log.clone();
    shelf.rule(move |step| {
        if step == Step::Acquire {
            asked.write("acquire");
        }
        Then::GoOn
    });
    let runner = Runner::new(shelf)
        .with_settings(
            Mirror::<1>(Told::default()),
            at_once(2).with_lease(Duration::from_secs(77)),
        )
        .with_timer(Arc::new(log.clone()))
        .start()
        .expect("nothing is wrong");
    soon(until(&runner, "mirror", |status| status.state.is_live())).await;
    let written = log.0.lock().expect("nobody panics")[..2].to_vec();
    assert_eq!(written, ["77s", "acquire"]);
    runner.stop().await;
}

#[tokio::test]
async fn a_lease_that_cannot_be_renewed_ends_the_work_when_it_is_over() {
    let (store, slow) = (MemoryStore::new(), Slow::<1>::default());
    let shelf = Shelf::new(&store);
    let is_lost = AtomicBool::new(false);
    let runner = Runner::new(shelf.clone())
        .with_settings(
            slow.clone(),
            at_once(2).with_lease(Duration::from_millis(30)),
        )
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    soon(slow.arrives()).await;
    shelf.rule(move |step| match step {
        Step::Renew if !is_lost.load(Ordering::SeqCst) => Then::Fail,
        Step::Acquire => {
            is_lost.store(true, Ordering::SeqCst);
            Then::GoOn
        }
        _ => Then::GoOn,
    });
    // It was dropped in its handler, and comes there again under another turn of the lease.
    soon(slow.arrives()).await;
    slow.go_on(1);
    soon(runner.wait_for(&last, LONG))
        .await
        .expect("it goes on");
    assert_eq!(slow.told.of(1), [1]);
    runner.stop().await;
}

fn is_retrying(state: &ProjectionState) -> bool {
    matches!(state, ProjectionState::Retrying { .. })
}

#[tokio::test]
async fn of_two_runners_without_leases_the_one_that_comes_second_waits_and_says_why() {
    let store = MemoryStore::new();
    let start = |told: &Told| {
        let hour = Duration::from_secs(3_600);
        let retry = RetryPolicy::default().with_delays(hour, hour);
        Runner::new(Shelf::without_leases(&store))
            .with_settings(
                Mirror::<1>(told.clone()),
                RunSettings::default().with_retry(retry),
            )
            .with_timer(Arc::new(Log::default()))
            .start()
            .expect("nothing is wrong")
    };
    let (one, two) = (Told::default(), Told::default());
    let first = start(&one);
    soon(until(&first, "mirror", |status| status.state.is_live())).await;
    let second = start(&two);
    soon(until(&second, "mirror", |status| status.state.is_live())).await;
    let last = fill(&store, 1, 1).await;
    let late = soon(async {
        loop {
            for runner in [&first, &second] {
                let status = status(runner, "mirror").await;
                if is_retrying(&status.state) {
                    return status;
                }
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let ProjectionState::Retrying { attempts, .. } = late.state else {
        panic!("{late:?}")
    };
    assert_eq!(attempts, 1);
    let error = late.last_error.expect("it is told").error;
    assert!(error.ends_with("run it by one runner alone"), "{error}");
    // What the other one has kept is shown.
    assert_eq!(late.position, last.position());
    first.stop().await;
    second.stop().await;
}

/// One that is active and paused, and one over the shelf that waits for it.
async fn one_waits(store: &MemoryStore, shelf: &Shelf) -> (RunnerHandle, RunnerHandle) {
    let first = Runner::new(store.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let last = fill(store, 1, 1).await;
    soon(first.wait_for(&last, LONG)).await.expect("passed");
    soon(first.pause("mirror")).await.expect("it is there");
    let second = Runner::new(shelf.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let waits = until(&second, "mirror", |status| {
        matches!(status.state, ProjectionState::WaitingForLease { .. })
    });
    soon(waits).await;
    (first, second)
}

#[tokio::test]
async fn a_wait_for_one_that_runs_elsewhere_says_where_that_one_is() {
    let store = MemoryStore::new();
    let (first, second) = one_waits(&store, &Shelf::new(&store)).await;
    let last = fill(&store, 1, 2).await;
    let error = second.wait_for(&last, Duration::from_millis(1)).await;
    let error = error.expect_err("it is paused");
    let WaitError::TimedOut { at, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(at.map(eventsource_core::Position::number), Some(1));
    second.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn what_is_kept_elsewhere_and_cannot_be_looked_at_is_shown_as_it_was_and_told() {
    let store = MemoryStore::new();
    let shelf = Shelf::new(&store);
    let (first, second) = one_waits(&store, &shelf).await;
    fill(&store, 1, 2).await;
    let before = status(&second, "mirror").await;
    assert_eq!((before.lag_events, before.version), (1, Some(1)));
    assert!(before.last_error.is_none());
    shelf.rule(|step| {
        if step == Step::Find {
            Then::Fail
        } else {
            Then::GoOn
        }
    });
    let after = status(&second, "mirror").await;
    assert_eq!((after.lag_events, after.version), (1, Some(1)));
    assert_eq!(after.position, before.position);
    let error = after.last_error.expect("it is told").error;
    assert!(error.contains("the shelf is shut"), "{error}");
    shelf.rule(|_| Then::GoOn);
    let later = status(&second, "mirror").await;
    assert!(later.last_error.is_none(), "to ask is to change nothing");
    second.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn why_one_had_stopped_can_be_read_when_all_have() {
    let store = MemoryStore::new();
    let first = Runner::new(store.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    soon(first.wait_for(&last, LONG)).await.expect("passed");
    first.stop().await;
    let runner = Runner::new(store.clone())
        .with(Redefined)
        .start()
        .expect("nothing is wrong");
    soon(until(&runner, "mirror", |status| status.state.is_stopped())).await;
    runner.stop().await;
    let stopped = status(&runner, "mirror").await;
    assert!(
        matches!(stopped.state, ProjectionState::Stopped(StopReason::Asked)),
        "{stopped:?}"
    );
    let error = stopped.last_error.expect("it is told").error;
    assert!(error.contains("raise its version"), "{error}");
}
