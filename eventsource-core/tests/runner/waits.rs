//! Reading one's own writes.

use std::time::Duration;

use eventsource_core::{
    MemoryStore, Runner,
    projection::HandlerError,
    runner::{StopReason, WaitError},
};

use crate::domain::{LONG, Mirror, Told, close, fill, totals};

#[tokio::test]
async fn a_wait_ends_when_the_position_is_passed_also_where_nothing_listed_is_there() {
    let store = MemoryStore::new();
    let runner = Runner::new(store.clone())
        .with(totals())
        .with(Mirror::<1>(Told::default()))
        .start()
        .expect("nothing is wrong");
    let foreign = close(&store).await;
    runner.wait_for(&foreign, LONG).await.expect("it is passed");
    // It is passed already, and needs no time.
    runner
        .wait_for(&foreign, Duration::ZERO)
        .await
        .expect("it is passed");
    runner.stop().await;
}

#[tokio::test]
async fn a_wait_for_a_name_that_nobody_has_fails_at_once() {
    let store = MemoryStore::new();
    let last = fill(&store, 1, 1).await;
    let runner = Runner::new(store)
        .with(totals())
        .start()
        .expect("nothing is wrong");
    let error = runner
        .wait_for_one("total", &last, LONG)
        .await
        .expect_err("a misspelled name");
    assert!(matches!(&error, WaitError::UnknownName { name } if name == "total"));
}

#[tokio::test]
async fn a_wait_for_one_that_has_stopped_fails_at_once_and_says_why() {
    let store = MemoryStore::new();
    let told = Told::default();
    told.rule(|_, _| Err(HandlerError::permanent("no ink")));
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 1, 1).await;
    let error = runner.wait_for(&last, LONG).await.expect_err("it stops");
    let WaitError::Stopped { name, reason } = &error else {
        panic!("{error}")
    };
    assert_eq!(*name, "mirror");
    let StopReason::Event(event) = reason else {
        panic!("{reason}")
    };
    assert_eq!(event.event, "jar.filled");
    assert_eq!(event.stream.to_string(), "jar-1");
    assert_eq!(Some(event.position), last.position());
    assert_eq!(event.attempts, 1, "a permanent error is not tried again");
    assert_eq!(
        reason.to_string(),
        "the event `jar.filled` of `jar-1` at version 1, position 1, failed 1 time"
    );
}
