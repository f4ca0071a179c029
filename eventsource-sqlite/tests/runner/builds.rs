//! Building tables beside those that are read, and the switch.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use eventsource_core::{
    Generation, ProjectionState, ProjectionStatus, ProjectionStore, Runner, StreamId, TrimStore,
    Version, runner::CommandError,
};

use crate::domain::{Bank, Holdings, LONG, Reads, at_once, fill, status, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_the_old_tables_until_the_switch_and_no_event_is_missing_while_writers_go_on() {
    let bank = Bank::new();
    let store = bank.open().await;
    for number in 0..500 {
        fill(&store, number % 5, 1).await;
    }
    let runner = Runner::new(store.clone())
        .with_settings(Holdings::<1>::default(), at_once(2).with_batch(20))
        .start()
        .unwrap();
    let last = fill(&store, 1, 1).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let rebuilt = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (store, rebuilt) = (store.clone(), Arc::clone(&rebuilt));
        async move {
            let mut written = 0;
            while !rebuilt.load(Ordering::SeqCst) {
                fill(&store, 2, 1).await;
                written += 1;
            }
            written
        }
    });
    let reading = tokio::spawn({
        let (reads, rebuilt) = (Reads::open(&bank.path).await, Arc::clone(&rebuilt));
        async move {
            let mut seen = 501;
            while !rebuilt.load(Ordering::SeqCst) {
                let now = reads.number("SELECT count(*) AS number FROM fills").await;
                assert!(now >= seen, "from {seen} to {now}");
                seen = now;
            }
        }
    });
    runner.rebuild("holdings").await.unwrap();
    rebuilt.store(true, Ordering::SeqCst);
    let written = writing.await.unwrap();
    reading.await.unwrap();
    let last = fill(&store, 3, 1).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.count().await, 502 + written);
    let status = status(&runner).await;
    assert_eq!(status.generation.map(Generation::number), Some(2));
    runner.stop().await;
}

#[tokio::test]
async fn a_raised_version_is_read_when_it_has_caught_up_and_not_before() {
    let bank = Bank::new();
    let store = bank.open().await;
    let runner = Runner::new(store.clone())
        .with(Holdings::<1>::default())
        .start()
        .unwrap();
    let mut last = None;
    for coins in 1..=10 {
        last = Some(fill(&store, 1, coins).await);
    }
    runner.wait_for(&last.unwrap(), LONG).await.unwrap();
    runner.stop().await;
    let reads = Reads::open(&bank.path).await;
    let made_by = "SELECT min(made_by) * 10 + max(made_by) AS number FROM fills";
    assert_eq!(reads.number(made_by).await, 11);

    // The new one has come to its last event, and cannot take it yet.
    let holdings = Holdings::<2>::forbidding(10);
    let runner = Runner::new(store.clone())
        .with_settings(holdings.clone(), at_once(u32::MAX))
        .start()
        .unwrap();
    let last = fill(&store, 1, 11).await;
    until(&runner, |status| {
        matches!(
            status.state,
            ProjectionState::Retrying { attempts: 3.., .. }
        )
    })
    .await;
    assert_eq!(reads.number(made_by).await, 11);
    assert_eq!(reads.count().await, 10);
    let building = status(&runner).await;
    assert_eq!((building.version, building.lag_events), (Some(1), 1));
    assert!(building.rebuild.is_some());
    let refused = runner.cancel_rebuild("holdings").await.unwrap_err();
    assert!(matches!(refused, CommandError::Needed { .. }), "{refused}");
    holdings.forgive();
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.number(made_by).await, 22);
    assert_eq!(reads.count().await, 11);
    runner.stop().await;
}

/// A rebuild that was begun, and whose process ended, is gone on with.
#[tokio::test]
async fn a_rebuild_that_was_interrupted_is_gone_on_with_at_the_next_start() {
    let bank = Bank::new();
    let store = bank.open().await;
    for number in 0..200 {
        fill(&store, number % 3, 1).await;
    }
    let settings = at_once(2).with_batch(10);
    let start = || {
        let runner = Runner::new(store.clone()).with_settings(Holdings::<1>::default(), settings);
        runner.start().unwrap()
    };
    let runner = start();
    let last = fill(&store, 1, 1).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("holdings").await }
    });
    until(&runner, |status| {
        status
            .rebuild
            .as_ref()
            .is_some_and(|rebuild| rebuild.position.is_some())
    })
    .await;
    runner.stop().await;
    let name = "holdings".parse().unwrap();
    let kept = store.find_projection(&name).await.unwrap().unwrap();
    if let Err(error) = rebuilding.await.unwrap() {
        assert!(matches!(error, CommandError::Stopped { .. }), "{error}");
        assert_eq!(kept.generations.len(), 2);
        assert_eq!(kept.live.map(Generation::number), Some(1));
    }

    let runner = start();
    until(&runner, |status| {
        status.generation.is_some_and(|one| one.number() == 2)
    })
    .await;
    let last = fill(&store, 1, 1).await;
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(Reads::open(&bank.path).await.count().await, 202);
    runner.stop().await;
}

#[tokio::test]
async fn a_rebuild_that_cannot_go_on_harms_nobody_and_can_be_cancelled_and_asked_for_again() {
    let bank = Bank::new();
    let store = bank.open().await;
    let holdings = Holdings::<1>::default();
    let runner = Runner::new(store.clone())
        .with_settings(holdings.clone(), at_once(u32::MAX).with_batch(3))
        .start()
        .unwrap();
    let mut last = None;
    for coins in 1..=10 {
        last = Some(fill(&store, 1, coins).await);
    }
    runner.wait_for(&last.unwrap(), LONG).await.unwrap();
    holdings.forbid(8);
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("holdings").await }
    });
    let seventh = |status: &ProjectionStatus| {
        let rebuild = status.rebuild.as_ref();
        rebuild.is_some_and(|rebuild| rebuild.position.is_some_and(|at| at.number() == 7))
    };
    until(&runner, seventh).await;
    let refused = runner.rebuild("holdings").await.unwrap_err();
    assert!(
        matches!(refused, CommandError::Rebuilding { .. }),
        "{refused}"
    );
    // What is read goes on.
    let last = fill(&store, 1, 11).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.count().await, 11);
    for _ in 0..2 {
        runner.cancel_rebuild("holdings").await.unwrap();
    }
    let cancelled = rebuilding.await.unwrap().unwrap_err();
    assert!(
        matches!(cancelled, CommandError::Cancelled { .. }),
        "{cancelled}"
    );
    let now = status(&runner).await;
    assert!(now.rebuild.is_none());
    assert_eq!(now.generation.map(Generation::number), Some(1));
    holdings.forgive();
    runner.rebuild("holdings").await.unwrap();
    let now = status(&runner).await;
    assert_eq!(now.generation.map(Generation::number), Some(3));
    assert_eq!(reads.fills(1).await, (1..=11).collect::<Vec<_>>());
    runner.stop().await;
}

// K-08
#[tokio::test]
async fn a_reset_builds_the_same_tables_again() {
    let bank = Bank::new();
    let store = bank.open().await;
    let runner = Runner::new(store.clone())
        .with(Holdings::<1>::default())
        .start()
        .unwrap();
    let mut last = None;
    for coins in 1..=10 {
        last = Some(fill(&store, 1, coins).await);
    }
    let last = last.unwrap();
    runner.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    let before = reads.fills(1).await;
    runner.pause("holdings").await.unwrap();
    runner.reset("holdings").await.unwrap();
    assert_eq!(reads.count().await, 0);
    runner.resume("holdings").unwrap();
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.fills(1).await, before);
    runner.stop().await;
}

#[tokio::test]
async fn a_reset_lets_go_of_a_rebuild_that_is_under_way() {
    let bank = Bank::new();
    let store = bank.open().await;
    let holdings = Holdings::<1>::default();
    let runner = Runner::new(store.clone())
        .with_settings(holdings.clone(), at_once(u32::MAX).with_batch(3))
        .start()
        .unwrap();
    let mut last = None;
    for coins in 1..=10 {
        last = Some(fill(&store, 1, coins).await);
    }
    let last = last.unwrap();
    runner.wait_for(&last, LONG).await.unwrap();
    holdings.forbid(8);
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("holdings").await }
    });
    let seventh = |status: &ProjectionStatus| {
        let rebuild = status.rebuild.as_ref();
        rebuild.is_some_and(|rebuild| rebuild.position.is_some_and(|at| at.number() == 7))
    };
    until(&runner, seventh).await;
    runner.pause("holdings").await.unwrap();
    runner.reset("holdings").await.unwrap();
    let cancelled = rebuilding.await.unwrap().unwrap_err();
    assert!(
        matches!(cancelled, CommandError::Cancelled { .. }),
        "{cancelled}"
    );
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.count().await, 0);
    let name = "holdings".parse().unwrap();
    let kept = store.find_projection(&name).await.unwrap().unwrap();
    assert_eq!(kept.generations.len(), 1, "{kept:?}");
    holdings.forgive();
    runner.resume("holdings").unwrap();
    let last = fill(&store, 1, 11).await;
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.fills(1).await, (1..=11).collect::<Vec<_>>());
    assert_eq!(reads.count().await, 11);
    let now = status(&runner).await;
    assert_eq!(now.generation.map(Generation::number), Some(3));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_not_built_anew_without_what_was_trimmed_and_those_that_are_read_go_on() {
    let bank = Bank::new();
    let store = bank.open().await;
    let runner = Runner::new(store.clone())
        .with_settings(Holdings::<1>::default(), at_once(2))
        .start()
        .unwrap();
    for coins in 1..=3 {
        fill(&store, 1, coins).await;
    }
    let last = fill(&store, 2, 4).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let jar = StreamId::new("jar", "1").unwrap();
    store.trim(&jar, Version::new(3).unwrap()).await.unwrap();
    let refused = runner
        .rebuild("holdings")
        .await
        .expect_err("a part is gone");
    assert!(
        matches!(&refused, CommandError::Trimmed { stream, .. } if *stream == jar),
        "{refused:?}"
    );
    let last = fill(&store, 1, 5).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.of(1).await, Some(11));
    runner.stop().await;
    let runner = Runner::new(store.clone())
        .with_settings(
            Holdings::<1>::default(),
            at_once(2).with_builds_despite_trims(),
        )
        .start()
        .unwrap();
    until(&runner, |status| status.state.is_live()).await;
    runner.rebuild("holdings").await.unwrap();
    assert_eq!(reads.of(1).await, Some(8), "without what is gone");
    runner.stop().await;
}
