//! Places: opened again, opened twice, copied, and beside each other.

use std::sync::Arc;

use eventsource_core::{Append, Capability, Delivery, Expected, Start, Subscribe};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::{
        append::full_event,
        concurrency::{joined, random_append},
        lifecycle::{durable, keyed},
        subscription::{events_of, follow, next, until_caught_up},
    },
    child::{self, Work},
    fixture::Setup,
    history::{Attempt, Ticks, verify},
    kit::{self, Dice},
};

/// Contract 3, 6, 9 and 14.
pub(crate) async fn x_03_everything_is_there_after_a_clean_close(bench: Bench) {
    let store = bench.store().await;
    if durable(&store).is_none() {
        return;
    }
    let stream = kit::stream("1");
    let first = store.append(keyed()).await.expect("an append");
    kit::put_events(&store, &kit::stream("2"), vec![full_event()]).await;
    let (before, head) = (kit::all(&store).await, kit::head(&store).await);
    let store = Open::at(store.close().await, Setup::default()).await;
    assert_eq!(kit::all(&store).await, before, "every part of every event");
    assert_eq!(kit::head(&store).await, head);
    let retry = store.append(keyed()).await.expect("a retry");
    assert_eq!(
        (retry.is_first(), &retry.streams),
        (false, &first.streams),
        "the key"
    );
    let exact = Expected::Exact(kit::version(3));
    let wrong = Append::to(stream.clone(), Expected::NoStream, kit::events(3..4));
    kit::assert_conflict(store.append(wrong).await, &stream, Expected::NoStream, 3);
    let right = Append::to(stream, exact, kit::events(3..4));
    let receipt = store.append(right).await.expect("the version goes on");
    assert!(receipt.position() > head, "positions go on");
}

/// Contract 2, 5 and 14.
pub(crate) async fn c_35_two_handles_on_one_place_see_each_other(bench: Bench) {
    let store = bench.store().await;
    let another = store.place.open_another().await;
    assert_eq!(
        store.capabilities().has(Capability::MultiProcess),
        another.is_some(),
        "a place can be opened twice exactly where the store claims it"
    );
    let Some(another) = another else {
        return;
    };
    let stream = kit::stream("1");
    kit::put(&store, &stream, 0..2).await;
    kit::assert_only(&another, &stream, 0..2).await;
    let stale = Append::to(stream.clone(), Expected::NoStream, kit::events(2..3));
    kit::assert_conflict(another.append(stale).await, &stream, Expected::NoStream, 2);
    // A reader at one handle is woken by what comes through the other, within the bound that the store documents.
    let mut subscription = follow(&store, Subscribe::all(Start::Now)).await;
    assert_eq!(next(&mut subscription).await, Delivery::CaughtUp);
    kit::put(&another, &stream, 2..4).await;
    let given = until_caught_up(&mut subscription).await;
    assert_eq!(kit::marks(&events_of(&given)), [2, 3]);
    kit::assert_only(&store, &stream, 0..4).await;
}

/// Contract 2, 8 and 14.
pub(crate) async fn c_38_writers_in_each_others_way_get_receipts_or_conflicts(bench: Bench) {
    for round in 0..Bench::times(4, 100) as u64 {
        let store = bench.store().await;
        let another = store.another().await;
        let (barrier, ticks) = (Arc::new(Barrier::new(8)), Arc::new(Ticks::default()));
        let mut writers = JoinSet::new();
        for writer in 0..8 {
            let store: Store = Arc::clone(if writer % 2 == 0 { &store } else { &another });
            let (barrier, ticks) = (Arc::clone(&barrier), Arc::clone(&ticks));
            writers.spawn(async move {
                let (mut dice, mut attempts) = (Dice::new(round * 1_000 + writer), Vec::new());
                barrier.wait().await;
                for _ in 0..15 {
                    let append = random_append(&store, &mut dice).await;
                    attempts.push(Attempt::make(&store, &ticks, append).await);
                }
                attempts
            });
        }
        let attempts = joined(writers).await;
        // It allows receipts and conflicts, and no word of the engine.
        verify(&kit::all(&store).await, &attempts);
    }
}

/// Contract 3, 5 and 14: a process ends within an append, at each of its points, and readers go on from where they were.
pub(crate) async fn g_09_readers_go_on_after_a_crash_within_an_append(bench: Bench) {
    if durable(&bench.store().await).is_none() {
        return;
    }
    let stream = kit::stream("1");
    for point in 0.. {
        let store = bench.store().await;
        let location = durable(&store).expect("the store is durable");
        let checkpoint = kit::put(&store, &stream, 0..2)
            .await
            .position()
            .expect("two events");
        let place = store.close().await;
        let crashed = bench.child().crashes(&location, point, Work::Append);
        let store = Open::at(place, Setup::default()).await;
        let mut reader = follow(&store, Subscribe::all(Start::After(checkpoint))).await;
        let mut seen = kit::marks(&events_of(&until_caught_up(&mut reader).await));
        let of_child: Vec<_> = child::MARKS.collect();
        assert!(
            seen == of_child || seen.is_empty() && crashed,
            "beyond the checkpoint is the append of the other process, or nothing: {seen:?}"
        );
        let stored = seen.len();
        kit::put(&store, &stream, 2..4).await;
        seen.extend(kit::marks(&events_of(&until_caught_up(&mut reader).await)));
        assert_eq!(seen[stored..], [2, 3], "what was appended after the crash");
        let all = kit::marks(&kit::all(&store).await);
        assert_eq!(
            all,
            [vec![0, 1], seen].concat(),
            "what is there is what was seen"
        );
        if !crashed {
            break;
        }
    }
}

/// Contract 3, 6, 9 and 10.
pub(crate) async fn g_15_a_restored_copy_has_the_same_history(bench: Bench) {
    let store = bench.store().await;
    store.append(keyed()).await.expect("an append");
    kit::put_events(&store, &kit::stream("2"), vec![full_event()]).await;
    for mark in 10..40 {
        kit::put(
            &store,
            &kit::stream(&(mark % 3).to_string()),
            mark..mark + 1,
        )
        .await;
    }
    let (before, first) = (
        kit::all(&store).await,
        store
            .find_append(&kit::key("the key"))
            .await
            .expect("a look"),
    );
    let copy = store.place.copy().await.expect("the fixture copied before");
    let copy = Open::at(copy, Setup::default()).await;
    assert_eq!(
        kit::all(&copy).await,
        before,
        "every part of every event, in its order"
    );
    assert_eq!(kit::head(&copy).await, kit::head(&store).await);
    for (place, event) in before.iter().enumerate() {
        let start = Start::After(event.position);
        let mut resumed = follow(&copy, Subscribe::all(start)).await;
        let rest = events_of(&until_caught_up(&mut resumed).await);
        assert_eq!(
            rest,
            before[place + 1..],
            "an old checkpoint is as good as it was"
        );
    }
    let found = copy
        .find_append(&kit::key("the key"))
        .await
        .expect("a look");
    assert_eq!(found, first, "the append keys");
    let retry = copy.append(keyed()).await.expect("a retry");
    assert!(!retry.is_first(), "a retry is known as one");
    // From here on they are two stores.
    let there = kit::current(&copy, &kit::stream("1")).await;
    let append = Append::to(kit::stream("1"), Expected::seen(there), kit::events(90..91));
    let receipt = copy.append(append).await.expect("the version goes on");
    assert!(
        receipt.position() > kit::head(&store).await,
        "positions go on"
    );
    assert_eq!(kit::all(&store).await, before, "the original is as it was");
}

/// Contract 1, 6 and 7.
pub(crate) async fn t_02_two_stores_know_nothing_of_each_other(bench: Bench) {
    let (one, other) = (bench.store().await, bench.store().await);
    let (append, stream) = (keyed(), kit::stream("1"));
    let mut waiting = Box::pin(other.wait_beyond(None));
    assert!(kit::poll_once(&mut waiting).await.is_none(), "it is empty");
    one.append(append.clone()).await.expect("an append");
    kit::put(&one, &stream, 3..5).await;
    assert!(
        kit::poll_once(&mut waiting).await.is_none(),
        "the other one is empty still"
    );
    assert_eq!(
        kit::all(&other).await,
        [],
        "nothing of the one is in the other"
    );
    let found = other
        .find_append(&kit::key("the key"))
        .await
        .expect("a look");
    assert_eq!(found, None, "nor are its keys");
    // The same ids, the same key, the same stream.
    let receipt = other.append(append).await.expect("all of it is new here");
    assert!(receipt.is_first());
    assert_eq!(receipt.version(), Some(kit::version(3)));
    assert_eq!(Some(waiting.await.expect("a look")), receipt.position());
    kit::assert_only(&other, &stream, 0..3).await;
    kit::assert_only(&one, &stream, 0..5).await;
}
