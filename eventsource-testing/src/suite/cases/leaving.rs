//! Readers that leave, and many of them at once.

use std::sync::Arc;

use eventsource_core::{
    Append, AppendError, Delivery, EventStore, EventStream, Expected, Read, ReadError, Rejection,
    Start, Subscribe,
};
use tokio::sync::oneshot;

use crate::suite::{
    bench::{Bench, Store},
    cases::subscription::{follow, next, until_caught_up},
    kit,
};

/// The most events that may be in memory for one read.
const MOST_IN_A_PAGE: usize = 10_000;

/// Contract 10 and 13.
pub(crate) async fn r_14_a_long_read_comes_in_pages_and_may_be_dropped(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let count = Bench::times(20_000, 1_000_000) as u64;
    for first in (0..count).step_by(1_000) {
        kit::put(&store, &stream, first..first + 1_000).await;
    }
    for read in [Read::all(), Read::stream(stream.clone())] {
        let (mut events, mut next) = (store.read(read.clone()), 0);
        loop {
            let page = events.next_page().await.expect("a read");
            assert!(
                page.len() <= MOST_IN_A_PAGE,
                "{} events at once are no bounded memory",
                page.len()
            );
            if page.is_empty() {
                break;
            }
            for event in page {
                assert_eq!(kit::mark(&event), next);
                next += 1;
            }
        }
        assert_eq!(next, count);
        // Dropped in the middle, again and again: what each held is given back.
        for _ in 0..200 {
            let mut events = store.read(read.clone());
            assert!(events.next().await.expect("a read").is_some());
        }
    }
    kit::put(&store, &stream, count..count + 1).await;
    assert_eq!(
        kit::current(&store, &stream).await,
        Some(kit::version(count + 1))
    );
}

/// Contract 10 and 13: one reader waits, another one leaves while it waits, a third leaves with an event in its hands.
pub(crate) async fn s_18_a_reader_that_leaves_takes_nothing_with_it(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    for round in 0..Bench::times(20, 500) as u64 {
        let head = kit::head(&store).await;
        let (tell, ready) = oneshot::channel();
        let staying = {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut reader = follow(&store, Subscribe::all(Start::Now)).await;
                assert_eq!(next(&mut reader).await, Delivery::CaughtUp);
                tell.send(()).expect("the case is there");
                match next(&mut reader).await {
                    Delivery::Event(event) => kit::mark(&event),
                    other => panic!("the next event, not {other:?}"),
                }
            })
        };
        ready.await.expect("it follows");
        let mut leaving = Box::pin(store.wait_beyond(head));
        assert!(
            kit::poll_once(&mut leaving).await.is_none(),
            "nothing has come"
        );
        drop(leaving);
        let mut third = follow(&store, Subscribe::all(Start::Now)).await;
        assert_eq!(until_caught_up(&mut third).await, []);
        kit::put(&store, &stream, round..round + 1).await;
        let given = next(&mut third).await;
        assert!(
            matches!(given, Delivery::Event(_)),
            "the event that has come, not {given:?}"
        );
        drop(third);
        assert_eq!(
            staying.await.expect("it goes on"),
            round,
            "the one that stays"
        );
    }
}

/// Reads of which each has begun and none has ended; those that the store refused for the time being are told.
async fn open_reads(store: &Store, count: usize) -> (Vec<EventStream>, usize) {
    let (mut reads, mut refused) = (Vec::new(), 0);
    for _ in 0..count {
        let mut events = store.read(Read::all());
        match events.next().await {
            Ok(event) => {
                assert!(event.is_some(), "there are events");
                reads.push(events);
            }
            Err(ReadError::Unavailable { .. }) => refused += 1,
            Err(other) => panic!("a store that is busy is unavailable, not {other:?}"),
        }
    }
    (reads, refused)
}

/// Contract 8, 10 and 13.
pub(crate) async fn t_05_many_open_reads_stop_nobody_for_good(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..1_000).await;
    let (reads, _) = open_reads(&store, 64).await;
    assert!(!reads.is_empty(), "a store can be read");
    // Beside them the others go on, or are told that there is no room for them.
    let append = Append::to(stream.clone(), Expected::Any, kit::events(1_000..1_001));
    let outcome = store.append(append).await;
    let stored = match outcome {
        Ok(_) => 1_001,
        Err(AppendError::Rejected(Rejection::Unavailable { .. })) => 1_000,
        Err(other) => panic!("a store that is busy is unavailable, not {other:?}"),
    };
    for (place, read) in reads.into_iter().enumerate() {
        if place % 2 == 0 {
            let rest = read.collect().await.expect("a read that has begun ends");
            assert!(rest.len() >= 999, "what was there is given");
        }
    }
    // Once they are gone, there is room.
    kit::put(&store, &stream, stored..stored + 1).await;
    let (reads, refused) = open_reads(&store, 1).await;
    assert_eq!((reads.len(), refused), (1, 0), "the store has recovered");
    kit::assert_only(&store, &stream, 0..stored + 1).await;
}
