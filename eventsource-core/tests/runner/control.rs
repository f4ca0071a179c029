//! Pausing, resuming, resetting, stopping.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use eventsource_core::{
    MemoryStore, ProjectionState, Runner,
    runner::{CommandError, StopReason},
};
use tokio::sync::Semaphore;

use crate::domain::{LONG, Mirror, Slow, Thanks, Told, close, fill, status, totals};

// S-10
#[tokio::test]
async fn pause_resume_and_stop_may_be_asked_twice() {
    let store = MemoryStore::new();
    let told = Told::default();
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    let first = fill(&store, 1, 1).await;
    runner.wait_for(&first, LONG).await.expect("it is passed");
    for _ in 0..2 {
        runner.pause("mirror").await.expect("it is there");
        let paused = status(&runner, "mirror").await;
        assert!(
            matches!(paused.state, ProjectionState::Paused),
            "{paused:?}"
        );
    }
    let last = fill(&store, 1, 2).await;
    assert_eq!(told.of(1), [1]);
    assert_eq!(status(&runner, "mirror").await.lag_events, 1);
    for _ in 0..2 {
        runner.resume("mirror").expect("it is there");
    }
    runner.wait_for(&last, LONG).await.expect("it goes on");
    assert_eq!(told.of(1), [1, 2]);
    for _ in 0..2 {
        runner.stop().await;
    }
    let stopped = status(&runner, "mirror").await;
    assert!(
        matches!(stopped.state, ProjectionState::Stopped(StopReason::Asked)),
        "{stopped:?}"
    );
    let refused = runner.resume("mirror").expect_err("it is over");
    assert!(matches!(refused, CommandError::Stopped { .. }), "{refused}");
    runner.pause("mirror").await.expect("it rests already");
    let refused = runner
        .pause("none")
        .await
        .expect_err("nobody has this name");
    assert!(
        matches!(refused, CommandError::UnknownName { .. }),
        "{refused}"
    );
}

/// What is wanted may have changed again before the worker comes to rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_that_is_taken_back_at_once_is_no_pause() {
    let store = MemoryStore::new();
    let told = Told::default();
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    for coins in 1..=500 {
        runner.pause("mirror").await.expect("it is there");
        runner.resume("mirror").expect("it is there");
        let last = fill(&store, 1, coins).await;
        runner.wait_for(&last, LONG).await.expect("it runs");
    }
    assert_eq!(told.of(1), (1..=500).collect::<Vec<_>>());
    runner.stop().await;
}

/// Whoever is told that everything has stopped may be quicker than the one who told it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_model_in_memory_can_be_built_by_another_runner_right_after_a_stop() {
    let store = MemoryStore::new();
    let totals = totals();
    for round in 1..=1_000 {
        let runner = Runner::new(store.clone()).with(totals.clone()).start();
        let runner = runner.unwrap_or_else(|error| panic!("round {round}: {error}"));
        runner.stop().await;
    }
}

// K-08
#[tokio::test]
async fn a_reset_is_refused_while_it_runs_and_then_builds_the_same_again() {
    let store = MemoryStore::new();
    let (told, totals) = (Told::default(), totals());
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .with(totals.clone())
        .start()
        .expect("nothing is wrong");
    for coins in [1, 2, 3] {
        fill(&store, 1, coins).await;
    }
    let last = close(&store).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    let before = totals.read(|totals| (*totals).clone());
    for name in ["mirror", "totals"] {
        let refused = runner.reset(name).await.expect_err("it runs");
        assert!(matches!(refused, CommandError::Running { .. }), "{refused}");
        runner.pause(name).await.expect("it is there");
        runner.reset(name).await.expect("it is paused");
        let reset = status(&runner, name).await;
        assert_eq!(reset.position, None);
        assert!(matches!(reset.state, ProjectionState::Paused), "{reset:?}");
    }
    assert!(totals.read(|totals| totals.seen.is_empty()));
    for name in ["mirror", "totals"] {
        runner.resume(name).expect("it is there");
    }
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(told.of(1), [1, 2, 3, 1, 2, 3]);
    assert_eq!(totals.read(|totals| (*totals).clone()), before);
    runner.stop().await;
}

#[tokio::test]
async fn a_reaction_is_neither_reset_nor_rebuilt() {
    let store = MemoryStore::new();
    let runner = Runner::new(store.clone())
        .with(Thanks(Told::default()))
        .start()
        .expect("nothing is wrong");
    let refused = runner.rebuild("thanks").await.expect_err("a reaction");
    assert!(
        matches!(refused, CommandError::Reaction { .. }),
        "{refused}"
    );
    runner.pause("thanks").await.expect("it is there");
    let refused = runner.reset("thanks").await.expect_err("a reaction");
    assert!(
        matches!(refused, CommandError::Reaction { .. }),
        "{refused}"
    );
    runner.stop().await;
}

// S-09
#[tokio::test]
async fn a_stop_in_the_middle_of_a_batch_keeps_what_was_handled_and_no_more() {
    let store = MemoryStore::new();
    for coins in 1..=5 {
        fill(&store, 1, coins).await;
    }
    let slow = Slow::<1>::default();
    let runner = Runner::new(store.clone())
        .with(slow.clone())
        .start()
        .expect("nothing is wrong");
    slow.arrives().await;
    slow.go_on(1);
    slow.arrives().await;
    // It is in the handler of the second one.
    let stopping = tokio::spawn({
        let runner = runner.clone();
        async move { runner.stop().await }
    });
    // It runs up to its first wait: it has asked to stop then.
    tokio::task::yield_now().await;
    slow.go_on(1);
    stopping.await.expect("it stops");
    assert_eq!(slow.told.of(1), [1, 2]);

    let runner = Runner::new(store.clone())
        .with(slow.clone())
        .start()
        .expect("nothing is wrong");
    slow.go_on(Semaphore::MAX_PERMITS / 2);
    let last = fill(&store, 1, 6).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(slow.told.of(1), [1, 2, 3, 4, 5, 6]);
    runner.stop().await;
}

// S-18
#[tokio::test]
async fn a_handler_may_stop_the_runner_that_runs_it() {
    let store = MemoryStore::new();
    let told = Told::default();
    let handle = Arc::new(std::sync::OnceLock::<eventsource_core::RunnerHandle>::new());
    let stops = Arc::clone(&handle);
    told.rule(move |_, _| {
        let runner = stops.get().expect("it is set before the first event");
        // It is asked to stop at once; nobody can wait for that from within.
        let mut stop = pin!(runner.stop());
        let stopped = stop.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(stopped.is_pending(), "it has not stopped while it is here");
        Ok(())
    });
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    assert!(handle.set(runner.clone()).is_ok(), "it is set once");
    fill(&store, 1, 1).await;
    while !status(&runner, "mirror").await.state.is_stopped() {
        tokio::task::yield_now().await;
    }
    assert_eq!(told.of(1), [1]);
}

#[tokio::test]
async fn without_its_handle_everything_stops() {
    let store = MemoryStore::new();
    let told = Told::default();
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    let first = fill(&store, 1, 1).await;
    runner.wait_for(&first, LONG).await.expect("it is passed");
    drop(runner);
    // The lease is given back, so the next one need not wait for its end.
    let next = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 2).await;
    next.wait_for(&last, LONG).await.expect("it goes on");
    assert_eq!(told.of(1), [1, 2]);
    next.stop().await;
}
