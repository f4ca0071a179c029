//! Reading one's own writes.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use eventsource_core::{
    MemoryStore, ProjectionStatus, Runner, Timer,
    projection::HandlerError,
    runner::{StopReason, WaitError},
};

use crate::domain::{LONG, Mirror, Told, at_once, close, fill, totals, until};

#[tokio::test]
async fn a_wait_ends_when_the_position_is_passed_also_where_nothing_listed_is_there() {
    let store = MemoryStore::new();
    let runner = Runner::new(store.clone())
        .with(totals())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let foreign = close(&store).await;
    runner.wait_for(&foreign, LONG).await.expect("it is passed");
    // It is passed already, and needs no time.
    runner
        .wait_for(&foreign, Duration::ZERO)
        .await
        .expect("it is passed");
    runner.stop().await;
}

#[tokio::test]
async fn a_wait_for_a_name_that_nobody_has_fails_at_once() {
    let store = MemoryStore::new();
    let last = fill(&store, 1, 1).await;
    let runner = Runner::new(store)
        .with(totals())
        .start()
        .expect("nothing is wrong");
    let error = runner
        .wait_for_one("total", &last, LONG)
        .await
        .expect_err("a misspelled name");
    assert!(matches!(&error, WaitError::UnknownName { name } if name == "total"));
}

#[tokio::test]
async fn a_wait_for_one_that_has_stopped_fails_at_once_and_says_why() {
    let store = MemoryStore::new();
    let told = Told::default();
    told.rule(|_, _| Err(HandlerError::permanent("no ink")));
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    let error = runner.wait_for(&last, LONG).await.expect_err("it stops");
    let WaitError::Stopped { name, reason } = &error else {
        panic!("{error}")
    };
    assert_eq!(*name, "mirror");
    let StopReason::Event(event) = reason else {
        panic!("{reason}")
    };
    assert_eq!(event.event, "jar.filled");
    assert_eq!(event.stream.to_string(), "jar-1");
    assert_eq!(Some(event.position), last.position());
    assert_eq!(event.attempts, 1, "a permanent error is not tried again");
    assert_eq!(
        reason.to_string(),
        "the event `jar.filled` of `jar-1` at version 1, position 1, failed 1 time"
    );
}

/// Every wait is over at once.
#[derive(Debug)]
struct AtOnce;

impl Timer for AtOnce {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_wait_that_takes_too_long_says_where_the_projection_is() {
    let store = MemoryStore::new();
    let runner = Runner::new(store.clone())
        .with(totals())
        .with_timer(Arc::new(AtOnce))
        .start()
        .expect("nothing is wrong");
    let first = fill(&store, 1, 1).await;
    until(&runner, "totals", ProjectionStatus::is_at_head).await;
    runner.pause("totals").await.expect("it is there");
    let last = fill(&store, 1, 2).await;
    // It may be resumed at any time, so a pause is waited out.
    let error = runner
        .wait_for(&last, LONG)
        .await
        .expect_err("it is paused");
    let WaitError::TimedOut {
        name,
        position,
        at,
        timeout,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((name.as_str(), *timeout), ("totals", LONG));
    assert_eq!((Some(*position), *at), (last.position(), first.position()));
    assert_eq!(
        error.to_string(),
        "the projection `totals` has not passed position 2 within 30s, it is at 1"
    );
    runner.wait_for(&first, LONG).await.expect("it is passed");
    runner.stop().await;
}

#[tokio::test]
async fn a_wait_may_be_dropped_and_begun_again() {
    let store = MemoryStore::new();
    let totals = totals();
    let runner = Runner::new(store.clone())
        .with(totals.clone())
        .start()
        .expect("nothing is wrong");
    runner.pause("totals").await.expect("it is there");
    let last = fill(&store, 1, 2).await;
    for _ in 0..3 {
        let mut wait = pin!(runner.wait_for(&last, LONG));
        let waits = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(waits.is_pending(), "it is paused");
    }
    runner.resume("totals").expect("it is there");
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(totals.read(|totals| totals.coins["1"]), 2);
    runner.stop().await;
}

/// Waits for one future on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        thread::park();
    }
}

#[test]
fn without_a_runtime_it_runs_on_threads_of_its_own() {
    let store = MemoryStore::new();
    let (totals, told) = (totals(), Told::default());
    let runner = Runner::new(store.clone())
        .with(totals.clone())
        .with_settings(Mirror::<1>(told.clone()), at_once(2))
        .start()
        .expect("nothing is wrong");
    block_on(async {
        let mut last = None;
        for coins in 1..=10 {
            last = Some(fill(&store, 1, coins).await);
        }
        let last = last.expect("ten");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        assert_eq!(totals.read(|totals| totals.coins["1"]), 55);
        assert_eq!(told.of(1), (1..=10).collect::<Vec<_>>());
        // The wait ends by the timer's thread.
        runner.pause("mirror").await.expect("it is there");
        let last = fill(&store, 1, 1).await;
        let soon = Duration::from_millis(1);
        let error = runner
            .wait_for(&last, soon)
            .await
            .expect_err("it is paused");
        assert!(matches!(error, WaitError::TimedOut { .. }), "{error}");
        runner.stop().await;
    });
}
