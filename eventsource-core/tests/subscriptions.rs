//! Where a subscription may begin, what it does with a store that is damaged or cannot be had, and how much it holds; what
//! it delivers is tested by the suite.

mod planted;

use std::sync::{Arc, atomic::Ordering};

use eventsource_core::{
    Append, Category, Delivery, EventId, EventName, EventStore, EventStoreExt, Expected, IdSource,
    MemoryStore, NewEvent, Position, Read, ReadError, Recorded, Scope, Start, StoredPayload,
    StreamId, Subscribe, Subscription, Timestamp, TrimStore, UuidV7, Version,
};
use planted::Planted;
use uuid::Uuid;

async fn append(store: &MemoryStore, id: u128) {
    let event = NewEvent::new(
        EventId::new(Uuid::from_u128(id)),
        EventName::new("light.switched").expect("a legal name"),
        1,
        StoredPayload::json(b"{}"),
        Timestamp::EPOCH,
    );
    let stream = StreamId::new("light", "1").expect("a legal stream");
    store
        .append(Append::to(stream, Expected::Any, [event]))
        .await
        .expect("appended");
}

fn position(number: u64) -> Position {
    Position::from_number(number).expect("positions begin at 1")
}

#[tokio::test]
async fn a_checkpoint_that_the_store_has_not_reached_is_an_error_and_no_silence() {
    let store = MemoryStore::new();
    let ahead = |number| Subscribe::all(Start::After(position(number)));
    let error = store.subscribe(ahead(1)).await.expect_err("an empty store");
    assert!(
        matches!(error, ReadError::Ahead { head: None, .. }),
        "{error}"
    );
    append(&store, 1).await;
    append(&store, 2).await;
    let error = store.subscribe(ahead(3)).await.expect_err("two events");
    assert!(
        matches!(error, ReadError::Ahead { asked, head } if (asked, head) == (position(3), Some(position(2)))),
        "{error}"
    );
    let mut at_head = store.subscribe(ahead(2)).await.expect("all seen");
    assert_eq!(at_head.next().await.expect("readable"), Delivery::CaughtUp);
}

#[tokio::test]
async fn a_filter_by_no_name_is_an_error() {
    let store = MemoryStore::new();
    let nothing = Subscribe::all(Start::Beginning).named([]);
    let error = store.subscribe(nothing).await.expect_err("no name");
    assert!(matches!(error, ReadError::Invalid { .. }), "{error}");
}

fn stream(id: &str) -> StreamId {
    StreamId::new("light", id).expect("a legal stream")
}

fn version(number: u64) -> Version {
    Version::new(number).expect("not 0")
}

/// So many events on each of the streams `1` and `2`, in turns.
async fn filled(each: u64) -> MemoryStore {
    let store = MemoryStore::new();
    for number in 0..each * 2 {
        append_to(&store, if number % 2 == 0 { "1" } else { "2" }).await;
    }
    store
}

async fn append_to(store: &MemoryStore, id: &str) {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("light.switched").expect("a legal name"),
        1,
        StoredPayload::json(b"{}"),
        Timestamp::EPOCH,
    );
    let append = Append::to(stream(id), Expected::Any, [event]);
    store.append(append).await.expect("appended");
}

async fn follow(store: &Arc<Planted>, subscribe: Subscribe) -> Subscription {
    Subscription::begin(Arc::clone(store) as _, subscribe)
        .await
        .expect("a subscription begins")
}

/// Stream and version of each event before the end, and what has ended it: an error, or nothing more to give.
async fn seen(subscription: &mut Subscription) -> (Vec<(String, u64)>, Option<ReadError>) {
    let mut seen = Vec::new();
    loop {
        match subscription.next().await {
            Ok(Delivery::Event(event)) => {
                seen.push((event.stream.id().to_owned(), event.version.get()));
            }
            Ok(Delivery::CaughtUp) => return (seen, None),
            Ok(_) => {}
            Err(error) => return (seen, Some(error)),
        }
    }
}

fn of_stream_1() -> Vec<Subscribe> {
    let light = || Category::new("light").expect("a legal category");
    let scopes = [
        Scope::All,
        Scope::Category(light()),
        Scope::Categories([light()].into()),
        Scope::Stream(stream("1")),
    ];
    let subscribe = |scope| Subscribe::new(scope, Start::Beginning);
    scopes.into_iter().map(subscribe).collect()
}

/// The version that was to come, the one that came, and its position.
fn out_of_sequence(error: Option<ReadError>) -> (u64, u64, u64) {
    match error {
        Some(ReadError::OutOfSequence {
            stream: of,
            expected,
            found,
            position,
        }) => {
            assert_eq!(of, stream("1"));
            (expected.get(), found.get(), position.number())
        }
        other => panic!("damage is told as such, not as {other:?}"),
    }
}

#[tokio::test]
async fn a_hole_a_repetition_and_an_inversion_are_damage_and_no_lag() {
    let third = |event: &Recorded| event.stream == stream("1") && event.version == version(3);
    let hole = move |mut events: Vec<Recorded>| {
        events.retain(|event| !third(event));
        events
    };
    let repetition = move |mut events: Vec<Recorded>| {
        let place = events.iter().position(third);
        if let Some(place) = place {
            events.insert(place, Arc::clone(&events[place]));
        }
        events
    };
    let inversion = move |mut events: Vec<Recorded>| {
        for event in &mut events {
            let event = Arc::make_mut(event);
            if event.stream == stream("1") && [3, 4].contains(&event.version.get()) {
                event.version = version(7 - event.version.get());
            }
        }
        events
    };
    // The events of the stream stand at 1, 3, 5, 7 ...
    for (change, expected) in [
        (planted::change(hole), (3, 4, 7)),
        (planted::change(repetition), (4, 3, 5)),
        (planted::change(inversion), (3, 4, 5)),
    ] {
        for subscribe in of_stream_1() {
            let store = Planted::new(filled(6).await).with_change(Arc::clone(&change));
            let store = Arc::new(store);
            let mut subscription = follow(&store, subscribe.clone()).await;
            let (given, error) = seen(&mut subscription).await;
            let what = format!("{subscribe:?}");
            assert_eq!(out_of_sequence(error), expected, "{what}");
            let mut of_1 = given.iter().filter(|(id, _)| id == "1");
            let last = of_1.next_back().map(|(_, version)| *version);
            let right = if expected == (4, 3, 5) { 3 } else { 2 };
            assert_eq!(last, Some(right), "what came before it is right: {what}");
            // The damage is not passed by: each call tells it again.
            let checkpoint = subscription.checkpoint();
            for _ in 0..3 {
                let error = subscription.next().await.expect_err("it is still there");
                assert!(error.is_damage() && !error.is_transient(), "{error}");
                assert_eq!(subscription.checkpoint(), checkpoint);
            }
            // Who has asked for a part of the events cannot tell.
            let never = EventName::new("light.never").expect("a legal name");
            let mut filtered = follow(&store, subscribe.except([never])).await;
            assert!(seen(&mut filtered).await.1.is_none(), "{what}");
        }
    }
}

#[tokio::test]
async fn an_event_that_is_missing_before_the_first_one_that_is_seen_of_a_stream_is_damage() {
    for missing in [1, 2] {
        let lost = move |mut events: Vec<Recorded>| {
            events.retain(|event| event.stream != stream("1") || event.version != version(missing));
            events
        };
        let store = Planted::new(filled(4).await).with_change(planted::change(lost));
        let store = Arc::new(store);
        let mut whole = follow(&store, Subscribe::all(Start::Beginning)).await;
        let place = (missing, missing + 1, missing * 2 + 1);
        assert_eq!(out_of_sequence(seen(&mut whole).await.1), place);
        // One that begins behind it, as after a restart, is told the same; one that begins further behind cannot see it.
        let behind = Start::After(position(missing * 2));
        let mut rest = follow(&store, Subscribe::all(behind)).await;
        assert_eq!(out_of_sequence(seen(&mut rest).await.1), place);
        let further = Start::After(position(missing * 2 + 1));
        let mut rest = follow(&store, Subscribe::all(further)).await;
        let (given, error) = seen(&mut rest).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(given.len() as u64, 8 - (missing * 2 + 1));
    }
}

#[tokio::test]
async fn the_first_event_that_is_seen_of_a_stream_may_follow_what_was_trimmed() {
    let inner = filled(6).await;
    inner.trim(&stream("1"), version(4)).await.expect("trimmed");
    let behind = || Subscribe::all(Start::After(position(3)));
    let store = Arc::new(Planted::new(inner.clone()));
    let mut rest = follow(&store, behind()).await;
    let (given, error) = seen(&mut rest).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(
        given.iter().find(|(id, _)| id == "1"),
        Some(&("1".to_owned(), 4))
    );
    // Each stream is looked at once.
    assert_eq!(store.asked_for_trims.load(Ordering::SeqCst), 1);
    let unaware = Arc::new(Planted::new(inner).without_trims());
    let mut unaware = follow(&unaware, behind()).await;
    assert_eq!(out_of_sequence(seen(&mut unaware).await.1), (1, 4, 7));
}

#[tokio::test]
async fn a_leap_over_a_trim_is_no_damage_and_a_hole_behind_it_is() {
    for subscribe in of_stream_1() {
        let inner = filled(6).await;
        let store = Arc::new(Planted::new(inner.clone()));
        let mut under_way = follow(&store, subscribe.clone()).await;
        let Ok(Delivery::Event(first)) = under_way.next().await else {
            panic!("an event is there");
        };
        assert_eq!((first.stream.id(), first.version.get()), ("1", 1));
        // What is at hand has been read before the trim.
        inner.trim(&stream("1"), version(4)).await.expect("trimmed");
        for _ in 0..300 {
            append_to(&inner, "1").await;
        }
        let (_, error) = seen(&mut under_way).await;
        assert!(error.is_none(), "{error:?} of {subscribe:?}");
        let mut anew = follow(&store, subscribe.clone()).await;
        let (given, error) = seen(&mut anew).await;
        assert!(error.is_none(), "{error:?} of {subscribe:?}");
        let of_1: Vec<_> = given.into_iter().filter(|(id, _)| id == "1").collect();
        assert_eq!(of_1[0].1, 4, "what is left begins there");
        // The same store where nobody knows of the trim.
        let unaware = Arc::new(Planted::new(inner.clone()).without_trims());
        let mut unaware = follow(&unaware, subscribe.clone()).await;
        let (expected, found, _) = out_of_sequence(seen(&mut unaware).await.1);
        assert_eq!((expected, found), (1, 4));
        // And one that has lost an event above the trim.
        let lost = planted::change(|mut events: Vec<Recorded>| {
            events.retain(|event| event.version != version(9));
            events
        });
        let damaged = Arc::new(Planted::new(inner).with_change(lost));
        let mut damaged = follow(&damaged, subscribe).await;
        let (expected, found, _) = out_of_sequence(seen(&mut damaged).await.1);
        assert_eq!((expected, found), (9, 10));
    }
}

/// Each of its looks at the store may fail for a time or be left by a dropped future.
#[tokio::test]
async fn what_passes_is_waited_out_and_what_is_dropped_is_asked_again() {
    let inner = filled(6).await;
    inner.trim(&stream("1"), version(3)).await.expect("trimmed");
    let store = Arc::new(Planted::new(inner));
    let mut calm = follow(&store, Subscribe::all(Start::Beginning)).await;
    let (due, error) = seen(&mut calm).await;
    assert!(error.is_none() && due.len() == 10, "{error:?}");
    // Of three looks one fails, and one hangs.
    for (fails, hangs) in [(true, false), (false, true), (true, true)] {
        store.fails.store(fails, Ordering::SeqCst);
        store.hangs.store(hangs, Ordering::SeqCst);
        let subscribe = Subscribe::all(Start::Beginning);
        let mut subscription = Subscription::begin(Arc::clone(&store) as _, subscribe)
            .await
            .expect("nothing is looked at");
        let (mut given, mut failed, mut hung) = (Vec::new(), 0, 0);
        loop {
            match planted::once(subscription.next()) {
                Some(Ok(Delivery::Event(event))) => {
                    given.push((event.stream.id().to_owned(), event.version.get()));
                }
                Some(Ok(Delivery::CaughtUp)) => break,
                Some(Ok(other)) => panic!("each event is wanted, but there is {other:?}"),
                Some(Err(error)) => {
                    assert!(error.is_transient(), "{error}");
                    failed += 1;
                }
                None => hung += 1,
            }
        }
        assert_eq!(given, due, "each event once, and in order");
        assert!((failed > 0) == fails, "{failed} looks have failed");
        assert!((hung > 0) == hangs, "{hung} looks were left");
    }
    assert!(
        store.asked_for_trims.load(Ordering::SeqCst) > 3,
        "those, too"
    );
}

#[tokio::test]
async fn a_subscription_holds_one_page_whatever_is_waiting() {
    let inner = filled(1_000).await;
    let store = Arc::new(Planted::new(inner));
    let mut subscription = follow(&store, Subscribe::all(Start::Beginning)).await;
    let mut taken = 0;
    while let Delivery::Event(_) = subscription.next().await.expect("readable") {
        taken += 1;
        let read = store.given.load(Ordering::SeqCst);
        let most = store.longest_page.load(Ordering::SeqCst);
        assert!(
            read - taken < most,
            "{read} events were read for {taken}, in pages of {most}"
        );
    }
    assert_eq!(taken, 2_000);
}

#[tokio::test]
async fn it_has_fallen_behind_with_one_position_more_than_goes_for_live() {
    let store = MemoryStore::new();
    let mut subscription = store
        .subscribe(Subscribe::all(Start::Now))
        .await
        .expect("a subscription");
    let mut next = async || subscription.next().await.expect("readable");
    assert_eq!(next().await, Delivery::CaughtUp);
    for _ in 0..Subscription::LIVE_POSITIONS {
        append_to(&store, "1").await;
    }
    assert!(matches!(next().await, Delivery::Event(_)), "still live");
    while next().await != Delivery::CaughtUp {}
    for _ in 0..=Subscription::LIVE_POSITIONS {
        append_to(&store, "1").await;
    }
    assert_eq!(next().await, Delivery::FellBehind);
}

#[tokio::test]
async fn no_category_is_an_error() {
    let store = MemoryStore::new();
    let nothing = Subscribe::categories([], Start::Beginning);
    let error = store.subscribe(nothing).await.expect_err("no category");
    assert!(matches!(error, ReadError::Invalid { .. }), "{error}");
    let error = store.read(Read::categories([])).next().await;
    assert!(matches!(error, Err(ReadError::Invalid { .. })), "{error:?}");
}
