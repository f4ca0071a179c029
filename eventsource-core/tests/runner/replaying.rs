//! Parked events: delivered again, left, or gone.

use eventsource_core::{
    MemoryStore, OnFailure, Runner, StreamId, TrimStore, Version, projection::HandlerError,
};

use crate::domain::{CURSED, Jar, Mirror, Slow, Told, at_once, fill, until};

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

// Nothing delivers it any more, and whoever asks is told so.
#[tokio::test]
async fn a_parked_event_that_was_trimmed_is_left_and_told_as_such() {
    let store = MemoryStore::new();
    let told = Told::default();
    told.rule(|event, _| match event.coins {
        CURSED => Err(HandlerError::new("the curse")),
        _ => Ok(()),
    });
    let runner = Runner::new(store.clone())
        .with_settings(
            Mirror::<1>(told.clone()),
            at_once(1).on_failure(OnFailure::Park),
        )
        .start()
        .expect("nothing is wrong");
    for (jar, coins) in [(1, CURSED), (1, 2), (2, CURSED), (2, 2)] {
        fill(&store, jar, coins).await;
    }
    until(&runner, "mirror", |status| status.parked == 4).await;
    let jar = StreamId::of::<Jar>(&1).expect("a legal stream");
    let second = Version::new(2).expect("not 0");
    store.trim(&jar, second).await.expect("trimmed");
    told.rule(|_, _| Ok(()));
    let replayed = runner.replay_parked("mirror").await.expect("it runs");
    assert_eq!(told.of(2), [CURSED, 2], "others are delivered");
    assert!(told.of(1).is_empty(), "and nothing overtakes it");
    assert_eq!((replayed.delivered, replayed.left.len()), (2, 1));
    let left = &replayed.left[0];
    assert_eq!((&left.stream, left.version), (&jar, Version::FIRST));
    assert!(left.is_trimmed, "{left:?}");
    runner.stop().await;
}
