//! Parked events: delivered again, left, or gone.

use eventsource_core::{MemoryStore, OnFailure, Runner, projection::HandlerError};

use crate::domain::{CURSED, Slow, at_once, fill, until};

// What is parked while a replay goes on is left by it, too.
#[tokio::test]
async fn a_replay_tells_every_stream_that_is_parked_when_it_ends() {
    let store = MemoryStore::new();
    let slow = Slow::<1>::default();
    slow.told.rule(|event, _| match event.coins {
        CURSED => Err(HandlerError::new("the curse")),
        _ => Ok(()),
    });
    let runner = Runner::new(store.clone())
        .with_settings(slow.clone(), at_once(1).on_failure(OnFailure::Park))
        .start()
        .expect("nothing is wrong");
    slow.go_on(1);
    fill(&store, 1, CURSED).await;
    slow.arrives().await;
    until(&runner, "slow", |status| status.parked == 1).await;
    for coins in 1..=10 {
        fill(&store, 1, coins).await;
    }
    until(&runner, "slow", |status| status.parked == 11).await;
    slow.told.rule(|event, envelope| match event.coins {
        CURSED if envelope.stream.id() == "2" => Err(HandlerError::new("another curse")),
        _ => Ok(()),
    });
    let replay = runner.replay_parked("slow");
    let meanwhile = async {
        // The first of two is in its handler, and the others wait.
        slow.arrives().await;
        fill(&store, 2, CURSED).await;
        slow.go_on(100);
    };
    let (replayed, ()) = tokio::join!(replay, meanwhile);
    let replayed = replayed.expect("it runs");
    until(&runner, "slow", |status| status.lag_events == 0).await;
    assert_eq!(replayed.delivered, 11);
    let left: Vec<_> = replayed.left.iter().map(|left| left.stream.id()).collect();
    assert_eq!(left, ["2"], "{replayed:?}");
    assert_eq!(replayed.left[0].error, "the handler failed: another curse");
    runner.stop().await;
}
