//! Each event is in the tables once, whatever fails.

use eventsource_core::{OnFailure, Position, Runner, runner::WaitError};

use crate::domain::{Bank, Holdings, LONG, Reads, at_once, fill, status, until};

// S-27: over a restart, too; `faults.rs` has the same where nobody knows of a commit, and where tasks are dropped.
#[tokio::test]
async fn what_is_waited_for_can_be_read_and_is_there_once() {
    let bank = Bank::new();
    let store = bank.open().await;
    for coins in 1..=20 {
        fill(&store, 1, coins).await;
    }
    let runner = Runner::new(store.clone())
        .with_settings(Holdings::<1>::default(), at_once(2).with_batch(7))
        .start()
        .unwrap();
    let last = fill(&store, 2, 5).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.of(1).await, Some(210));
    assert_eq!(reads.of(2).await, Some(5));
    // Each write can be read as soon as it was waited for.
    for coins in 1..=50 {
        let last = fill(&store, 3, 1).await;
        runner.wait_for(&last, LONG).await.unwrap();
        assert_eq!(reads.of(3).await, Some(coins));
    }
    assert_eq!(reads.count().await, 71);
    runner.stop().await;
    // A new runner goes on there.
    let runner = Runner::new(store.clone())
        .with(Holdings::<1>::default())
        .start()
        .unwrap();
    let last = fill(&store, 1, 1).await;
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.count().await, 72);
    runner.stop().await;
}

#[tokio::test]
async fn nothing_of_an_event_that_failed_is_left_and_what_came_before_it_is_there() {
    let bank = Bank::new();
    let store = bank.open().await;
    for coins in [1, 2, 13, 4] {
        fill(&store, 1, coins).await;
    }
    let holdings = Holdings::<1>::forbidding(13);
    let runner = Runner::new(store.clone())
        .with_settings(holdings.clone(), at_once(3))
        .start()
        .unwrap();
    let last = fill(&store, 2, 5).await;
    let error = runner.wait_for(&last, LONG).await.unwrap_err();
    assert!(matches!(error, WaitError::Stopped { .. }), "{error}");
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.fills(1).await, [1, 2]);
    assert_eq!(reads.of(1).await, Some(3));
    assert_eq!(
        status(&runner).await.position.map(Position::number),
        Some(2)
    );
    holdings.forgive();
    runner.resume("holdings").unwrap();
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.fills(1).await, [1, 2, 13, 4]);
    assert_eq!(reads.count().await, 5);
    runner.stop().await;
}

#[tokio::test]
async fn a_poison_event_parks_its_stream_in_order_and_a_replay_clears_it() {
    let bank = Bank::new();
    let store = bank.open().await;
    for coins in [1, 13, 3] {
        fill(&store, 1, coins).await;
        fill(&store, 2, coins + 1).await;
    }
    let holdings = Holdings::<1>::forbidding(13);
    let settings = at_once(2).on_failure(OnFailure::Park);
    let start = || {
        let runner = Runner::new(store.clone()).with_settings(holdings.clone(), settings);
        runner.start().unwrap()
    };
    let runner = start();
    let last = fill(&store, 2, 9).await;
    runner.wait_for(&last, LONG).await.unwrap();
    let reads = Reads::open(&bank.path).await;
    assert_eq!(reads.fills(1).await, [1]);
    assert_eq!(reads.fills(2).await, [2, 14, 4, 9]);
    assert_eq!(status(&runner).await.parked, 2);
    runner.stop().await;

    let runner = start();
    let follower = fill(&store, 1, 4).await;
    let error = runner.wait_for(&follower, LONG).await.unwrap_err();
    assert!(matches!(error, WaitError::Parked { .. }), "{error}");
    // Its stream is parked already, so that nobody waited for itself to be.
    until(&runner, |status| status.parked == 3).await;
    let again = runner.replay_parked("holdings").await.unwrap();
    assert_eq!((again.delivered, again.left.len()), (0, 1));
    assert_eq!(reads.fills(1).await, [1]);
    holdings.forgive();
    let cleared = runner.replay_parked("holdings").await.unwrap();
    assert_eq!((cleared.delivered, cleared.left.len()), (3, 0));
    let last = fill(&store, 1, 5).await;
    runner.wait_for(&last, LONG).await.unwrap();
    assert_eq!(reads.fills(1).await, [1, 13, 3, 4, 5]);
    assert_eq!(reads.count().await, 9);
    assert!(status(&runner).await.is_at_head());
    runner.stop().await;
}
