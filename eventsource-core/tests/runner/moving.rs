//! What is read goes on being kept up, whatever else its runner does.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use eventsource_core::{
    Append, EventId, EventStore, Expected, IdSource, InMemory, MemoryStore, NewEvent, OnFailure,
    Position, ProjectionState, RetryPolicy, RunSettings, Runner, Spawner, StoredPayload, StreamId,
    Task, Timer, Timestamp, UuidV7,
    projection::{Envelope, HandlerError, Handles, Projection, Source},
};

use crate::{
    domain::{CURSED, Jar, LONG, Mirror, Slow, Told, at_once, close, fill, totals, until},
    unready::Unready,
};

/// What is there at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the store in memory does not wait"),
    }
}

/// Fills a jar with one coin, so many times, in one step.
async fn fill_often(store: &MemoryStore, jar: u64, times: usize) {
    let event = || {
        NewEvent::new(
            EventId::new(UuidV7.next_id()),
            "jar.filled".parse().expect("a legal name"),
            1,
            StoredPayload::json(b"{\"coins\":1}"),
            Timestamp::EPOCH,
        )
    };
    let stream = StreamId::of::<Jar>(&jar).expect("a legal stream");
    let events: Vec<_> = (0..times).map(|_| event()).collect();
    store
        .append(Append::to(stream, Expected::Any, events))
        .await
        .expect("appended");
}

/// What happens at an event, by the build that it is delivered to.
type Hook = Arc<dyn Fn(u64, Position) + Send + Sync>;

/// A read model of which each build has a number.
struct Numbered {
    build: u64,
    hook: Hook,
}

impl Projection for Numbered {
    const NAME: &'static str = "numbered";
    const VERSION: u32 = 1;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

impl Handles for Numbered {
    fn handle(&mut self, _: &dyn std::any::Any, envelope: &Envelope<'_>) {
        (self.hook)(self.build, envelope.position());
    }
}

/// The first state is the one that is there before any build, so that builds begin with 1.
fn numbered(hook: impl Fn(u64, Position) + Send + Sync + 'static) -> InMemory<Numbered> {
    let (builds, hook) = (AtomicU64::new(0), Arc::new(hook) as Hook);
    InMemory::new(move || Numbered {
        build: builds.fetch_add(1, Ordering::SeqCst),
        hook: Arc::clone(&hook),
    })
}

#[tokio::test]
async fn what_is_read_is_kept_up_while_another_build_catches_up() {
    const STORED: u64 = 5_000;
    let store = MemoryStore::new();
    fill_often(&store, 1, STORED as usize).await;
    let came = Arc::new(Mutex::new(Vec::new()));
    let model = {
        let (store, came) = (store.clone(), Arc::clone(&came));
        let is_first = AtomicBool::new(true);
        numbered(move |build, position| {
            came.lock()
                .expect("no panic")
                .push((build, position.number()));
            // The rebuild has begun.
            if build == 2 && position.number() == 50 && is_first.swap(false, Ordering::SeqCst) {
                now(fill(&store, 2, 1));
            }
        })
    };
    let runner = Runner::new(Unready::new(store.clone()))
        .with_settings(model, RunSettings::default().with_batch(10))
        .start()
        .expect("nothing is wrong");
    until(&runner, "numbered", |status| status.state.is_live()).await;
    runner.rebuild("numbered").await.expect("it catches up");
    let came = came.lock().expect("no panic").clone();
    let place = |what| came.iter().position(|one| *one == what);
    let live = place((1, STORED + 1)).expect("what is read has it, too");
    let last = place((2, STORED)).expect("the rebuild has everything");
    assert!(
        live < last,
        "it came to what is read at {live}, and the rebuild had caught up at {last}"
    );
    runner.stop().await;
}

#[tokio::test]
async fn what_is_read_is_kept_up_while_parked_events_are_delivered_again() {
    const FOLLOWERS: usize = 300;
    let store = MemoryStore::new();
    let slow = Slow::<1>::default();
    let is_cursed = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&is_cursed);
    slow.told.rule(move |event, _| {
        if event.coins == CURSED && still.load(Ordering::SeqCst) {
            return Err(HandlerError::new("the curse"));
        }
        Ok(())
    });
    slow.go_on(1);
    fill(&store, 1, CURSED).await;
    fill_often(&store, 1, FOLLOWERS).await;
    let runner = Runner::new(Unready::new(store.clone()))
        .with_settings(slow.clone(), at_once(1).on_failure(OnFailure::Park))
        .start()
        .expect("nothing is wrong");
    slow.arrives().await;
    let all = FOLLOWERS as u64 + 1;
    until(&runner, "slow", |status| {
        status.parked == all && status.state.is_live()
    })
    .await;
    is_cursed.store(false, Ordering::SeqCst);
    let replay = runner.replay_parked("slow");
    let meanwhile = async {
        slow.arrives().await;
        fill(&store, 2, 7).await;
        slow.go_on(1_000);
    };
    let (replayed, ()) = tokio::join!(replay, meanwhile);
    assert_eq!(replayed.expect("it runs").delivered, all);
    let seen = slow.told.seen();
    let other = seen.iter().position(|(jar, ..)| jar == "2");
    let other = other.expect("it is delivered before the replay ends");
    assert!(other < 100, "it came after {other} parked ones");
    let of_1: Vec<_> = seen.iter().filter(|(jar, ..)| jar == "1").collect();
    assert!(
        of_1.is_sorted_by_key(|(_, version, _)| *version),
        "in their order"
    );
    runner.stop().await;
}

/// Has tasks on the test's own thread.
#[derive(Debug)]
struct Here;

impl Spawner for Here {
    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }
}

#[tokio::test]
async fn a_runner_that_catches_up_leaves_time_to_others_of_its_thread() {
    const BATCHES: u64 = 200;
    let store = MemoryStore::new();
    fill_often(&store, 1, 10 * BATCHES as usize).await;
    let ticks = Arc::new(AtomicU64::new(0));
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let model = {
        let (ticks, seen) = (Arc::clone(&ticks), Arc::clone(&seen));
        numbered(move |_, position| {
            let ticks = ticks.load(Ordering::SeqCst);
            seen.lock()
                .expect("no panic")
                .insert(position.number(), ticks);
        })
    };
    let ticking = tokio::spawn({
        let ticks = Arc::clone(&ticks);
        async move {
            loop {
                ticks.fetch_add(1, Ordering::SeqCst);
                // At the end of the queue, where tokio's own would wait for whatever goes on waking itself.
                let mut had = false;
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    if std::mem::replace(&mut had, true) {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
            }
        }
    });
    let runner = Runner::new(store.clone())
        .with_settings(model, RunSettings::default().with_batch(10))
        .with_spawner(Arc::new(Here))
        .start()
        .expect("nothing is wrong");
    let last = close(&store).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    ticking.abort();
    let seen = seen.lock().expect("no panic");
    let (first, last) = (seen[&1], seen[&(10 * BATCHES)]);
    assert!(
        last - first >= BATCHES - 1,
        "another task had {} turns",
        last - first
    );
    runner.stop().await;
}

/// A wait of no time is over when it begins, and no other one ever.
#[derive(Debug)]
struct NoTime;

impl Timer for NoTime {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if delay.is_zero() {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }
}

/// The store is always ready, and never at its end as long as the flow lasts.
#[tokio::test]
async fn a_checkpoint_is_kept_in_time_while_a_flow_of_unlisted_events_goes_on() {
    const FLOW: u64 = 5_000;
    let store = MemoryStore::new();
    let looks = Arc::new(AtomicU64::new(0));
    // When something was kept first.
    let kept = Arc::new(OnceLock::new());
    let at_head = {
        let (store, looks, kept) = (store.clone(), Arc::clone(&looks), Arc::clone(&kept));
        move || {
            let look = looks.fetch_add(1, Ordering::SeqCst);
            if look >= FLOW {
                return;
            }
            now(close(&store));
            let name = "mirror".parse().expect("a legal name");
            let keeper = store.projections().expect("it keeps them");
            let stored = now(keeper.find_projection(&name)).expect("readable");
            let checkpoint = stored.and_then(|stored| stored.live()?.checkpoint);
            if checkpoint.is_some() {
                kept.get_or_init(|| look);
            }
        }
    };
    let settings = RunSettings::default().with_checkpoint_after(Duration::ZERO);
    let runner = Runner::new(Unready::always_ready(store.clone(), at_head))
        .with_settings(Mirror::<1>(Told::default()), settings)
        .with_timer(Arc::new(NoTime))
        .start()
        .expect("nothing is wrong");
    while looks.load(Ordering::SeqCst) < FLOW {
        tokio::task::yield_now().await;
    }
    let look = kept.get().expect("it was kept before the flow was over");
    assert!(*look < 100, "kept at look {look}");
    runner.stop().await;
}

// A store that fails for one of two builds.
#[tokio::test]
async fn waits_grow_while_one_build_fails_and_another_one_does_not() {
    let store = MemoryStore::new();
    fill_often(&store, 1, 3).await;
    let unready = Arc::new(Unready::new(store.clone()));
    let waits =
        RetryPolicy::default().with_delays(Duration::from_millis(1), Duration::from_millis(2));
    let runner = Runner::new(Arc::clone(&unready))
        .with_settings(totals(), RunSettings::default().with_retry(waits))
        .start()
        .expect("nothing is wrong");
    until(&runner, "totals", |status| status.state.is_live()).await;
    unready.fails_from_the_start.store(true, Ordering::SeqCst);
    let rebuild = runner.rebuild("totals");
    let meanwhile = async {
        until(&runner, "totals", |status| {
            matches!(status.state, ProjectionState::Retrying { attempts, .. } if attempts >= 5)
        })
        .await;
        // What is read is kept up all the same.
        let last = fill(&store, 2, 1).await;
        runner.wait_for(&last, LONG).await.expect("it is passed");
        unready.fails_from_the_start.store(false, Ordering::SeqCst);
    };
    let (rebuilt, ()) = tokio::join!(rebuild, meanwhile);
    rebuilt.expect("the store can be read again");
    runner.stop().await;
}
