//! What is asked of a projection while something else comes up.

use eventsource_core::{MemoryStore, ProjectionState, Runner};

use crate::domain::{LONG, Mirror, Redefined, Slow, Told, fill, soon, status, until};

#[tokio::test]
async fn a_pause_right_behind_a_resume_is_a_pause() {
    let store = MemoryStore::new();
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    soon(runner.pause("mirror")).await.expect("it is there");
    for _ in 0..3 {
        runner.resume("mirror").expect("it is there");
        soon(runner.pause("mirror")).await.expect("it is there");
        let paused = status(&runner, "mirror").await;
        assert!(
            matches!(paused.state, ProjectionState::Paused),
            "{paused:?}"
        );
    }
    runner.resume("mirror").expect("it is there");
    let last = fill(&store, 1, 1).await;
    soon(runner.wait_for(&last, LONG))
        .await
        .expect("it goes on");
    runner.stop().await;
}

#[tokio::test]
async fn whoever_waits_for_a_pause_that_is_taken_back_is_told() {
    let (store, slow) = (MemoryStore::new(), Slow::<1>::default());
    let runner = Runner::new(store.clone())
        .with(slow.clone())
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    // It cannot pause while it is in the handler.
    soon(slow.arrives()).await;
    let (paused, resumed) =
        soon(async { tokio::join!(runner.pause("slow"), async { runner.resume("slow") }) }).await;
    resumed.expect("it is there");
    let resumed = paused.expect_err("it runs");
    assert_eq!(
        resumed.to_string(),
        "the projection `slow` was resumed meanwhile: pause it again"
    );
    slow.go_on(100);
    soon(runner.wait_for(&last, LONG)).await.expect("it runs");
    runner.stop().await;
}

/// The worker may be quicker to stop again than the handle is to say that it starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_stops_at_once_when_it_is_resumed_is_not_said_to_start() {
    let store = MemoryStore::new();
    let told = Told::default();
    let first = Runner::new(store.clone())
        .with(Mirror::<1>(told))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    soon(first.wait_for(&last, LONG)).await.expect("it runs");
    first.stop().await;
    let runner = Runner::new(store.clone())
        .with(Redefined)
        .start()
        .expect("nothing is wrong");
    for _ in 0..20_000 {
        soon(until(&runner, "mirror", |status| status.state.is_stopped())).await;
        runner.resume("mirror").expect("it is there");
    }
    runner.stop().await;
}
