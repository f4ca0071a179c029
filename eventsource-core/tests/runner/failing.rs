//! Events that cannot be delivered: tried again, stopped for, parked, replayed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use eventsource_core::{
    Generation, MemoryStore, OnFailure, Position, ProjectionState, Runner, RunnerHandle,
    projection::{Envelope, HandlerError},
    runner::{InMemoryState, StopReason, WaitError},
};

use crate::domain::{
    CURSED, Filled, LONG, Mirror, Thanks, Told, at_once, close, fill, status, totals, until,
};

/// Fails for one event as long as it is to.
fn cursed(told: &Told) -> Arc<AtomicBool> {
    let fails = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&fails);
    told.rule(move |event: &Filled, _: &Envelope<'_>| {
        if event.coins == CURSED && still.load(Ordering::SeqCst) {
            return Err(HandlerError::new("the curse"));
        }
        Ok(())
    });
    fails
}

fn start(store: &MemoryStore, told: &Told, what: OnFailure) -> RunnerHandle {
    let settings = at_once(3).on_failure(what);
    Runner::new(store.clone())
        .with_settings(Mirror::<1>(told.clone()), settings)
        .start()
        .expect("nothing is wrong")
}

#[tokio::test]
async fn an_event_that_fails_is_tried_again_alone_and_nothing_is_delivered_twice() {
    let store = MemoryStore::new();
    for coins in 1..=5 {
        fill(&store, 1, coins).await;
    }
    let told = Told::default();
    let attempts = Arc::new(AtomicU32::new(0));
    let tried = Arc::clone(&attempts);
    told.rule(move |event, _| {
        if event.coins == 3 && tried.fetch_add(1, Ordering::SeqCst) < 2 {
            return Err(HandlerError::new("not yet"));
        }
        Ok(())
    });
    let runner = start(&store, &told, OnFailure::Stop);
    let last = fill(&store, 2, 6).await;
    runner.wait_for(&last, LONG).await.expect("it passes");
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
    assert_eq!(told.of(1), [1, 2, 3, 4, 5]);
    let status = status(&runner, "mirror").await;
    let error = status.last_error.expect("it is told, though it is over");
    assert_eq!(error.error, "the handler failed: not yet");
    assert_eq!(error.event.expect("of an event").version.get(), 3);
    runner.stop().await;
}

#[tokio::test]
async fn an_event_that_fails_for_good_stops_the_projection_right_before_it_and_is_no_silence() {
    let store = MemoryStore::new();
    for coins in [1, 2, CURSED, 4] {
        fill(&store, 1, coins).await;
    }
    let told = Told::default();
    let fails = cursed(&told);
    let runner = start(&store, &told, OnFailure::Stop);
    let last = fill(&store, 2, 6).await;
    let error = runner.wait_for(&last, LONG).await.expect_err("it stops");
    assert!(matches!(error, WaitError::Stopped { .. }), "{error}");
    let stopped = status(&runner, "mirror").await;
    let ProjectionState::Stopped(StopReason::Event(event)) = &stopped.state else {
        panic!("{stopped:?}")
    };
    assert_eq!((event.version.get(), event.attempts), (3, 3));
    assert_eq!(stopped.position.map(Position::number), Some(2));
    assert_eq!((stopped.lag_events, stopped.parked), (3, 0));
    assert!(!stopped.is_at_head());
    assert_eq!(told.seen().len(), 2, "nothing behind it is delivered");
    // When it is mended, it goes on with this event.
    fails.store(false, Ordering::SeqCst);
    runner.resume("mirror").expect("it is there");
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(told.of(1), [1, 2, CURSED, 4]);
    runner.stop().await;
}

// K-06, K-07
#[tokio::test]
async fn a_parked_event_takes_its_followers_with_it_in_order_and_no_others() {
    let store = MemoryStore::new();
    let told = Told::default();
    let fails = cursed(&told);
    let runner = start(&store, &told, OnFailure::Park);
    for coins in [1, CURSED, 3] {
        fill(&store, 1, coins).await;
        fill(&store, 2, coins.abs()).await;
    }
    let others = fill(&store, 2, 9).await;
    runner.wait_for(&others, LONG).await.expect("others flow");
    assert_eq!(told.of(1), [1]);
    assert_eq!(told.of(2), [1, 13, 3, 9]);
    let parked = status(&runner, "mirror").await;
    assert_eq!((parked.parked, parked.lag_events), (2, 0));
    assert!(!parked.is_at_head(), "what is parked is behind");
    // What comes for that stream waits behind it, and who waits for it is told.
    let follower = fill(&store, 1, 4).await;
    let error = runner.wait_for(&follower, LONG).await.expect_err("parked");
    assert!(
        matches!(&error, WaitError::Parked { stream, .. } if stream.id() == "1"),
        "{error}"
    );

    // Its stream is parked already, so that nobody waited for itself to be.
    until(&runner, "mirror", |status| status.parked == 3).await;
    // It fails again: it stays first, and nothing overtakes it.
    let again = runner.replay_parked("mirror").await.expect("it runs");
    assert_eq!(again.delivered, 0);
    assert_eq!(again.left.len(), 1);
    assert_eq!(again.left[0].error, "the handler failed: the curse");
    assert_eq!(told.of(1), [1]);
    assert_eq!(status(&runner, "mirror").await.parked, 3);

    // It is mended, and everything comes in its order; what comes then flows again.
    fails.store(false, Ordering::SeqCst);
    let cleared = runner.replay_parked("mirror").await.expect("it runs");
    assert_eq!((cleared.delivered, cleared.left.len()), (3, 0));
    let last = fill(&store, 1, 5).await;
    runner
        .wait_for(&last, LONG)
        .await
        .expect("nothing is parked");
    assert_eq!(told.of(1), [1, CURSED, 3, 4, 5]);
    let status = status(&runner, "mirror").await;
    assert_eq!(status.parked, 0);
    assert!(status.is_at_head());
    runner.stop().await;
}

#[tokio::test]
async fn what_is_parked_stays_parked_over_a_restart_and_a_replay_stops_at_what_fails_in_the_middle()
{
    let store = MemoryStore::new();
    let told = Told::default();
    let fails = cursed(&told);
    for coins in [CURSED, 2, CURSED, 4] {
        fill(&store, 1, coins).await;
    }
    let runner = start(&store, &told, OnFailure::Park);
    let last = close(&store).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    runner.stop().await;
    assert!(told.seen().is_empty());

    let runner = start(&store, &told, OnFailure::Park);
    let behind = fill(&store, 1, 5).await;
    let error = runner.wait_for(&behind, LONG).await.expect_err("parked");
    assert!(matches!(error, WaitError::Parked { .. }), "{error}");
    until(&runner, "mirror", |status| status.parked == 5).await;
    // The first of the two passes now, the second does not.
    let first = AtomicBool::new(true);
    told.rule(move |event, _| {
        if event.coins == CURSED && !first.swap(false, Ordering::SeqCst) {
            return Err(HandlerError::new("the curse"));
        }
        Ok(())
    });
    let some = runner.replay_parked("mirror").await.expect("it runs");
    assert_eq!((some.delivered, some.left.len()), (2, 1));
    assert_eq!(told.of(1), [CURSED, 2]);
    assert_eq!(status(&runner, "mirror").await.parked, 3);
    drop(fails);
    told.rule(|_, _| Ok(()));
    let rest = runner.replay_parked("mirror").await.expect("it runs");
    assert_eq!((rest.delivered, rest.left.len()), (3, 0));
    assert_eq!(told.of(1), [CURSED, 2, CURSED, 4, 5]);
    runner.stop().await;
}

// D19
#[tokio::test]
async fn one_that_always_fails_leaves_nine_others_at_head() {
    let store = MemoryStore::new();
    let bad = Told::default();
    bad.rule(|_, _| Err(HandlerError::new("never")));
    let good = Told::default();
    let models = crate::domain::numbered();
    let runner = Runner::new(store.clone())
        .with_settings(Mirror::<1>(bad), at_once(2))
        .with(Thanks(good.clone()))
        .with(models.0)
        .with(models.1)
        .with(models.2)
        .with(models.3)
        .with(models.4)
        .with(models.5)
        .with(models.6)
        .with(models.7)
        .start()
        .expect("nothing is wrong");
    // The reaction begins with what comes after its start.
    until(&runner, "thanks", |status| status.generation.is_some()).await;
    let mut last = None;
    for coins in 1..=20 {
        last = Some(fill(&store, coins % 3, 1).await);
    }
    let last = last.expect("twenty");
    for status in runner.status().await.expect("readable") {
        let waited = runner.wait_for_one(status.name.as_str(), &last, LONG).await;
        if status.name == "mirror" {
            let error = waited.expect_err("it fails always");
            assert!(matches!(error, WaitError::Stopped { .. }), "{error}");
        } else {
            waited.expect("it is not harmed");
        }
    }
    let all = runner.status().await.expect("readable");
    let at_head = all
        .iter()
        .filter(|status| status.is_at_head() && status.state.is_live());
    assert_eq!((all.len(), at_head.count()), (10, 9), "{all:#?}");
    assert_eq!(good.seen().len(), 20);
    runner.stop().await;
}

#[tokio::test]
async fn a_read_model_in_memory_that_panics_stops_and_is_built_anew_when_it_is_resumed() {
    let store = MemoryStore::new();
    for coins in [1, CURSED, 3] {
        fill(&store, 1, coins).await;
    }
    let totals = totals();
    let runner = Runner::new(store.clone())
        .with_settings(totals.clone(), at_once(5).on_failure(OnFailure::Park))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 4).await;
    let error = runner.wait_for(&last, LONG).await.expect_err("it panics");
    let WaitError::Stopped { reason, .. } = &error else {
        panic!("{error}")
    };
    let StopReason::Event(event) = reason else {
        panic!("{reason}")
    };
    assert_eq!((event.version.get(), event.attempts), (2, 1));
    assert!(totals.read(InMemoryState::is_torn));
    // It stops each time, and each time it begins with the first event.
    runner.resume("totals").expect("it is there");
    let again = runner.wait_for(&last, LONG).await.expect_err("it panics");
    assert!(matches!(again, WaitError::Stopped { .. }), "{again}");
    assert_eq!(totals.read(|totals| totals.seen.clone()), [1]);
    let status = status(&runner, "totals").await;
    assert_eq!(status.generation.map(Generation::number), Some(2));
    runner.stop().await;
}
