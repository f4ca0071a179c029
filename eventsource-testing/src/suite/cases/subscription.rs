//! Following a store. What follows is the framework's own; what it rests on, the store's reads, head and waiting, is
//! the store's.

use std::sync::Arc;

use eventsource_core::{
    Append, Delivery, EventName, Expected, Position, Recorded, Start, Subscribe, Subscription,
};
use tokio::sync::{Barrier, oneshot};

use crate::suite::{
    bench::{Bench, Store},
    kit,
};

pub(crate) async fn follow(store: &Store, subscribe: Subscribe) -> Subscription {
    Subscription::begin(Arc::clone(store), subscribe)
        .await
        .expect("a subscription begins")
}

pub(crate) async fn next(subscription: &mut Subscription) -> Delivery {
    subscription.next().await.expect("the store can be read")
}

/// What is delivered before `CaughtUp`.
pub(crate) async fn until_caught_up(subscription: &mut Subscription) -> Vec<Delivery> {
    let mut given = Vec::new();
    loop {
        match next(subscription).await {
            Delivery::CaughtUp => return given,
            other => given.push(other),
        }
    }
}

pub(crate) fn events_of(given: &[Delivery]) -> Vec<Recorded> {
    let events = given.iter().filter_map(|delivery| match delivery {
        Delivery::Event(event) => Some(Arc::clone(event)),
        _ => None,
    });
    events.collect()
}

pub(crate) async fn marks_until_caught_up(subscription: &mut Subscription) -> Vec<u64> {
    kit::marks(&events_of(&until_caught_up(subscription).await))
}

/// Contract 5 and 10.
pub(crate) async fn s_01_a_subscription_begins_where_it_is_told(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..4).await;
    kit::put(&store, &kit::stream("2"), 4..6).await;
    let events = kit::all(&store).await;
    let mut whole = follow(&store, Subscribe::all(Start::Beginning)).await;
    assert_eq!(marks_until_caught_up(&mut whole).await, [0, 1, 2, 3, 4, 5]);
    for (place, event) in events.iter().enumerate() {
        let mut after = follow(&store, Subscribe::all(Start::After(event.position))).await;
        let given = until_caught_up(&mut after).await;
        assert_eq!(
            events_of(&given),
            events[place + 1..],
            "after {}",
            event.position
        );
    }
    let mut of_stream = follow(&store, Subscribe::stream(stream.clone(), Start::Beginning)).await;
    assert_eq!(marks_until_caught_up(&mut of_stream).await, [0, 1, 2, 3]);
    let mut from_now = follow(&store, Subscribe::all(Start::Now)).await;
    assert_eq!(
        marks_until_caught_up(&mut from_now).await,
        Vec::<u64>::new()
    );
    let missing = kit::stream("missing");
    let mut of_missing = follow(&store, Subscribe::stream(missing.clone(), Start::Beginning)).await;
    assert_eq!(
        marks_until_caught_up(&mut of_missing).await,
        Vec::<u64>::new()
    );
    kit::put(&store, &stream, 6..7).await;
    kit::put(&store, &missing, 7..9).await;
    assert_eq!(marks_until_caught_up(&mut from_now).await, [6, 7, 8]);
    assert_eq!(marks_until_caught_up(&mut of_missing).await, [7, 8]);
    assert_eq!(marks_until_caught_up(&mut whole).await, [6, 7, 8]);
    assert_eq!(marks_until_caught_up(&mut of_stream).await, [6]);
}

/// Contract 10.
pub(crate) async fn s_03_caught_up_is_told_once_after_the_last_stored_event(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut subscription = follow(&store, Subscribe::all(Start::Beginning)).await;
    assert_eq!(
        next(&mut subscription).await,
        Delivery::CaughtUp,
        "at the start"
    );
    for round in 0..5 {
        // In between there is nothing to tell, so the subscription waits for the event that comes.
        let waiting = tokio::spawn(async move {
            let first = next(&mut subscription).await;
            (subscription, first)
        });
        kit::put(&store, &stream, round * 3..round * 3 + 3).await;
        let (returned, first) = waiting.await.expect("it ends");
        subscription = returned;
        let mut given = vec![first];
        given.extend(until_caught_up(&mut subscription).await);
        assert_eq!(
            kit::marks(&events_of(&given)),
            (round * 3..round * 3 + 3).collect::<Vec<_>>(),
            "what comes before it is told that it has caught up: {given:?}"
        );
        assert_eq!(given.len(), 3, "events and nothing else");
    }
}

/// Contract 5 and 10. In other libraries the channel of a subscriber is full one day, and what comes then is dropped (D27
/// of the field).
pub(crate) async fn s_05_a_slow_reader_loses_nothing(bench: Bench) {
    let count = Bench::times(3_000, 100_000) as u64;
    let (store, stream) = (bench.store().await, kit::stream("1"));
    // A reader with a filter has nothing but what it is given; one without looks at the versions, too.
    let filtered = Subscribe::all(Start::Beginning).except([kit::name("account.never")]);
    let mut readers = [
        follow(&store, filtered).await,
        follow(&store, Subscribe::all(Start::Beginning)).await,
    ];
    // Each takes one event, and no more until everything is written: far more than any buffer holds.
    kit::put(&store, &stream, 0..1).await;
    for reader in &mut readers {
        assert!(matches!(next(reader).await, Delivery::Event(_)));
    }
    let mut mark = 1;
    while mark < count {
        let end = (mark + 1 + mark % 17).min(count);
        kit::put(&store, &stream, mark..end).await;
        mark = end;
    }
    for mut reader in readers {
        let given = marks_until_caught_up(&mut reader).await;
        // It had not been told of the end after the first event, so this may come at once.
        let given = if given.is_empty() {
            marks_until_caught_up(&mut reader).await
        } else {
            given
        };
        assert!(
            given.iter().copied().eq(1..count),
            "a slow reader saw {} of {} events",
            given.len(),
            count - 1
        );
    }
}

/// Contract 5 and 10: what is not yet acknowledged comes again, what is does not.
pub(crate) async fn s_07_what_was_not_acknowledged_is_delivered_again(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..6).await;
    let (mut acknowledged, mut handled) = (None, Vec::new());
    // Each reader handles three events, acknowledges two, and is gone.
    for first in [0, 2, 4] {
        let start = acknowledged.map_or(Start::Beginning, Start::After);
        let mut reader = follow(&store, Subscribe::all(start)).await;
        for place in 0..3 {
            let Delivery::Event(event) = next(&mut reader).await else {
                assert_eq!(
                    (first, place),
                    (4, 2),
                    "only the last reader comes to the end"
                );
                break;
            };
            handled.push(kit::mark(&event));
            if place < 2 {
                acknowledged = Some(event.position);
            }
        }
    }
    assert_eq!(handled, [0, 1, 2, 2, 3, 4, 4, 5]);
}

/// Contract 5, 10 and 13: the reader is cut off at every place, also while it waits, and goes on from its checkpoint.
pub(crate) async fn s_15_a_reader_that_comes_back_goes_on_where_it_was(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..4).await;
    let (mut checkpoint, mut seen) = (None::<Position>, Vec::new());
    for round in 0..12 {
        let start = checkpoint.map_or(Start::Beginning, Start::After);
        let mut reader = follow(&store, Subscribe::all(start)).await;
        if round % 3 == 2 {
            // It comes to the end and is cut off while it waits.
            let given = until_caught_up(&mut reader).await;
            seen.extend(kit::marks(&events_of(&given)));
            checkpoint = reader.checkpoint();
            let (tell, cut) = oneshot::channel();
            let waiting = tokio::spawn(async move {
                tokio::select! {
                    biased;
                    _ = reader.next() => panic!("there is nothing to deliver"),
                    _ = cut => reader.checkpoint(),
                }
            });
            tell.send(()).expect("the reader is there");
            assert_eq!(
                waiting.await.expect("it ends"),
                checkpoint,
                "waiting changes nothing"
            );
            kit::put(&store, &stream, seen.len() as u64..seen.len() as u64 + 3).await;
        } else if let Delivery::Event(event) = next(&mut reader).await {
            seen.push(kit::mark(&event));
            checkpoint = reader.checkpoint();
            assert_eq!(checkpoint, Some(event.position));
        }
    }
    assert_eq!(seen, (0..seen.len() as u64).collect::<Vec<_>>());
    assert!(seen.len() > 10, "it saw more than there was at the start");
}

/// Contract 10: the wait ends for whoever waits, and for all of them.
pub(crate) async fn s_16_everyone_who_waits_is_woken(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    // One that is waiting for certain when the first event comes.
    let mut first = Box::pin(store.wait_beyond(None));
    assert!(
        kit::poll_once(&mut first).await.is_none(),
        "there is nothing yet"
    );
    let receipt = kit::put(&store, &stream, 0..1).await;
    let woken = first.await.expect("the store can be read");
    assert_eq!(Some(woken), receipt.position());
    for round in 1..=Bench::times(20, 500) as u64 {
        let head = kit::head(&store).await;
        // Nobody is woken before there is something.
        let mut early = Box::pin(store.wait_beyond(head));
        for _ in 0..3 {
            let woken = kit::poll_once(&mut early).await;
            assert!(woken.is_none(), "woken beyond {head:?}: {woken:?}");
            tokio::task::yield_now().await;
        }
        let met = Arc::new(Barrier::new(5));
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let (store, met) = (Arc::clone(&store), Arc::clone(&met));
                tokio::spawn(async move {
                    met.wait().await;
                    store
                        .wait_beyond(head)
                        .await
                        .expect("the store can be read")
                })
            })
            .collect();
        met.wait().await;
        let receipt = kit::put(&store, &stream, round..round + 1).await;
        for one in waiting {
            let woken = one.await.expect("it ends");
            assert_eq!(Some(woken), receipt.position(), "the new end of the store");
        }
        let woken = early.await.expect("the store can be read");
        assert_eq!(Some(woken), receipt.position());
        // Where there is something already, nobody waits.
        let at_once = store
            .wait_beyond(head)
            .await
            .expect("the store can be read");
        assert_eq!(Some(at_once), receipt.position());
    }
}

/// A store with two kinds of events in two categories, of which a filter wants few.
pub(crate) async fn mixed(store: &Store, marks: std::ops::Range<u64>) -> Vec<Position> {
    let mut positions = Vec::new();
    for mark in marks {
        let mut event = kit::event(mark);
        if mark % 5 == 3 {
            event.name = wanted();
        }
        let stream = kit::stream(&(mark % 3).to_string());
        let append = Append::to(stream, Expected::Any, [event]);
        let receipt = store.append(append).await.expect("an append");
        positions.extend(receipt.position());
    }
    positions
}

pub(crate) fn wanted() -> EventName {
    kit::name("account.wanted")
}
