//! Beginning again while something else is being built.

use eventsource_core::{
    Build, EventStore, Generation, MemoryStore, ProjectionState, Runner, RunnerHandle,
    StoredProjection,
    runner::{CommandError, StopReason},
};

use crate::{
    domain::{LONG, Mirror, Slow, Told, at_once, fill, soon, status, until},
    hooked::Hook,
    shelf::{Lines, Shelf},
};

async fn fill_all(store: &MemoryStore, coins: std::ops::RangeInclusive<i64>) {
    for coins in coins {
        fill(store, 1, coins).await;
    }
}

async fn is_paused(runner: &RunnerHandle, name: &str) {
    let paused = until(runner, name, |status| {
        matches!(status.state, ProjectionState::Paused)
    });
    soon(paused).await;
}

async fn kept(store: &MemoryStore, name: &str) -> StoredProjection {
    let kept = store.projections().expect("it keeps them");
    let name = name.parse().expect("a legal name");
    let found = kept.find_projection(&name).await.expect("readable");
    found.expect("it is kept")
}

#[tokio::test]
async fn a_reset_in_memory_lets_go_of_a_rebuild_and_every_event_is_there_once() {
    let (store, hook) = (MemoryStore::new(), Hook::default());
    fill_all(&store, 1..=10).await;
    let model = hook.model();
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2).with_batch(1))
        .start()
        .expect("nothing is wrong");
    hook.runs_in(&runner);
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    hook.pauses_at(4, || {});
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("hooked").await }
    });
    is_paused(&runner, "hooked").await;
    runner.reset("hooked").await.expect("it is paused");
    runner.resume("hooked").expect("it is there");
    for coins in 12..=20 {
        let last = fill(&store, 1, coins).await;
        soon(runner.wait_for(&last, LONG)).await.expect("passed");
        let sum = coins * (coins + 1) / 2;
        assert_eq!(model.read(|model| model.halves), 2 * sum);
    }
    let cancelled = soon(rebuilding).await.expect("it does not panic");
    let cancelled = cancelled.expect_err("a reset lets go of it");
    assert!(
        matches!(cancelled, CommandError::Cancelled { .. }),
        "{cancelled}"
    );
    assert!(status(&runner, "hooked").await.rebuild.is_none());
    runner.stop().await;
}

/// The one that is read is torn, and begun again; the other one is not gone on with behind it.
#[tokio::test]
async fn a_torn_model_is_begun_again_without_a_rebuild_that_was_under_way() {
    let (store, hook) = (MemoryStore::new(), Hook::default());
    fill_all(&store, 1..=10).await;
    let model = hook.model();
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2).with_batch(1))
        .start()
        .expect("nothing is wrong");
    hook.runs_in(&runner);
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    hook.pauses_at(2, || {});
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("hooked").await }
    });
    is_paused(&runner, "hooked").await;
    fill(&store, 1, 12).await;
    hook.does(|event| assert_ne!(event.coins, 12, "once"));
    runner.resume("hooked").expect("it is there");
    let stops = until(&runner, "hooked", |status| status.state.is_stopped());
    soon(stops).await;
    let stopped = soon(rebuilding).await.expect("it does not panic");
    let stopped = stopped.expect_err("it has stopped");
    assert!(matches!(stopped, CommandError::Stopped { .. }), "{stopped}");
    hook.does_nothing();
    for coins in 13..=16 {
        // It looks anew at what is kept each time.
        runner.resume("hooked").expect("it is there");
        let settled = until(&runner, "hooked", |status| {
            status.state.is_live() && status.rebuild.is_none()
        });
        soon(settled).await;
        let last = fill(&store, 1, coins).await;
        soon(runner.wait_for(&last, LONG)).await.expect("passed");
        let sum = coins * (coins + 1) / 2;
        assert_eq!(model.read(|model| model.halves), 2 * sum);
        soon(runner.pause("hooked")).await.expect("it is there");
    }
    runner.stop().await;
}

/// A build in memory that was left in the middle of an event is not gone on with.
#[tokio::test]
async fn a_torn_rebuild_is_let_go_of_and_whoever_asked_for_it_is_told_of_the_event() {
    let (store, hook) = (MemoryStore::new(), Hook::default());
    fill_all(&store, 1..=10).await;
    let model = hook.model();
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2).with_batch(1))
        .start()
        .expect("nothing is wrong");
    hook.runs_in(&runner);
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    hook.pauses_at(4, || panic!("between the halves"));
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("hooked").await }
    });
    is_paused(&runner, "hooked").await;
    runner.resume("hooked").expect("it is there");
    let failed = soon(rebuilding).await.expect("it does not panic");
    let failed = failed.expect_err("half an event is in it");
    let CommandError::Failed { event, .. } = &failed else {
        panic!("{failed}")
    };
    assert_eq!(event.version.get(), 4);
    let last = fill(&store, 1, 12).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(model.read(|model| model.halves), 2 * 78);
    soon(runner.rebuild("hooked")).await.expect("it is mended");
    assert_eq!(model.read(|model| model.halves), 2 * 78);
    runner.stop().await;
}

#[tokio::test]
async fn a_reset_of_what_is_delivered_at_least_once_delivers_each_stream_in_its_order() {
    let store = MemoryStore::new();
    let before = Slow::<1>::default();
    before.go_on(100);
    fill_all(&store, 1..=9).await;
    let runner = Runner::new(store.clone())
        .with(before)
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 10).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;

    let slow = Slow::<2>::default();
    let runner = Runner::new(store.clone())
        .with_settings(slow.clone(), at_once(2).with_batch(1))
        .start()
        .expect("nothing is wrong");
    slow.go_on(2);
    for _ in 0..3 {
        soon(slow.arrives()).await;
    }
    let (paused, ()) = tokio::join!(runner.pause("slow"), async { slow.go_on(1) });
    paused.expect("it is there");
    assert_eq!(slow.told.of(1), [1, 2, 3]);
    runner.reset("slow").await.expect("it is paused");
    let reset = kept(&store, "slow").await;
    assert_eq!(reset.generations.len(), 1, "{reset:?}");
    slow.go_on(1_000);
    runner.resume("slow").expect("it is there");
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    let told: Vec<_> = (1..=3).chain(1..=11).collect();
    assert_eq!(slow.told.of(1), told, "from the first one on, in order");
    runner.stop().await;
}

/// As a reset of earlier code has left it.
#[tokio::test]
async fn nothing_is_delivered_at_least_once_for_two_builds_at_a_time() {
    let store = MemoryStore::new();
    let told = Told::default();
    let start = || {
        Runner::new(store.clone())
            .with_settings(Mirror::<1>(told.clone()), at_once(2).with_batch(1))
            .start()
            .expect("nothing is wrong")
    };
    let runner = start();
    fill(&store, 1, 1).await;
    let last = fill(&store, 1, 2).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
    let before = kept(&store, "mirror").await;
    let live = before.live().expect("it is read");
    let name = "mirror".parse().expect("a legal name");
    let beside = Build::new(name, (live.version, live.fingerprint));
    let keeper = store.projections().expect("it keeps them");
    keeper.begin_generation(beside).await.expect("it is begun");

    let runner = start();
    let last = fill(&store, 1, 3).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    soon(until(&runner, "mirror", |status| status.state.is_live())).await;
    runner.stop().await;
    assert_eq!(told.of(1), [1, 2, 3]);
    let after = kept(&store, "mirror").await;
    assert_eq!(after.live.map(Generation::number), Some(1));
    assert_eq!(after.generations.len(), 1, "{after:?}");
}

#[tokio::test]
async fn a_reset_in_a_transaction_lets_go_of_a_rebuild_by_code_that_was_wrong() {
    let store = MemoryStore::new();
    let (shelf, lines) = (Shelf::new(&store), Lines::default());
    fill_all(&store, 1..=10).await;
    let runner = Runner::new(shelf.clone())
        .with_settings(lines.clone(), at_once(u32::MAX).with_batch(3))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    lines.refuse(8);
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("lines").await }
    });
    let seventh = until(&runner, "lines", |status| {
        let rebuild = status.rebuild.as_ref();
        rebuild.is_some_and(|rebuild| rebuild.position.is_some_and(|at| at.number() == 7))
    });
    soon(seventh).await;
    soon(runner.pause("lines")).await.expect("it is there");
    runner.reset("lines").await.expect("it is paused");
    let cancelled = soon(rebuilding).await.expect("it does not panic");
    let cancelled = cancelled.expect_err("a reset lets go of it");
    assert!(
        matches!(cancelled, CommandError::Cancelled { .. }),
        "{cancelled}"
    );
    let reset = kept(&store, "lines").await;
    assert_eq!(reset.generations.len(), 1, "{reset:?}");
    lines.refuse(None);
    runner.resume("lines").expect("it is there");
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    soon(until(&runner, "lines", |status| status.state.is_live())).await;
    let now = status(&runner, "lines").await;
    assert_eq!(now.generation.map(Generation::number), Some(3));
    assert_eq!(shelf.lines(3), (1..=11).collect::<Vec<_>>());
    runner.stop().await;
}

#[tokio::test]
async fn what_newer_code_has_built_is_not_reset_by_older_code() {
    let store = MemoryStore::new();
    let newer = Runner::new(store.clone())
        .with(Mirror::<2>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    soon(newer.wait_for(&last, LONG)).await.expect("passed");
    newer.stop().await;
    let older = Runner::new(store.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    soon(until(&older, "mirror", |status| status.state.is_stopped())).await;
    let refused = older.reset("mirror").await.expect_err("newer code runs it");
    let CommandError::Stopped { reason, .. } = &refused else {
        panic!("{refused}")
    };
    let is_newer = matches!(reason, StopReason::Superseded { stored: 2, code: 1 });
    assert!(is_newer, "{reason}");
    let kept = kept(&store, "mirror").await;
    assert_eq!(kept.live().map(|live| live.version), Some(2));
    older.stop().await;
}
