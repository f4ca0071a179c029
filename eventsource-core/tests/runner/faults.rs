//! A store that fails, answers that are lost, tasks that are dropped.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use eventsource_core::{
    Clock, ManualClock, MemoryStore, Runner, Spawner, Task, Timestamp,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_testing::suite::Script;

use crate::domain::{LONG, Mirror, Slow, Told, at_once, fill, status, totals, until};

/// Fails at one of so many times, before the commit or after it.
#[derive(Debug)]
struct Sometimes {
    fails: AtomicBool,
    point: FaultPoint,
    one_of: u32,
    times: AtomicU32,
}

impl FaultHook for Sometimes {
    fn at(&self, point: FaultPoint) -> FaultAction {
        if point != self.point || !self.fails.load(Ordering::SeqCst) {
            return FaultAction::GoOn;
        }
        let time = self.times.fetch_add(1, Ordering::SeqCst);
        if time.is_multiple_of(self.one_of) {
            FaultAction::Fail
        } else {
            FaultAction::GoOn
        }
    }
}

/// The store fails at each point in turn, among them the first lease, the first build and each checkpoint.
#[tokio::test]
async fn what_the_store_fails_to_do_or_to_say_is_waited_out_and_nothing_is_delivered_twice() {
    for point in [FaultPoint::BeforeCommit, FaultPoint::AfterCommit] {
        for one_of in [2, 3] {
            let hook = Arc::new(Sometimes {
                fails: AtomicBool::new(false),
                point,
                one_of,
                times: AtomicU32::new(0),
            });
            let store = MemoryStore::with_faults(Arc::clone(&hook) as Arc<dyn FaultHook>);
            let mut last = None;
            for coins in 1..=10 {
                last = Some(fill(&store, coins % 3, i64::try_from(coins).expect("small")).await);
            }
            hook.fails.store(true, Ordering::SeqCst);
            let told = Told::default();
            let totals = totals();
            let runner = Runner::new(store.clone())
                .with_settings(Mirror::<1>(told.clone()), at_once(2).with_batch(1))
                .with_settings(totals.clone(), at_once(2))
                .start()
                .expect("nothing is wrong");
            let last = last.expect("ten");
            runner.wait_for(&last, LONG).await.expect("it passes");
            let coins: Vec<_> = told.seen().into_iter().map(|(.., coins)| coins).collect();
            assert_eq!(
                coins,
                (1..=10).collect::<Vec<_>>(),
                "{point:?}, one of {one_of}"
            );
            assert_eq!(totals.read(|totals| totals.seen.len()), 10);
            let error = status(&runner, "mirror").await.last_error;
            assert!(error.is_some(), "{point:?}: it is told");
            hook.fails.store(false, Ordering::SeqCst);
            runner.stop().await;
        }
    }
}

#[tokio::test]
async fn a_store_that_fails_for_ever_keeps_nobody_from_stopping() {
    for works in 0..4 {
        let times = AtomicU32::new(0);
        let hook = Script::new(move |point| {
            let is_change = point == FaultPoint::BeforeCommit;
            if is_change && times.fetch_add(1, Ordering::SeqCst) >= works {
                FaultAction::Fail
            } else {
                FaultAction::GoOn
            }
        });
        let store = MemoryStore::with_faults(Arc::new(hook));
        let runner = Runner::new(store.clone())
            .with_settings(Mirror::<1>(Told::default()), at_once(2))
            .start()
            .expect("nothing is wrong");
        until(&runner, "mirror", |status| {
            status.last_error.is_some() || status.state.is_live()
        })
        .await;
        runner.stop().await;
        assert!(status(&runner, "mirror").await.state.is_stopped());
    }
}

/// Polls a task so many times, and drops it then.
#[derive(Debug)]
struct Polls {
    times: u32,
    ended: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Spawner for Polls {
    fn spawn(&self, task: Task) {
        let times = self.times;
        let polled = tokio::spawn(async move {
            let mut task = pin!(task);
            let mut left = times;
            poll_fn(|cx| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                // Each poll but the last has another one behind it.
                cx.waker().wake_by_ref();
                task.as_mut().poll(cx)
            })
            .await;
        });
        *self.ended.lock().expect("nobody panics") = Some(polled);
    }
}

#[tokio::test]
async fn a_task_may_be_dropped_at_each_of_its_awaits_and_the_next_one_misses_nothing() {
    let mut most = 0;
    for times in 0..40 {
        let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        let store = MemoryStore::with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let settings = at_once(2).with_lease(Duration::from_millis(30));
        for coins in 1..=4 {
            fill(&store, 1, coins).await;
        }
        let slow = Slow::<1>::default();
        slow.go_on(3);
        let polls = Arc::new(Polls {
            times,
            ended: Mutex::default(),
        });
        let runner = Runner::new(store.clone())
            .with_settings(slow.clone(), settings.with_batch(2))
            .with_spawner(Arc::clone(&polls) as Arc<dyn Spawner>)
            .start()
            .expect("nothing is wrong");
        let ended = polls.ended.lock().expect("nobody panics").take();
        ended
            .expect("it was spawned")
            .await
            .expect("it does not panic");
        assert!(status(&runner, "slow").await.state.is_stopped());
        let before = slow.told.seen().len();
        most = most.max(before);
        // Its lease was not given back.
        clock.advance_micros(30_000);
        slow.go_on(100);
        let next = Runner::new(store.clone())
            .with_settings(slow.clone(), settings)
            .start()
            .expect("nothing is wrong");
        drop(runner);
        let last = fill(&store, 1, 5).await;
        next.wait_for(&last, LONG).await.expect("it goes on");
        let seen = slow.told.of(1);
        // What was delivered without a checkpoint comes again, from the checkpoint on, and nothing is left out.
        let again = seen.len() - 5;
        assert!(again <= 2, "{times}: {seen:?}");
        assert_eq!(seen[before..].last(), Some(&5));
        let first_again = i64::try_from(before - again + 1).expect("small");
        assert_eq!(
            seen[before..],
            (first_again..=5).collect::<Vec<_>>(),
            "{times}"
        );
        next.stop().await;
    }
    assert_eq!(most, 3, "some drops were late");
}
