//! What is delivered: each listed event once, in the order of the store.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use eventsource_core::{
    EventStore, MemoryStore, Position, ProjectionState, RunSettings, Runner, runner::StartError,
};

use crate::domain::{LONG, Mirror, Slow, Thanks, Told, close, fill, status, totals, until};

#[tokio::test]
async fn a_read_model_in_memory_is_built_from_what_is_stored_and_then_from_what_comes() {
    let store = MemoryStore::new();
    fill(&store, 1, 3).await;
    close(&store).await;
    let totals = totals();
    let runner = Runner::new(store.clone())
        .with(totals.clone())
        .start()
        .expect("nothing is wrong");
    fill(&store, 2, 5).await;
    let last = fill(&store, 1, 4).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    totals.read(|totals| {
        assert_eq!(totals.coins["1"], 7);
        assert_eq!(totals.coins["2"], 5);
        assert_eq!(totals.seen, [1, 3, 4]);
        assert_eq!(totals.position(), last.position());
    });
    runner.stop().await;
}

#[tokio::test]
async fn each_event_is_delivered_once_and_in_order_whatever_the_batches_are() {
    for batch in [0, 1, 2, 3, 7, 100, usize::MAX] {
        let store = MemoryStore::new();
        for coins in 1..=10 {
            fill(&store, 1, coins).await;
        }
        let told = Told::default();
        let settings = RunSettings::default().with_batch(batch);
        let runner = Runner::new(store.clone())
            .with_settings(Mirror::<1>(told.clone()), settings)
            .start()
            .expect("nothing is wrong");
        let last = fill(&store, 1, 11).await;
        runner.wait_for(&last, LONG).await.expect("it is passed");
        assert_eq!(
            told.of(1),
            (1..=11).collect::<Vec<_>>(),
            "batches of {batch}"
        );
        runner.stop().await;
    }
}

#[tokio::test]
async fn a_projection_goes_on_behind_its_checkpoint() {
    let store = MemoryStore::new();
    let told = Told::default();
    for coins in 1..=5 {
        let last = fill(&store, 1, coins).await;
        let runner = Runner::new(store.clone())
            .with(Mirror::<1>(told.clone()))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        runner.stop().await;
    }
    assert_eq!(told.of(1), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_reaction_begins_with_what_comes_after_its_first_start_and_goes_on_there() {
    let store = MemoryStore::new();
    let told = Told::default();
    fill(&store, 1, 1).await;
    for coins in [2, 3] {
        let runner = Runner::new(store.clone())
            .with(Thanks(told.clone()))
            .start()
            .expect("nothing is wrong");
        if coins == 2 {
            // Its beginning is kept before the first event is delivered.
            until(&runner, "thanks", |status| status.generation.is_some()).await;
        }
        let last = fill(&store, 1, coins).await;
        runner
            .wait_for_one("thanks", &last, LONG)
            .await
            .expect("it is passed");
        runner.stop().await;
    }
    assert_eq!(told.of(1), [2, 3]);
    let ids = told.ids();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn two_projections_of_one_name_are_refused_and_nothing_begins() {
    let store = MemoryStore::new();
    let told = Told::default();
    let refused = Runner::new(store)
        .with(Mirror::<1>(told.clone()))
        .with(totals())
        .with(Mirror::<1>(told))
        .start()
        .expect_err("two mirrors");
    assert!(
        matches!(&refused, StartError::NameTwice { name } if *name == "mirror"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_read_model_in_memory_is_built_by_one_runner_at_a_time() {
    let store = MemoryStore::new();
    let totals = totals();
    let start = || Runner::new(store.clone()).with(totals.clone()).start();
    let first = start().expect("nothing is wrong");
    let refused = start().expect_err("it is built already");
    assert!(matches!(&refused, StartError::InUse { name } if *name == "totals"));
    first.stop().await;
    let again = start().expect("nobody builds it any more");
    let last = fill(&store, 1, 2).await;
    again.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(totals.read(|totals| totals.coins["1"]), 2);
}

#[tokio::test]
async fn a_status_says_where_it_is_and_that_it_is_live() {
    let store = MemoryStore::new();
    let totals = totals();
    let runner = Runner::new(store.clone())
        .with(totals.clone())
        .start()
        .expect("nothing is wrong");
    fill(&store, 1, 2).await;
    let last = close(&store).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    let status = status(&runner, "totals").await;
    assert!(matches!(status.state, ProjectionState::Live), "{status:?}");
    assert_eq!(status.position, last.position());
    assert_eq!(status.head, store.head().await.expect("readable"));
    assert_eq!(status.lag_events, 0);
    assert!(status.is_at_head());
    assert!(status.lag.is_zero());
    assert_eq!(status.version, Some(1));
    assert!(status.last_error.is_none());
    runner.stop().await;
}

async fn kept(store: &MemoryStore) -> Option<Position> {
    let name = "mirror".parse().expect("a legal name");
    let kept = store.projections().expect("it keeps them");
    let kept = kept.find_projection(&name).await.expect("readable");
    kept.and_then(|kept| kept.live()?.checkpoint)
}

// S-08, S-20
#[tokio::test]
async fn what_is_not_listed_moves_the_checkpoint_too_after_a_while_and_not_for_each_event() {
    let store = MemoryStore::new();
    let start = |after| {
        let settings = RunSettings::default().with_checkpoint_after(after);
        Runner::new(store.clone())
            .with_settings(Mirror::<1>(Told::default()), settings)
            .start()
            .expect("nothing is wrong")
    };
    let runner = start(Duration::from_secs(3600));
    let first = fill(&store, 1, 1).await;
    runner.wait_for(&first, LONG).await.expect("it is passed");
    assert_eq!(kept(&store).await, first.position());
    for _ in 0..3 {
        let foreign = close(&store).await;
        runner.wait_for(&foreign, LONG).await.expect("it is passed");
        assert_eq!(status(&runner, "mirror").await.position, foreign.position());
        assert_eq!(
            kept(&store).await,
            first.position(),
            "no commit for each of them"
        );
    }
    // What was passed need not be passed again.
    runner.stop().await;
    assert_eq!(kept(&store).await.map(Position::number), Some(4));

    let runner = start(Duration::from_millis(1));
    let foreign = close(&store).await;
    while kept(&store).await != foreign.position() {
        tokio::task::yield_now().await;
    }
    runner.stop().await;
}

// S-07, S-25
#[tokio::test]
async fn from_each_checkpoint_exactly_the_rest_is_delivered() {
    for stop_after in 0..6 {
        let store = MemoryStore::new();
        let slow = Slow::<1>::default();
        slow.go_on(stop_after);
        let settings = RunSettings::default().with_batch(1);
        let start = || {
            let runner = Runner::new(store.clone()).with_settings(slow.clone(), settings);
            runner.start().expect("nothing is wrong")
        };
        let mut last = None;
        for coins in 1..=6 {
            close(&store).await;
            last = Some(fill(&store, 1, coins).await);
        }
        let runner = start();
        for _ in 0..=stop_after {
            slow.arrives().await;
        }
        // One event is in its handler, and is not kept.
        let stopping = runner.clone();
        let mut stop = pin!(stopping.stop());
        let waits = stop.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(waits.is_pending(), "an event is in its handler");
        slow.go_on(1);
        stop.await;
        assert_eq!(slow.told.of(1).len(), stop_after + 1);
        let runner = start();
        slow.go_on(100);
        let last = last.expect("six");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        assert_eq!(
            slow.told.of(1),
            [1, 2, 3, 4, 5, 6],
            "stopped after {stop_after}"
        );
        runner.stop().await;
    }
}

// What is read ahead beside a delivery has no other bound than what is there.
#[tokio::test]
async fn a_batch_may_be_as_long_as_it_can_be() {
    let store = MemoryStore::new();
    for coins in 1..=10 {
        fill(&store, 1, coins).await;
    }
    let slow = Slow::<1>::default();
    let settings = RunSettings::default().with_batch(usize::MAX);
    let runner = Runner::new(store.clone())
        .with_settings(slow.clone(), settings)
        .start()
        .expect("nothing is wrong");
    slow.arrives().await;
    let last = fill(&store, 1, 11).await;
    slow.go_on(11);
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(slow.told.of(1), (1..=11).collect::<Vec<_>>());
    runner.stop().await;
}
