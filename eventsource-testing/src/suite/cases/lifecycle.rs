//! Failures, crashes, cancelled futures, and clocks.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError},
    task::{Context, Poll},
};

use eventsource_core::{
    Append, AppendError, Capability, Delivery, Expected, ManualClock, Rejection, Start, Subscribe,
    Timestamp,
    fault::{FaultAction, FaultPoint},
};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::subscription::follow,
    child::{self, Work},
    fixture::Setup,
    hooks::{Gate, OpenAtEnd, Script, append_on_thread, chance},
    kit,
};

pub(crate) fn keyed() -> Append {
    Append::to(kit::stream("1"), Expected::Any, kit::events(0..3)).with_key(kit::key("the key"))
}

/// A store in which the append of [`keyed`] ended in nobody knows what: all of it is there, or nothing, and repeating
/// it stores it once.
async fn assert_whole_or_nothing_and_once(store: &Store) {
    let stream = kit::stream("1");
    let there = kit::stream_marks(store, &stream).await;
    assert!(
        there.is_empty() || there == [0, 1, 2],
        "a part of an append is there: {there:?}"
    );
    let retry = store
        .append(keyed())
        .await
        .expect("the store is usable afterwards");
    assert!(
        there.is_empty() || !retry.is_first(),
        "what was there is found under its key"
    );
    kit::assert_only(store, &stream, 0..3).await;
    kit::put(store, &stream, 3..4).await;
    kit::assert_only(store, &stream, 0..4).await;
}

/// The location of a place, or nothing where the store does not claim to be durable.
pub(crate) fn durable(store: &Open) -> Option<String> {
    if !store.capabilities().has(Capability::Durable) {
        return None;
    }
    let location = store.place.location();
    assert!(
        location.is_some(),
        "a store that claims to be durable has a place with a location"
    );
    location
}

/// Contract 3, 8 and 14.
pub(crate) async fn t_03_a_failure_or_crash_at_any_point_leaves_all_or_nothing(bench: Bench) {
    fails_at_each_point(&bench).await;
    if durable(&bench.store().await).is_none() {
        return;
    }
    for point in 0.. {
        let store = bench.store().await;
        let location = durable(&store).expect("the store is durable");
        let place = store.close().await;
        let crashed = bench.child().crashes(&location, point, Work::Append);
        let store = Open::at(place, Setup::default()).await;
        assert_child(&store, !crashed).await;
        if !crashed {
            assert!(
                point >= 2,
                "a store asks its fault hook at two points at the least"
            );
            break;
        }
    }
}

/// The store fails at its first fault point, then at its second, and so on through a whole append.
async fn fails_at_each_point(bench: &Bench) {
    for number in 0.. {
        let (faults, struck) = Script::failing_at_number(number);
        let store = bench.store_with(Setup::default().with_faults(faults)).await;
        let outcome = store.append(keyed()).await;
        let struck = *struck.lock().unwrap_or_else(PoisonError::into_inner);
        match (struck, &outcome) {
            (Some(FaultPoint::AfterCommit), Err(AppendError::Unknown(_))) => {
                assert_eq!(
                    kit::stream_marks(&store, &kit::stream("1")).await,
                    [0, 1, 2]
                );
            }
            (Some(_), Err(AppendError::Rejected(_))) => {
                assert_eq!(kit::all(&store).await, [], "certainly nothing was stored");
            }
            (None, Ok(_)) => {
                assert!(
                    number >= 2,
                    "a store asks its fault hook at two points at the least"
                );
                return;
            }
            _ => panic!("a failure at {struck:?} ends in {outcome:?}"),
        }
        assert_whole_or_nothing_and_once(&store).await;
    }
}

/// The append of a child is there as a whole, or not at all where that may be, and repeating it stores it once.
async fn assert_child(store: &Store, acknowledged: bool) {
    let stream = kit::stream("child");
    let whole: Vec<_> = child::MARKS.collect();
    let there = kit::stream_marks(store, &stream).await;
    assert!(
        there == whole || there.is_empty() && !acknowledged,
        "after the process has ended there is {there:?} of {whole:?}; it was acknowledged: {acknowledged}"
    );
    let retry = store
        .append(child::append())
        .await
        .expect("the store is usable afterwards");
    assert_eq!(
        retry.is_first(),
        there.is_empty(),
        "the key is there as the events are"
    );
    kit::assert_only(store, &stream, child::MARKS).await;
}

/// Contract 3 and 14.
pub(crate) async fn t_04_what_was_acknowledged_outlives_a_killed_process(bench: Bench) {
    let store = bench.store().await;
    let claimed = durable(&store).is_some();
    let Some(location) = store.place.location() else {
        return;
    };
    let place = store.close().await;
    bench.child().is_killed(&location, Work::Append);
    let store = Open::at(place, Setup::default()).await;
    assert!(
        claimed || kit::all(&store).await.is_empty(),
        "the store outlives a killed process, and does not claim it"
    );
    if claimed {
        assert_child(&store, true).await;
    }
}

/// Polls a future so many times, and drops it.
struct Polls<F> {
    future: Pin<Box<F>>,
    left: usize,
}

impl<F: Future> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match self.future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

pub(crate) async fn polled<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let future = Box::pin(future);
    Polls {
        future,
        left: times,
    }
    .await
}

/// Contract 13.
pub(crate) async fn t_08_a_dropped_append_stores_all_or_nothing(bench: Bench) {
    for times in 0.. {
        let store = bench.store().await;
        let ended = polled(times, store.append(keyed())).await;
        assert_whole_or_nothing_and_once(&store).await;
        if let Some(outcome) = ended {
            assert!(outcome.is_ok_and(|receipt| receipt.is_first()));
            break;
        }
    }
    // Dropped while the writer is held in the middle of it.
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let store = bench
        .store_with(Setup::default().with_faults(Arc::clone(&gate) as _))
        .await;
    let gate = OpenAtEnd(gate);
    let held = append_on_thread(&store, keyed());
    gate.0.holds_a_writer().await;
    // On a thread of its own, since a store may hold up whoever asks meanwhile.
    let (another, runtime) = (Arc::clone(&store), tokio::runtime::Handle::current());
    let mut dropped = tokio::task::spawn_blocking(move || {
        runtime.block_on(async { drop(polled(1, another.append(keyed())).await) });
    });
    let over = chance(&mut dropped).await;
    gate.0.let_go();
    if over.is_none() {
        dropped.await.expect("it is polled once");
    }
    drop(held.await.expect("the writer ends"));
    assert_whole_or_nothing_and_once(&store).await;
}

/// Contract 13.
pub(crate) async fn t_14_dropped_reads_and_waits_change_nothing(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..10).await;
    let mut events = store.read(eventsource_core::Read::all());
    let mut seen = Vec::new();
    for times in (0..4).cycle() {
        match polled(times, events.next()).await {
            Some(Ok(Some(event))) => seen.push(kit::mark(&event)),
            Some(Ok(None)) => break,
            Some(Err(error)) => panic!("the read fails: {error:?}"),
            None => {}
        }
    }
    assert_eq!(
        seen,
        (0..10).collect::<Vec<_>>(),
        "a dropped `next` loses no event"
    );
    // Nothing ends this wait, so it is dropped after its first look.
    let head = kit::head(&store).await;
    assert!(polled(1, store.wait_beyond(head)).await.is_none());
    for times in 0..4 {
        drop(polled(times, store.head()).await);
        drop(polled(times, store.stream_version(&stream)).await);
    }
    kit::assert_only(&store, &stream, 0..10).await;
    // A subscription that is left at any place goes on from there: catching up, live, and fallen behind.
    let mut subscription = follow(&store, Subscribe::all(Start::Beginning)).await;
    let (mut seen, mut fell_behind) = (Vec::new(), 0);
    let mut end = 10;
    for count in [0, 3, 1_000, 2] {
        kit::put(&store, &stream, end..end + count).await;
        end += count;
        for times in (0..5).cycle() {
            let given = match times {
                // One that is never left long enough may begin its look anew for ever.
                4 if subscription.checkpoint() < kit::head(&store).await => {
                    Some(subscription.next().await)
                }
                _ => polled(times, subscription.next()).await,
            };
            match given.transpose().expect("the store can be read") {
                Some(Delivery::Event(event)) => seen.push(kit::mark(&event)),
                Some(Delivery::FellBehind) => fell_behind += 1,
                Some(Delivery::CaughtUp) => break,
                Some(other) => panic!("each event is wanted, but there is {other:?}"),
                None => {}
            }
        }
        assert!(
            seen.iter().copied().eq(0..end),
            "what was left lost nothing"
        );
    }
    assert_eq!(fell_behind, 1, "told once, and not lost");
}

/// Contract 8.
pub(crate) async fn t_12_errors_say_truthfully_what_to_do_next(bench: Bench) {
    let faults = Script::failing(FaultPoint::BeforeCommit, 1);
    let store = bench.store_with(Setup::default().with_faults(faults)).await;
    let stream = kit::stream("1");
    let append = || Append::to(stream.clone(), Expected::NoStream, kit::events(0..1));
    let before = store
        .append(append())
        .await
        .expect_err("it was told to fail");
    assert!(
        before.is_transient() && !before.is_conflict() && !before.is_unknown(),
        "{before:?}"
    );
    assert!(
        matches!(before, AppendError::Rejected(Rejection::Unavailable { .. })),
        "{before:?}"
    );
    // What is said to be transient is so: the same append succeeds.
    store.append(append()).await.expect("nothing is in its way");
    let conflict = store
        .append(append())
        .await
        .expect_err("the stream is there");
    assert!(conflict.is_conflict() && !conflict.is_transient() && !conflict.is_unknown());
    let secret = "a payload that is nobody's business";
    let mut event = kit::event(1);
    event.payload = eventsource_core::StoredPayload::json(secret.as_bytes());
    kit::put_events(&store, &stream, vec![event.clone()]).await;
    let refused = store.append(Append::to(stream.clone(), Expected::Any, [event]));
    let refused = refused.await.expect_err("its id is there already");
    let text = format!("{refused} {refused:?}");
    assert!(!text.contains(secret), "an error shows a payload: {text}");
    assert_eq!(kit::current(&store, &stream).await, Some(kit::version(2)));
}

/// Contract 5 and 9.
pub(crate) async fn t_15_a_clock_that_goes_back_does_not_turn_time_back(bench: Bench) {
    let at = |micros| Timestamp::from_micros(micros);
    let clock = Arc::new(ManualClock::at(at(1_000_000)));
    let setup = Setup::default().with_clock(Arc::clone(&clock) as _);
    let store = bench.store_with(setup).await;
    let mut recorded = Vec::new();
    for (time, expected) in [
        (1_000_000, 1_000_000),
        (5_000_000, 5_000_000),
        (2_000_000, 5_000_000),
        (4_999_999, 5_000_000),
        (5_000_001, 5_000_001),
    ] {
        clock.set(at(time));
        kit::put(&store, &kit::stream(&time.to_string()), 0..2).await;
        recorded.extend([at(expected); 2]);
    }
    let events = kit::all(&store).await;
    let times: Vec<_> = events.iter().map(|event| event.recorded_at).collect();
    assert_eq!(
        times, recorded,
        "the store's clock, where it does not go back"
    );
    crate::suite::history::assert_in_order(&events);
}
