//! Read models in memory: who builds them, what is left of builds that are gone, how far they have come.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::channel,
    },
    task::{Context, Waker},
};

use eventsource_core::{
    InMemory, MemoryStore, OnFailure, Position, Projection, Receipt, Runner, RunnerHandle,
    prelude::*,
    projection::{Envelope, Project},
    runner::{CommandError, InMemoryState},
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    domain::{Filled, Jar, LONG, Labelled, at_once, fill, soon, status, totals, until},
    hooked::Hook,
};

#[tokio::test]
async fn a_runner_that_was_never_started_lets_go_of_what_it_was_to_build() {
    let (store, totals) = (MemoryStore::new(), totals());
    drop(Runner::new(store.clone()).with(totals.clone()));
    let runner = Runner::new(store).with(totals).start();
    runner.expect("nobody builds it").stop().await;
}

/// How many builds there are beside the hook of the test and that of the model.
fn builds(hook: &Hook) -> usize {
    hook.count() - 2
}

// The handler holds up the thread of the worker, which is one of the runtime's where there are any.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_a_rebuild_that_was_cancelled_or_has_failed() {
    let (store, hook) = (MemoryStore::new(), Hook::default());
    for coins in 1..=10 {
        fill(&store, 1, coins).await;
    }
    let model = hook.model();
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2).with_batch(1))
        .start()
        .expect("nothing is wrong");
    hook.runs_in(&runner);
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(builds(&hook), 1);
    for _ in 0..3 {
        let is_there = Arc::new(AtomicBool::new(false));
        let (leave, until_leave) = channel::<()>();
        let arrives = Arc::clone(&is_there);
        hook.does(move |_| {
            arrives.store(true, Ordering::SeqCst);
            // It stands still in its first event, and no longer when nobody can give it leave.
            _ = until_leave.recv();
        });
        let rebuilding = tokio::spawn({
            let runner = runner.clone();
            async move { runner.rebuild("hooked").await }
        });
        while !is_there.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        assert_eq!(builds(&hook), 2);
        let mut cancel = pin!(runner.cancel_rebuild("hooked"));
        let waits = cancel
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(waits.is_pending(), "it is in the handler");
        drop(leave);
        soon(cancel).await.expect("it runs");
        let cancelled = soon(rebuilding).await.expect("it does not panic");
        let cancelled = cancelled.expect_err("it was cancelled");
        assert!(
            matches!(cancelled, CommandError::Cancelled { .. }),
            "{cancelled}"
        );
        hook.does_nothing();
        assert_eq!(builds(&hook), 1, "nothing is left of it");

        hook.does(|_| panic!("between the halves"));
        let failed = soon(runner.rebuild("hooked")).await.expect_err("it fails");
        assert!(matches!(failed, CommandError::Failed { .. }), "{failed}");
        assert_eq!(builds(&hook), 1, "nothing is left of it");
    }
    runner.stop().await;
}

/// Whether weights cannot be read.
static UNREADABLE: AtomicBool = AtomicBool::new(false);

/// Cannot be read if it is negative.
#[derive(Debug, Clone, Serialize)]
struct Grams(i64);

impl<'de> Deserialize<'de> for Grams {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let grams = i64::deserialize(from)?;
        if grams < 0 && UNREADABLE.load(Ordering::SeqCst) {
            return Err(serde::de::Error::custom("no weight"));
        }
        Ok(Self(grams))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(name = "scale.weighed")]
struct Weighed {
    grams: Grams,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "scale", id = u64, error = std::convert::Infallible, events(Weighed))]
struct Scale;

impl Apply<Weighed> for Scale {
    fn apply(&mut self, _: &Weighed) {}
}

struct Weigh(i64);

impl Handle<Weigh> for Scale {
    fn handle(&self, command: &Weigh) -> Decision<Self> {
        let grams = Grams(command.0);
        Ok(Weighed { grams }.into())
    }
}

#[derive(Debug, Default, Projection)]
#[projection(name = "weights", version = 1, from(Scale), events(Weighed))]
struct Weights(i64);

impl Project<Weighed> for Weights {
    fn project(&mut self, event: &Weighed, _: &Envelope<'_>) {
        self.0 += event.grams.0;
    }
}

async fn weigh(store: &MemoryStore, scale: u64, grams: i64) -> Receipt {
    let scales = Repository::<Scale>::new(store.clone());
    let weighed = scales.execute(&scale, Weigh(grams)).await;
    weighed.expect("weighed")
}

#[tokio::test]
async fn the_position_of_a_model_does_not_go_back_when_a_parked_event_is_delivered() {
    let (store, weights) = (MemoryStore::new(), InMemory::new(Weights::default));
    weigh(&store, 1, -1).await;
    UNREADABLE.store(true, Ordering::SeqCst);
    let runner = Runner::new(store.clone())
        .with_settings(weights.clone(), at_once(2).on_failure(OnFailure::Park))
        .start()
        .expect("nothing is wrong");
    let last = weigh(&store, 2, 5).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(status(&runner, "weights").await.parked, 1);
    assert_eq!(weights.read(InMemoryState::position), last.position());
    UNREADABLE.store(false, Ordering::SeqCst);
    let replayed = soon(runner.replay_parked("weights")).await;
    assert_eq!(replayed.expect("it runs").delivered, 1);
    assert_eq!(weights.read(|weights| weights.0), 4);
    assert_eq!(weights.read(InMemoryState::position), last.position());
    runner.stop().await;
}

#[tokio::test]
async fn the_position_of_a_torn_model_is_right_before_the_event_that_tore_it() {
    let (store, hook) = (MemoryStore::new(), Hook::default());
    for coins in 1..=5 {
        fill(&store, 1, coins).await;
    }
    let model = hook.model();
    hook.does(|event| assert_ne!(event.coins, 4, "between the halves"));
    let runner = Runner::new(store.clone())
        .with(model.clone())
        .start()
        .expect("nothing is wrong");
    soon(until(&runner, "hooked", |status| status.state.is_stopped())).await;
    let (halves, position) = model.read(|model| (model.halves, model.position()));
    assert_eq!(halves, 2 * (1 + 2 + 3) + 4);
    assert_eq!(position.map(Position::number), Some(3));
    runner.stop().await;
}

/// Asks while it is made anew whether what was read before is still told to be there.
#[derive(Projection)]
#[projection(
    name = "asking",
    version = 1,
    from(Jar),
    events(Filled),
    ignores(Labelled)
)]
struct Asking;

impl Project<Filled> for Asking {
    fn project(&mut self, _: &Filled, _: &Envelope<'_>) {}
}

#[tokio::test]
async fn nobody_is_told_of_a_position_that_an_empty_model_has_not_passed() {
    let store = MemoryStore::new();
    let last = fill(&store, 1, 1).await;
    let runner = Arc::new(OnceLock::<RunnerHandle>::new());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let asking = InMemory::new({
        let (runner, asked, last) = (Arc::clone(&runner), Arc::clone(&asked), last.clone());
        move || {
            if let Some(runner) = runner.get() {
                let mut wait = pin!(runner.wait_for(&last, LONG));
                let wait = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                asked.lock().expect("nobody panics").push(wait.is_ready());
            }
            Asking
        }
    });
    let started = Runner::new(store.clone()).with(asking).start();
    let started = started.expect("nothing is wrong");
    soon(started.wait_for(&last, LONG)).await.expect("passed");
    soon(started.pause("asking")).await.expect("it is there");
    assert!(runner.set(started.clone()).is_ok(), "it is set once");
    started.reset("asking").await.expect("it is paused");
    assert_eq!(*asked.lock().expect("nobody panics"), [false]);
    started.resume("asking").expect("it is there");
    soon(started.wait_for(&last, LONG)).await.expect("passed");
    started.stop().await;
}
