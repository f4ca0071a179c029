//! What is delivered, and could not be kept when it was asked to pause or to stop.

use std::{
    future::{Future, pending, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    MemoryStore, ProjectionState, RetryPolicy, RunSettings, Runner, RunnerHandle, Timer,
};

use crate::{
    domain::{LONG, Mirror, Told, at_once, fill, soon, status, until},
    shelf::{Shelf, Step, Then},
};

/// No wait ends but those of no time.
#[derive(Debug)]
struct Never;

impl Timer for Never {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if delay.is_zero() {
            Box::pin(ready(()))
        } else {
            Box::pin(pending())
        }
    }
}

pub(crate) fn start(shelf: &Shelf, told: &Told) -> RunnerHandle {
    let retry = RetryPolicy::default();
    let hour = Duration::from_secs(3_600);
    let settings = RunSettings::default().with_retry(retry.with_delays(hour, hour));
    Runner::new(shelf.clone())
        .with_settings(Mirror::<1>(told.clone()), settings)
        .with_timer(Arc::new(Never))
        .start()
        .expect("nothing is wrong")
}

fn fails(shelf: &Shelf, then: Then) {
    shelf.rule(move |step| match step {
        Step::Advance => then,
        _ => Then::GoOn,
    });
}

pub(crate) async fn delivered_and_not_kept(
    shelf: &Shelf,
    store: &MemoryStore,
    runner: &RunnerHandle,
    then: Then,
) {
    soon(until(runner, "mirror", |status| status.state.is_live())).await;
    fails(shelf, then);
    fill(store, 1, 1).await;
    let waits = until(runner, "mirror", |status| {
        matches!(status.state, ProjectionState::Retrying { .. })
    });
    soon(waits).await;
}

#[tokio::test]
async fn a_pause_keeps_what_is_delivered_where_the_store_is_well_again() {
    for then in [Then::Fail, Then::Forget] {
        let (store, told) = (MemoryStore::new(), Told::default());
        let shelf = Shelf::new(&store);
        let runner = start(&shelf, &told);
        delivered_and_not_kept(&shelf, &store, &runner, then).await;
        shelf.rule(|_| Then::GoOn);
        soon(runner.pause("mirror")).await.expect("it is there");
        assert_eq!(status(&runner, "mirror").await.lag_events, 0, "{then:?}");
        runner.resume("mirror").expect("it is there");
        let last = fill(&store, 1, 2).await;
        soon(runner.wait_for(&last, LONG))
            .await
            .expect("it goes on");
        assert_eq!(told.of(1), [1, 2], "{then:?}");
        runner.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_kept_for_a_pause_is_kept_when_it_is_resumed() {
    for then in [Then::Fail, Then::Forget] {
        let (store, told) = (MemoryStore::new(), Told::default());
        let shelf = Shelf::new(&store);
        let runner = start(&shelf, &told);
        delivered_and_not_kept(&shelf, &store, &runner, then).await;
        if then == Then::Forget {
            // Later it cannot be asked at all.
            fails(&shelf, Then::Fail);
        }
        soon(runner.pause("mirror")).await.expect("it is there");
        let error = status(&runner, "mirror")
            .await
            .last_error
            .expect("it is told");
        assert!(error.error.contains("the shelf is shut"), "{}", error.error);
        shelf.rule(|_| Then::GoOn);
        runner.resume("mirror").expect("it is there");
        let last = fill(&store, 1, 2).await;
        soon(runner.wait_for(&last, LONG))
            .await
            .expect("it goes on");
        assert_eq!(told.of(1), [1, 2], "{then:?}: nothing is delivered twice");
        runner.stop().await;
    }
}

#[tokio::test]
async fn a_reset_forgets_what_was_not_kept() {
    let (store, told) = (MemoryStore::new(), Told::default());
    let shelf = Shelf::new(&store);
    let runner = start(&shelf, &told);
    delivered_and_not_kept(&shelf, &store, &runner, Then::Fail).await;
    soon(runner.pause("mirror")).await.expect("it is there");
    shelf.rule(|_| Then::GoOn);
    runner.reset("mirror").await.expect("it is paused");
    runner.resume("mirror").expect("it is there");
    let last = fill(&store, 1, 2).await;
    soon(runner.wait_for(&last, LONG))
        .await
        .expect("it goes on");
    assert_eq!(told.of(1), [1, 1, 2]);
    runner.stop().await;
}

#[tokio::test]
async fn a_stop_keeps_what_is_delivered_where_the_store_is_well_again_and_says_so_where_not() {
    for is_well in [true, false] {
        let (store, told) = (MemoryStore::new(), Told::default());
        let shelf = Shelf::new(&store);
        let runner = start(&shelf, &told);
        delivered_and_not_kept(&shelf, &store, &runner, Then::Fail).await;
        if is_well {
            shelf.rule(|_| Then::GoOn);
        }
        soon(runner.stop()).await;
        let error = status(&runner, "mirror")
            .await
            .last_error
            .expect("it is told");
        assert_eq!(
            error.error.contains("is delivered again"),
            !is_well,
            "{}",
            error.error
        );
        shelf.rule(|_| Then::GoOn);
        let next = start(&shelf, &told);
        let last = fill(&store, 1, 2).await;
        soon(next.wait_for(&last, LONG)).await.expect("it goes on");
        let expected: &[i64] = if is_well { &[1, 2] } else { &[1, 1, 2] };
        assert_eq!(told.of(1), expected);
        next.stop().await;
    }
}

// The lease is lost at the attempt to keep it.
#[tokio::test]
async fn what_was_not_kept_is_told_where_the_lease_is_lost_meanwhile() {
    let (store, told) = (MemoryStore::new(), Told::default());
    let shelf = Shelf::new(&store);
    let settings = at_once(2).with_lease(Duration::from_millis(30));
    let runner = Runner::new(shelf.clone())
        .with_settings(Mirror::<1>(told.clone()), settings)
        .start()
        .expect("nothing is wrong");
    soon(until(&runner, "mirror", |status| status.state.is_live())).await;
    fails(&shelf, Then::Fail);
    fill(&store, 1, 1).await;
    let is_noted = until(&runner, "mirror", |status| status.last_error.is_some());
    soon(is_noted).await;
    soon(runner.pause("mirror")).await.expect("it is there");
    let is_lost = AtomicBool::new(false);
    shelf.rule(move |step| match step {
        Step::Advance if !is_lost.load(Ordering::SeqCst) => Then::Wait,
        Step::Renew if !is_lost.load(Ordering::SeqCst) => Then::Fail,
        Step::Acquire => {
            is_lost.store(true, Ordering::SeqCst);
            Then::GoOn
        }
        _ => Then::GoOn,
    });
    runner.resume("mirror").expect("it is there");
    let is_told = until(&runner, "mirror", |status| {
        let last = status.last_error.as_ref();
        last.is_some_and(|last| last.error.contains("is delivered again"))
    });
    soon(is_told).await;
    let last = fill(&store, 1, 2).await;
    soon(runner.wait_for(&last, LONG))
        .await
        .expect("it goes on");
    assert_eq!(told.of(1), [1, 1, 2]);
    runner.stop().await;
}
