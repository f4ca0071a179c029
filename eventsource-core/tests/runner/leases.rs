//! One is active at a time, and another one takes over.

use std::{
    future::poll_fn,
    sync::{Arc, Barrier, Mutex},
    task::{Poll, Waker},
    time::Duration,
};

use eventsource_core::{
    Clock, LeaseHolder, ManualClock, MemoryStore, Position, ProjectionState, RunSettings, Runner,
    RunnerHandle, Spawner, Task, Timestamp,
    projection::{Envelope, HandlerError},
    runner::CommandError,
};
use tokio::task::JoinHandle;

use crate::domain::{Filled, LONG, Mirror, Slow, Told, close, fill, status, until};

/// Tasks that can be killed, as a process is.
#[derive(Debug, Default)]
struct Killable(Mutex<Vec<JoinHandle<()>>>);

impl Spawner for Killable {
    fn spawn(&self, task: Task) {
        self.0
            .lock()
            .expect("nobody panics")
            .push(tokio::spawn(task));
    }
}

impl Killable {
    async fn kill(&self) {
        let tasks = std::mem::take(&mut *self.0.lock().expect("nobody panics"));
        for task in tasks {
            task.abort();
            assert!(task.await.is_err(), "it was killed");
        }
    }
}

/// A task that can be held up, as a process is that gets no processor.
#[derive(Debug, Default)]
struct Holdable(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    is_held: bool,
    waker: Option<Waker>,
}

impl Spawner for Holdable {
    fn spawn(&self, mut task: Task) {
        let held = Arc::clone(&self.0);
        drop(tokio::spawn(poll_fn(move |cx| {
            let mut now = held.lock().expect("nobody panics");
            now.waker = Some(cx.waker().clone());
            if now.is_held {
                return Poll::Pending;
            }
            drop(now);
            task.as_mut().poll(cx)
        })));
    }
}

impl Holdable {
    fn hold(&self) {
        self.0.lock().expect("nobody panics").is_held = true;
    }

    fn let_go(&self) {
        let mut held = self.0.lock().expect("nobody panics");
        held.is_held = false;
        if let Some(waker) = held.waker.take() {
            waker.wake();
        }
    }
}

/// Leases last by the store's clock, which stands still; they are looked at often.
fn settings() -> RunSettings {
    RunSettings::default().with_lease(Duration::from_millis(30))
}

fn store() -> (MemoryStore, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
    (
        MemoryStore::with_clock(Arc::clone(&clock) as Arc<dyn Clock>),
        clock,
    )
}

fn runner(store: &MemoryStore, told: &Told, name: &str) -> Runner<MemoryStore> {
    Runner::new(store.clone())
        .with_settings(Mirror::<1>(told.clone()), settings())
        .with_holder(LeaseHolder::new(name).expect("a legal name"))
}

async fn waits_for(runner: &RunnerHandle, other: &str) {
    until(runner, "mirror", |status| {
        matches!(&status.state, ProjectionState::WaitingForLease { holder: Some(holder) } if *holder == other)
    })
    .await;
}

// S-11
#[tokio::test]
async fn of_two_runners_one_is_active_and_the_other_takes_over_when_it_stops() {
    let (store, _clock) = store();
    let (one, two) = (Told::default(), Told::default());
    let first = runner(&store, &one, "one")
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    first.wait_for(&last, LONG).await.expect("it is passed");
    let second = runner(&store, &two, "two")
        .start()
        .expect("nothing is wrong");
    waits_for(&second, "one").await;
    let last = fill(&store, 1, 2).await;
    // It is seen from there, too, what the first one has kept.
    second.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!((one.of(1), two.of(1)), (vec![1, 2], vec![]));
    let seen = status(&second, "mirror").await;
    assert_eq!((seen.position, seen.lag_events), (last.position(), 0));
    let refused = second.replay_parked("mirror").await.expect_err("not here");
    assert!(
        matches!(&refused, CommandError::Elsewhere { holder: Some(holder), .. } if *holder == "one"),
        "{refused}"
    );
    first.stop().await;
    let last = fill(&store, 1, 3).await;
    second
        .wait_for(&last, LONG)
        .await
        .expect("it has taken over");
    assert_eq!((one.of(1), two.of(1)), (vec![1, 2], vec![3]));
    second.stop().await;
}

#[tokio::test]
async fn a_paused_one_keeps_its_lease_so_that_nobody_goes_on_in_its_place() {
    let (store, _clock) = store();
    let (one, two) = (Told::default(), Told::default());
    let first = runner(&store, &one, "one")
        .start()
        .expect("nothing is wrong");
    let last = close(&store).await;
    first.wait_for(&last, LONG).await.expect("it is passed");
    first.pause("mirror").await.expect("it is there");
    let second = runner(&store, &two, "two")
        .start()
        .expect("nothing is wrong");
    waits_for(&second, "one").await;
    let last = fill(&store, 1, 1).await;
    first.resume("mirror").expect("it is there");
    second.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!((one.of(1), two.of(1)), (vec![1], vec![]));
    second.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn when_the_active_one_is_killed_the_other_takes_over_when_its_lease_has_run_out() {
    let (store, clock) = store();
    let (one, two) = (Told::default(), Told::default());
    let killable = Arc::new(Killable::default());
    let spawner = Arc::clone(&killable) as Arc<dyn Spawner>;
    let first = runner(&store, &one, "one").with_spawner(spawner);
    let first = first.start().expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    first.wait_for(&last, LONG).await.expect("it is passed");
    let second = runner(&store, &two, "two")
        .start()
        .expect("nothing is wrong");
    waits_for(&second, "one").await;
    killable.kill().await;
    // It is not silent that its task is gone.
    assert!(status(&first, "mirror").await.state.is_stopped());
    let last = fill(&store, 1, 2).await;
    waits_for(&second, "one").await;
    assert_eq!(two.of(1), [0; 0]);
    clock.advance_micros(30_000);
    second
        .wait_for(&last, LONG)
        .await
        .expect("it has taken over");
    assert_eq!((one.of(1), two.of(1)), (vec![1], vec![2]));
    second.stop().await;
}

// S-12
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_runner_does_that_was_held_up_beyond_its_lease_is_refused() {
    let (store, clock) = store();
    let (one, two) = (Told::default(), Told::default());
    let (held, freed) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let gates = (Arc::clone(&held), Arc::clone(&freed));
    // The thread stands still in the handler, and its renewals with it.
    one.rule(move |event: &Filled, _: &Envelope<'_>| {
        if event.coins == 2 {
            gates.0.wait();
            gates.1.wait();
        }
        Ok::<(), HandlerError>(())
    });
    let first = runner(&store, &one, "one")
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    first.wait_for(&last, LONG).await.expect("it is passed");
    let second = runner(&store, &two, "two")
        .start()
        .expect("nothing is wrong");
    waits_for(&second, "one").await;
    let last = fill(&store, 1, 2).await;
    tokio::task::spawn_blocking(move || held.wait())
        .await
        .expect("it is in the handler");
    clock.advance_micros(30_000);
    second
        .wait_for(&last, LONG)
        .await
        .expect("it has taken over");
    let kept = status(&second, "mirror").await;
    // The first one goes on now, and would keep what it has done.
    tokio::task::spawn_blocking(move || freed.wait())
        .await
        .expect("it goes on");
    waits_for(&first, "two").await;
    let last = fill(&store, 1, 3).await;
    second.wait_for(&last, LONG).await.expect("it is active");
    assert_eq!(two.of(1), [2, 3], "nothing is moved under it");
    assert_eq!(kept.position.map(Position::number), Some(2));
    second.stop().await;
    first.stop().await;
}

// S-12
#[tokio::test]
async fn a_lost_lease_ends_what_is_being_handled() {
    let (store, clock) = store();
    let (slow, quick) = (Slow::<1>::default(), Slow::<1>::default());
    let runner = |what: &Slow<1>, name| {
        Runner::new(store.clone())
            .with_settings(what.clone(), settings())
            .with_holder(LeaseHolder::new(name).expect("a legal name"))
    };
    let holdable = Arc::new(Holdable::default());
    let first = runner(&slow, "one")
        .with_spawner(Arc::clone(&holdable) as Arc<dyn Spawner>)
        .start()
        .expect("nothing is wrong");
    fill(&store, 1, 1).await;
    slow.arrives().await;
    let second = runner(&quick, "two").start().expect("nothing is wrong");
    until(&second, "slow", |status| {
        matches!(status.state, ProjectionState::WaitingForLease { .. })
    })
    .await;
    quick.go_on(100);
    // The first one cannot renew its lease until the second one has it.
    holdable.hold();
    clock.advance_micros(30_000);
    quick.arrives().await;
    holdable.let_go();
    until(&first, "slow", |status| {
        matches!(status.state, ProjectionState::WaitingForLease { .. })
    })
    .await;
    // Its handler had no leave, and gets none: it was dropped.
    slow.go_on(100);
    let last = fill(&store, 1, 2).await;
    second
        .wait_for_one("slow", &last, LONG)
        .await
        .expect("it is active");
    assert_eq!((slow.told.of(1), quick.told.of(1)), (vec![], vec![1, 2]));
    second.stop().await;
    first.stop().await;
}
