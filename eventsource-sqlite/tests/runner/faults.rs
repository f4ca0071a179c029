//! Answers that are lost, and tasks that are dropped: each event is in the tables once all the same.

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
    Clock, ManualClock, Position, Runner, Spawner, Task, Timestamp,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_sqlite::{SqliteOptions, SqliteStore};
use eventsource_testing::suite::Script;

use crate::domain::{Bank, Holdings, LONG, Reads, at_once, fill, status};

#[tokio::test]
async fn a_commit_of_which_nobody_knows_is_looked_for_and_not_repeated() {
    for point in [FaultPoint::BeforeCommit, FaultPoint::AfterCommit] {
        let bank = Bank::new();
        let (fails, times) = (Arc::new(AtomicBool::new(false)), AtomicU32::new(0));
        let still = Arc::clone(&fails);
        let hook = Script::new(move |at| {
            let is_time = at == point && still.load(Ordering::SeqCst);
            if is_time && times.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
                FaultAction::Fail
            } else {
                FaultAction::GoOn
            }
        });
        let options =
            SqliteOptions::new(&bank.path).with_faults(Arc::new(hook) as Arc<dyn FaultHook>);
        let store = SqliteStore::open_with(options).await.unwrap();
        let mut last = None;
        for coins in 1..=30 {
            last = Some(fill(&store, coins % 3, 1).await);
        }
        fails.store(true, Ordering::SeqCst);
        let runner = Runner::new(store.clone())
            .with_settings(Holdings::<1>::default(), at_once(2).with_batch(4))
            .start()
            .unwrap();
        runner.wait_for(&last.unwrap(), LONG).await.unwrap();
        assert!(
            status(&runner).await.last_error.is_some(),
            "{point:?}: it is told"
        );
        fails.store(false, Ordering::SeqCst);
        assert_eq!(Reads::open(&bank.path).await.count().await, 30, "{point:?}");
        runner.stop().await;
        store.close().await;
    }
}

/// Drops a task after so many polls.
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
                task.as_mut().poll(cx)
            })
            .await;
        });
        *self.ended.lock().unwrap() = Some(polled);
    }
}

#[tokio::test]
async fn a_task_may_be_dropped_at_each_of_its_awaits_and_every_event_is_there_once() {
    let mut most = 0;
    for times in 1..25 {
        let bank = Bank::new();
        let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        let options =
            SqliteOptions::new(&bank.path).with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let store = SqliteStore::open_with(options).await.unwrap();
        for coins in 1..=6 {
            fill(&store, 1, coins).await;
        }
        let settings = at_once(2)
            .with_batch(2)
            .with_lease(Duration::from_millis(60));
        let polls = Arc::new(Polls {
            times,
            ended: Mutex::default(),
        });
        let first = Runner::new(store.clone())
            .with_settings(Holdings::<1>::default(), settings)
            .with_spawner(Arc::clone(&polls) as Arc<dyn Spawner>)
            .start()
            .unwrap();
        let ended = polls.ended.lock().unwrap().take().unwrap();
        ended.await.unwrap();
        assert!(status(&first).await.state.is_stopped());
        let before = status(&first).await.position.map_or(0, Position::number);
        most = most.max(before);
        clock.advance_micros(60_000);
        let next = Runner::new(store.clone())
            .with_settings(Holdings::<1>::default(), settings)
            .start()
            .unwrap();
        let last = fill(&store, 1, 7).await;
        next.wait_for(&last, LONG).await.unwrap();
        let reads = Reads::open(&bank.path).await;
        assert_eq!(reads.fills(1).await, [1, 2, 3, 4, 5, 6, 7], "{times}");
        assert_eq!(reads.count().await, 7);
        next.stop().await;
        store.close().await;
    }
    assert_eq!(most, 6, "some drops were late");
}
