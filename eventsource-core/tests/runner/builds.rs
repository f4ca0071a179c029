//! Building anew: for a raised version, on request, beside what is read.

use std::sync::atomic::Ordering;

use eventsource_core::{
    EventStore, Generation, InMemory, MemoryStore, ProjectionState, Runner,
    projection::HandlerError,
    runner::{CommandError, StopReason, WaitError},
};

use crate::domain::{
    CURSE, Cursable, Filled, LONG, Mirror, Redefined, Slow, Told, at_once, fill, status, totals,
    until,
};

#[tokio::test]
async fn a_raised_version_is_built_from_the_first_event_on_and_then_takes_over() {
    let store = MemoryStore::new();
    let told = Told::default();
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    let mut last = fill(&store, 1, 1).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    runner.stop().await;

    let anew = Told::default();
    let runner = Runner::new(store.clone())
        .with(Mirror::<2>(anew.clone()))
        .start()
        .expect("nothing is wrong");
    last = fill(&store, 1, 2).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(anew.of(1), [1, 2]);
    let raised = status(&runner, "mirror").await;
    assert_eq!(raised.version, Some(2));
    assert_eq!(raised.generation.map(Generation::number), Some(2));
    assert!(raised.rebuild.is_none());
    runner.stop().await;
    let name = "mirror".parse().expect("a legal name");
    let kept = store.projections().expect("it keeps them");
    let kept = kept
        .find_projection(&name)
        .await
        .expect("readable")
        .expect("kept");
    assert_eq!(kept.generations.len(), 1, "the old build is gone: {kept:?}");

    // Older code must not touch it.
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    let error = runner.wait_for(&last, LONG).await.expect_err("it is old");
    let WaitError::Stopped { reason, .. } = &error else {
        panic!("{error}")
    };
    assert!(
        matches!(reason, StopReason::Superseded { stored: 2, code: 1 }),
        "{reason}"
    );
    assert_eq!(told.of(1), [1]);
    runner.stop().await;
}

// S-26
#[tokio::test]
async fn another_definition_under_the_same_version_stops_and_says_to_raise_it() {
    let store = MemoryStore::new();
    let told = Told::default();
    let last = fill(&store, 1, 1).await;
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told))
        .start()
        .expect("nothing is wrong");
    runner.wait_for(&last, LONG).await.expect("it is passed");
    runner.stop().await;
    let runner = Runner::new(store.clone())
        .with(Redefined)
        .start()
        .expect("nothing is wrong");
    let error = runner
        .wait_for(&last, LONG)
        .await
        .expect_err("it is another");
    let WaitError::Stopped { reason, .. } = &error else {
        panic!("{error}")
    };
    assert!(
        matches!(reason, StopReason::Redefined { version: 1 }),
        "{reason}"
    );
    assert!(reason.to_string().contains("raise its version"), "{reason}");
    runner.stop().await;
}

#[tokio::test]
async fn a_rebuild_in_memory_is_beside_what_is_read_and_then_in_place_of_it() {
    let store = MemoryStore::new();
    for coins in 1..=50 {
        fill(&store, coins % 4, 1).await;
    }
    let totals = totals();
    let runner = Runner::new(store.clone())
        .with_settings(totals.clone(), at_once(2).with_batch(3))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 7).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    let before = totals.read(|totals| (*totals).clone());
    // Writers go on, and readers never see less than before.
    let rebuilding = async {
        runner.rebuild("totals").await.expect("it is rebuilt");
    };
    let writing = async {
        for _ in 0..100 {
            fill(&store, 2, 1).await;
            tokio::task::yield_now().await;
            assert!(totals.read(|totals| totals.seen.len()) >= before.seen.len());
        }
    };
    tokio::join!(rebuilding, writing);
    let last = fill(&store, 3, 1).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    totals.read(|totals| {
        assert_eq!(
            totals.seen,
            (1..=152).collect::<Vec<_>>(),
            "each once, in order"
        );
    });
    let status = status(&runner, "totals").await;
    assert_eq!(status.generation.map(Generation::number), Some(2));
    assert!(status.rebuild.is_none());
    runner.stop().await;
}

#[tokio::test]
async fn what_is_delivered_to_at_least_once_is_not_rebuilt_beside_itself() {
    let store = MemoryStore::new();
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let refused = runner.rebuild("mirror").await.expect_err("at least once");
    assert!(
        matches!(refused, CommandError::NotBeside { .. }),
        "{refused}"
    );
    // Without one there is nothing to cancel.
    runner
        .cancel_rebuild("mirror")
        .await
        .expect("nothing to do");
    runner.stop().await;
}

#[tokio::test]
async fn a_version_that_is_being_built_cannot_be_cancelled_and_is_gone_on_with_after_a_stop() {
    let store = MemoryStore::new();
    let slow = Slow::<1>::default();
    slow.go_on(1);
    let first = fill(&store, 1, 1).await;
    let runner = Runner::new(store.clone())
        .with(slow.clone())
        .start()
        .expect("nothing is wrong");
    runner.wait_for(&first, LONG).await.expect("it is passed");
    runner.stop().await;
    let last = fill(&store, 1, 2).await;

    let anew = Slow::<2>::default();
    let settings = at_once(2).with_batch(1);
    let start = || {
        let runner = Runner::new(store.clone()).with_settings(anew.clone(), settings);
        runner.start().expect("nothing is wrong")
    };
    let runner = start();
    anew.arrives().await;
    anew.go_on(1);
    anew.arrives().await;
    let building = status(&runner, "slow").await;
    assert!(
        matches!(building.state, ProjectionState::Rebuilding),
        "{building:?}"
    );
    assert_eq!((building.version, building.lag_events), (Some(1), 1));
    let progress = building.rebuild.expect("it is being built");
    assert_eq!(progress.generation.number(), 2);
    assert_eq!(progress.position, first.position());
    assert_eq!(progress.to, last.position());
    // What is asked waits until the event in hand is done.
    let (refused, ()) = tokio::join!(runner.cancel_rebuild("slow"), async { anew.go_on(1) });
    if let Err(refused) = refused {
        assert!(matches!(refused, CommandError::Needed { .. }), "{refused}");
    }
    runner
        .wait_for(&last, LONG)
        .await
        .expect("it is switched to");
    assert_eq!(anew.told.of(1), [1, 2], "nothing is delivered twice");
    runner.stop().await;
}

#[tokio::test]
async fn a_rebuild_that_meets_a_poison_event_ends_and_what_is_read_goes_on() {
    let store = MemoryStore::new();
    fill(&store, 1, 1).await;
    let model = InMemory::new(Cursable::default);
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 2).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(model.read(|model| model.0), 3);
    CURSE.store(true, Ordering::SeqCst);
    let failed = runner.rebuild("cursable").await.expect_err("it is cursed");
    let CommandError::Failed { event, .. } = &failed else {
        panic!("{failed}")
    };
    assert_eq!(event.version.get(), 1);
    CURSE.store(false, Ordering::SeqCst);
    let last = fill(&store, 1, 3).await;
    runner.wait_for(&last, LONG).await.expect("it goes on");
    assert_eq!(model.read(|model| model.0), 6);
    let status = status(&runner, "cursable").await;
    assert!(status.rebuild.is_none());
    assert!(status.last_error.is_some());
    runner.rebuild("cursable").await.expect("it is mended");
    assert_eq!(model.read(|model| model.0), 6);
    runner.stop().await;
}

#[tokio::test]
async fn a_version_whose_event_fails_stops_and_what_is_read_is_as_it_was() {
    let store = MemoryStore::new();
    let first = fill(&store, 1, 1).await;
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    runner.wait_for(&first, LONG).await.expect("it is passed");
    runner.stop().await;
    let told = Told::default();
    told.rule(|_: &Filled, _| Err(HandlerError::permanent("no ink")));
    let runner = Runner::new(store.clone())
        .with(Mirror::<2>(told))
        .start()
        .expect("nothing is wrong");
    until(&runner, "mirror", |status| status.state.is_stopped()).await;
    let stopped = status(&runner, "mirror").await;
    assert_eq!(
        (stopped.version, stopped.position),
        (Some(1), first.position())
    );
    runner.stop().await;
}
