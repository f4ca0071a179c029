//! Every kind of read gives what the store in memory gives, and costs nothing once it is dropped.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{future::poll_fn, num::NonZeroUsize, task::Poll};

use common::{events, folder, open};
use eventsource_core::{
    Append, Category, EventName, EventStore, EventStoreExt, Expected, ManualClock, MemoryStore,
    NewEvent, Position, Read, ReadError, StreamId, Tag, Timestamp, Version,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

fn name(number: usize) -> EventName {
    EventName::new(format!("name.{number}")).unwrap()
}

fn tag(number: usize) -> Tag {
    Tag::new(format!("tag {number}")).unwrap()
}

fn stream(number: usize) -> StreamId {
    StreamId::new(["left", "right"][number % 2], format!("{}", number / 2)).unwrap()
}

/// Some appends, at rising times.
fn appends() -> impl Strategy<Value = Vec<(usize, Vec<NewEvent>)>> {
    let event = (
        0..6_usize,
        proptest::collection::btree_set(0..3_usize, 0..3),
        0..200_i64,
    );
    let append = (0..6_usize, proptest::collection::vec(event, 1..4));
    proptest::collection::vec(append, 120).prop_map(|appends| {
        appends
            .into_iter()
            .map(|(stream, parts)| {
                let mut new = events(0..parts.len() as u64);
                for (event, (number, tags, occurred)) in new.iter_mut().zip(parts) {
                    event.name = name(number);
                    event.tags = tags.into_iter().map(tag).collect();
                    event.occurred_at = Timestamp::from_micros(occurred);
                }
                (stream, new)
            })
            .collect()
    })
}

fn reads() -> impl Strategy<Value = Read> {
    let scope = prop_oneof![
        Just(Read::all()),
        (0..7_usize).prop_map(|number| Read::stream(stream(number))),
        prop_oneof![Just("left"), Just("right"), Just("none")]
            .prop_map(|text| Read::category(Category::new(text).unwrap())),
    ];
    let number = || proptest::option::weighted(0.3, prop_oneof![1..300_u64, Just(u64::MAX)]);
    let time = || proptest::option::weighted(0.2, -5..210_i64);
    (
        scope,
        proptest::option::weighted(0.4, proptest::collection::btree_set(0..8_usize, 1..4)),
        proptest::collection::btree_set(0..4_usize, 0..3),
        any::<bool>(),
        (number(), number(), number(), number()),
        (time(), time(), time(), time()),
        proptest::option::weighted(0.3, 0..50_u64),
    )
        .prop_map(|(mut read, names, tags, backward, numbers, times, limit)| {
            if let Some(names) = names {
                read = read.named(names.into_iter().map(name));
            }
            read = read.tagged(tags.into_iter().map(tag));
            if backward {
                read = read.backward();
            }
            if matches!(read.scope, eventsource_core::Scope::Stream(_)) {
                read.from_version = numbers.0.and_then(Version::new);
                read.to_version = numbers.1.and_then(Version::new);
            }
            read.from_position = numbers.2.and_then(Position::from_number);
            read.to_position = numbers.3.and_then(Position::from_number);
            read.occurred_from = times.0.map(Timestamp::from_micros);
            read.occurred_to = times.1.map(Timestamp::from_micros);
            read.recorded_from = times.2.map(Timestamp::from_micros);
            read.recorded_to = times.3.map(Timestamp::from_micros);
            read.limit = limit;
            read
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_read_gives_what_the_store_in_memory_gives() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let (_folder, path) = folder();
    let clocks = [(); 2].map(|()| std::sync::Arc::new(ManualClock::at(Timestamp::EPOCH)));
    let memory = MemoryStore::with_clock(std::sync::Arc::clone(&clocks[0]) as _);
    let options = SqliteOptions::new(&path).with_clock(std::sync::Arc::clone(&clocks[1]) as _);
    let store = SqliteStore::open_with(options).await.unwrap();
    for (number, new) in appends().new_tree(&mut runner).unwrap().current() {
        for clock in &clocks {
            clock.advance_micros(i64::try_from(number).unwrap() - 1);
        }
        let append = Append::to(stream(number), Expected::Any, new);
        let receipt = memory.append(append.clone()).await.unwrap();
        assert_eq!(store.append(append).await.unwrap(), receipt);
    }
    let mut given = 0;
    for _ in 0..3000 {
        let read = reads().new_tree(&mut runner).unwrap().current();
        let expected = memory.read(read.clone()).collect().await;
        let found = store.read(read.clone()).collect().await;
        match (expected, found) {
            (Ok(expected), Ok(found)) => {
                given += found.len();
                assert_eq!(found, expected, "{read:?}");
            }
            (
                Err(ReadError::StreamNotFound { stream }),
                Err(ReadError::StreamNotFound { stream: found }),
            ) => assert_eq!(found, stream),
            (expected, found) => panic!("{found:?} instead of {expected:?} for {read:?}"),
        }
    }
    assert!(given > 10_000, "the reads gave only {given} events");
}

#[tokio::test]
async fn a_read_gives_what_was_stored_when_it_began() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let append = |range| Append::to(stream(0), Expected::Any, events(range));
    store.append(append(0..1000)).await.unwrap();
    for read in [
        Read::all(),
        Read::stream(stream(0)),
        Read::category(stream(0).category().clone()),
    ] {
        let before = usize::try_from(store.head().await.unwrap().unwrap().number()).unwrap();
        let mut reading = store.read(read);
        assert!(reading.next().await.unwrap().is_some());
        store.append(append(0..1000)).await.unwrap();
        assert_eq!(reading.collect().await.unwrap().len(), before - 1);
    }
}

#[tokio::test]
async fn reads_that_are_paused_or_dropped_hold_up_nobody() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_readers(NonZeroUsize::MIN);
    let store = SqliteStore::open_with(options).await.unwrap();
    let append = Append::to(stream(0), Expected::Any, events(0..3000));
    store.append(append).await.unwrap();
    let mut paused = Vec::new();
    for taken in [1, 257, 1000] {
        let mut reading = store.read(Read::all());
        for _ in 0..taken {
            reading.next().await.unwrap();
        }
        paused.push(reading);
        let mut dropped = store.read(Read::all().backward());
        dropped.next().await.unwrap();
    }
    // The only reader serves others, and no snapshot keeps the log from being emptied.
    assert_eq!(store.read_all().await.unwrap().len(), 3000);
    let raw = rusqlite::Connection::open(&path).unwrap();
    let busy: i64 = raw
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(busy, 0);
    for (reading, taken) in paused.into_iter().zip([1, 257, 1000]) {
        assert_eq!(reading.collect().await.unwrap().len(), 3000 - taken);
    }
}

#[tokio::test]
async fn reads_that_find_nothing_take_turns_with_others() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_readers(NonZeroUsize::MIN);
    let store = SqliteStore::open_with(options).await.unwrap();
    let mut rare = events(0..1);
    rare[0].name = name(1);
    let append = Append::to(stream(1), Expected::NoStream, rare);
    store.append(append).await.unwrap();
    for _ in 0..7 {
        let append = Append::to(stream(0), Expected::Any, events(0..10_000));
        store.append(append).await.unwrap();
    }
    let mut scan = store.read(Read::stream(stream(0)).named([name(1)]));
    let mut scan = std::pin::pin!(scan.next());
    let mut head = std::pin::pin!(store.head());
    // Both are queued, and the only reader serves them in this order: what is asked later comes before the scan's end.
    let mut found = poll_fn(|cx| Poll::Ready(scan.as_mut().poll(cx))).await;
    let mut answer = poll_fn(|cx| Poll::Ready(head.as_mut().poll(cx))).await;
    if found.is_pending() {
        found = Poll::Ready(scan.await);
    }
    assert!(matches!(found, Poll::Ready(Ok(None))), "{found:?}");
    if answer.is_pending() {
        answer = poll_fn(|cx| Poll::Ready(head.as_mut().poll(cx))).await;
    }
    assert!(matches!(answer, Poll::Ready(Ok(Some(_)))), "{answer:?}");
}

#[tokio::test]
async fn events_larger_than_a_page_are_read_one_by_one() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let mut large = events(0..5);
    for event in &mut large {
        event.payload = eventsource_core::StoredPayload::json(&vec![b' '; 3 << 20]);
    }
    store
        .append(Append::to(stream(0), Expected::NoStream, large))
        .await
        .unwrap();
    let mut reading = store.read(Read::all());
    for _ in 0..5 {
        assert_eq!(reading.next_page().await.unwrap().len(), 1);
    }
    assert!(reading.next_page().await.unwrap().is_empty());
}

/// As many events as a long read needs several hops for.
const MANY: usize = 6_000;

async fn filled(path: &std::path::Path) -> SqliteStore {
    let options = SqliteOptions::new(path).with_readers(NonZeroUsize::MIN);
    let store = SqliteStore::open_with(options).await.unwrap();
    let append = Append::to(stream(0), Expected::NoStream, events(0..MANY as u64));
    store.append(append).await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn long_reads_at_any_pace_share_a_thread_and_each_gets_everything_in_order() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    // How often each lets go of its thread after each event, so that it is behind what is read ahead, or before it.
    let reading: Vec<_> = [0, 0, 1, 5]
        .into_iter()
        .map(|pace| {
            let mut reading = store.read(Read::all());
            tokio::spawn(async move {
                let mut next = 1;
                while let Some(event) = reading.next().await.unwrap() {
                    assert_eq!(event.position.number(), next);
                    next += 1;
                    for _ in 0..pace {
                        tokio::task::yield_now().await;
                    }
                }
                next - 1
            })
        })
        .collect();
    for read in reading {
        assert_eq!(read.await.unwrap(), MANY as u64);
    }
}

#[tokio::test]
async fn a_read_that_the_store_is_closed_under_gives_what_was_read_and_then_says_so() {
    let (_folder, path) = folder();
    let store = filled(&path).await;
    let mut reading = store.read(Read::all());
    assert!(reading.next().await.unwrap().is_some());
    store.close().await;
    let mut last = 1;
    let refused = loop {
        match reading.next().await {
            Ok(Some(event)) => {
                last += 1;
                assert_eq!(event.position.number(), last);
            }
            Ok(None) => panic!("{last} of {MANY} events were given as if they were all"),
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, ReadError::Closed), "{refused:?}");
}
