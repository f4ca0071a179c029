//! What is told to whoever asked for something that a store or another process has cut off.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    MemoryStore, OnFailure, ProjectionState, RunSettings, Runner, RunnerHandle, Spawner, Task,
    projection::HandlerError,
    runner::{CommandError, StopReason},
};
use tokio::task::JoinHandle;

use crate::{
    domain::{LONG, Slow, at_once, fill, soon, status, until},
    shelf::{Lines, Shelf, Step, Then},
};

/// A rebuild that was asked for, and what comes of it.
type Rebuilding = JoinHandle<Result<(), CommandError>>;

fn rebuild(runner: &RunnerHandle) -> Rebuilding {
    let runner = runner.clone();
    tokio::spawn(async move { runner.rebuild("lines").await })
}

async fn error(asked: JoinHandle<Result<impl std::fmt::Debug, CommandError>>) -> CommandError {
    let answer = soon(asked).await.expect("it does not panic");
    answer.expect_err("it was cut off")
}

/// Everything is passed, and eleven events are there.
async fn lives(store: &MemoryStore, runner: &RunnerHandle) {
    for coins in 1..=10 {
        fill(store, 1, coins).await;
    }
    let last = fill(store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
}

fn start(shelf: &Shelf, lines: &Lines, settings: RunSettings) -> RunnerHandle {
    Runner::new(shelf.clone())
        .with_settings(lines.clone(), settings.with_batch(1))
        .start()
        .expect("nothing is wrong")
}

/// Until a rebuild has come up to the event before the refused one.
async fn comes_to(runner: &RunnerHandle, number: u64) {
    let comes = until(runner, "lines", |status| {
        let rebuild = status.rebuild.as_ref();
        rebuild.is_some_and(|rebuild| rebuild.position.is_some_and(|at| at.number() == number))
    });
    soon(comes).await;
}

#[tokio::test]
async fn a_store_that_cannot_let_go_of_a_rebuild_is_no_stop_and_it_may_be_cancelled_again() {
    for then in [Then::Fail, Then::Forget] {
        let store = MemoryStore::new();
        let (shelf, lines) = (Shelf::new(&store), Lines::default());
        let runner = start(&shelf, &lines, at_once(u32::MAX));
        lives(&store, &runner).await;
        lines.refuse(8);
        let rebuilding = rebuild(&runner);
        comes_to(&runner, 7).await;
        shelf.rule(move |step| if step == Step::Drop { then } else { Then::GoOn });
        let failed = soon(runner.cancel_rebuild("lines")).await;
        let failed = failed.expect_err("the store has failed");
        assert!(matches!(failed, CommandError::Kept { .. }), "{failed}");
        shelf.rule(|_| Then::GoOn);
        soon(runner.cancel_rebuild("lines")).await.expect("it runs");
        let cancelled = error(rebuilding).await;
        assert!(
            matches!(cancelled, CommandError::Cancelled { .. }),
            "{then:?}: {cancelled}"
        );
        lines.refuse(None);
        soon(runner.rebuild("lines")).await.expect("it runs");
        assert!(status(&runner, "lines").await.rebuild.is_none());
        runner.stop().await;
    }
}

#[tokio::test]
async fn whoever_asked_for_a_rebuild_that_fails_is_told_of_the_event_also_where_the_store_fails() {
    for then in [Then::Fail, Then::Forget] {
        let store = MemoryStore::new();
        let (shelf, lines) = (Shelf::new(&store), Lines::default());
        let runner = start(&shelf, &lines, at_once(2));
        lives(&store, &runner).await;
        lines.refuse(8);
        let first = AtomicBool::new(true);
        shelf.rule(move |step| match step {
            Step::Drop if first.swap(false, Ordering::SeqCst) => then,
            _ => Then::GoOn,
        });
        let failed = error(rebuild(&runner)).await;
        let CommandError::Failed { event, .. } = &failed else {
            panic!("{then:?}: {failed}")
        };
        assert_eq!(event.version.get(), 8);
        runner.stop().await;
    }
}

fn short() -> RunSettings {
    at_once(2).with_lease(Duration::from_millis(30))
}

/// The first step of this kind is held up, and its lease cannot be renewed meanwhile.
fn holds_up(shelf: &Shelf, held: Step) {
    let times = AtomicU32::new(0);
    let is_held = AtomicBool::new(false);
    shelf.rule(move |step| match step {
        _ if step == held && times.fetch_add(1, Ordering::SeqCst) == 0 => {
            is_held.store(true, Ordering::SeqCst);
            Then::Wait
        }
        Step::Renew if is_held.load(Ordering::SeqCst) => Then::Fail,
        // It was lost by then.
        Step::Acquire => {
            is_held.store(false, Ordering::SeqCst);
            Then::GoOn
        }
        _ => Then::GoOn,
    });
}

#[tokio::test]
async fn who_asked_for_a_rebuild_is_told_that_the_lease_was_lost() {
    let store = MemoryStore::new();
    let (shelf, lines) = (Shelf::new(&store), Lines::default());
    let runner = start(&shelf, &lines, short());
    lives(&store, &runner).await;
    holds_up(&shelf, Step::Begin);
    let lost = error(rebuild(&runner)).await;
    assert!(matches!(lost, CommandError::Elsewhere { .. }), "{lost}");
    runner.stop().await;
}

#[tokio::test]
async fn who_asked_for_the_end_of_a_rebuild_is_told_that_the_lease_was_lost() {
    let store = MemoryStore::new();
    let (shelf, lines) = (Shelf::new(&store), Lines::default());
    let runner = start(&shelf, &lines, short().with_retry(at_once(u32::MAX).retry));
    lives(&store, &runner).await;
    lines.refuse(8);
    let rebuilding = rebuild(&runner);
    comes_to(&runner, 7).await;
    holds_up(&shelf, Step::Drop);
    let lost = soon(runner.cancel_rebuild("lines")).await;
    let lost = lost.expect_err("it was cut off");
    assert!(matches!(lost, CommandError::Elsewhere { .. }), "{lost}");
    let lost = error(rebuilding).await;
    assert!(matches!(lost, CommandError::Elsewhere { .. }), "{lost}");
    runner.stop().await;
}

#[tokio::test]
async fn who_asked_for_a_reset_is_told_that_the_lease_was_lost() {
    let store = MemoryStore::new();
    let (shelf, lines) = (Shelf::new(&store), Lines::default());
    let runner = start(&shelf, &lines, short());
    lives(&store, &runner).await;
    soon(runner.pause("lines")).await.expect("it is there");
    holds_up(&shelf, Step::Begin);
    let lost = soon(runner.reset("lines")).await;
    let lost = lost.expect_err("it was cut off");
    assert!(matches!(lost, CommandError::Elsewhere { .. }), "{lost}");
    runner.stop().await;
}

#[tokio::test]
async fn who_asked_for_a_replay_is_told_that_the_lease_was_lost() {
    let (store, slow) = (MemoryStore::new(), Slow::<1>::default());
    let shelf = Shelf::new(&store);
    slow.told
        .rule(|_, _| Err(HandlerError::permanent("no ink")));
    let settings = short().on_failure(OnFailure::Park);
    let runner = Runner::new(shelf.clone())
        .with_settings(slow.clone(), settings)
        .start()
        .expect("nothing is wrong");
    slow.go_on(1);
    fill(&store, 1, 1).await;
    soon(slow.arrives()).await;
    soon(until(&runner, "slow", |status| status.parked == 1)).await;
    // It stands in its handler, and its lease cannot be renewed.
    let is_over = Arc::new(AtomicBool::new(false));
    let is_lost = Arc::clone(&is_over);
    shelf.rule(move |step| match step {
        Step::Renew if !is_lost.load(Ordering::SeqCst) => Then::Fail,
        Step::Acquire => {
            is_lost.store(true, Ordering::SeqCst);
            Then::GoOn
        }
        _ => Then::GoOn,
    });
    let lost = soon(runner.replay_parked("slow")).await;
    let lost = lost.expect_err("it was cut off");
    assert!(matches!(lost, CommandError::Elsewhere { .. }), "{lost}");
    slow.go_on(100);
    runner.stop().await;
}

/// Keeps the task, so that it can be dropped.
#[derive(Debug, Default)]
struct Droppable(Mutex<Option<JoinHandle<()>>>);

impl Spawner for Droppable {
    fn spawn(&self, task: Task) {
        *self.0.lock().expect("nobody panics") = Some(tokio::spawn(task));
    }
}

#[tokio::test]
async fn who_asked_for_a_rebuild_is_told_that_the_task_is_gone() {
    let store = MemoryStore::new();
    let (shelf, lines) = (Shelf::new(&store), Lines::default());
    let spawner = Arc::new(Droppable::default());
    let runner = Runner::new(shelf.clone())
        .with_settings(lines.clone(), at_once(u32::MAX).with_batch(1))
        .with_spawner(Arc::clone(&spawner) as Arc<dyn Spawner>)
        .start()
        .expect("nothing is wrong");
    lives(&store, &runner).await;
    lines.refuse(8);
    // It waits in between, so that others have their turn.
    shelf.rule(|step| {
        if step == Step::Begin {
            Then::Wait
        } else {
            Then::GoOn
        }
    });
    let rebuilding = rebuild(&runner);
    soon(shelf.arrives()).await;
    let task = spawner.0.lock().expect("nobody panics").take();
    task.expect("it was spawned").abort();
    let gone = error(rebuilding).await;
    let CommandError::Stopped { reason, .. } = &gone else {
        panic!("{gone}")
    };
    assert!(matches!(reason, StopReason::Vanished), "{reason}");
    let stopped = status(&runner, "lines").await.state;
    assert!(
        matches!(stopped, ProjectionState::Stopped(_)),
        "{stopped:?}"
    );
}
