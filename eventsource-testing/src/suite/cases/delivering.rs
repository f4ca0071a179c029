//! What a runner makes of a store: which events it delivers, what it does with one that cannot be, what is kept of it,
//! and who waits for it.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use eventsource_core::{
    Append, EventName, Expected, NewEvent, OnFailure, Position, ProjectionState, ProjectionStatus,
    Receipt, RunnerHandle, StreamId,
    prelude::*,
    runner::{StopReason, WaitError},
};

use crate::suite::{
    bench::{Bench, Store},
    cases::{
        aggregate::Tally,
        kept::claimed,
        running::{
            CURSED, FOREVER, IDLE, Mirror, Told, Waits, add, add_all, begin, checkpoint, parked,
            passes, refuses, runner, settings, status, sums, until,
        },
    },
    kit,
};

fn places(receipts: &[Receipt]) -> Vec<Option<Position>> {
    receipts.iter().map(Receipt::position).collect()
}

/// Contract 17.
pub(crate) async fn s_06_what_cannot_be_delivered_is_tried_again_then_stopped_for_or_parked(
    bench: Bench,
) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return refuses(&store).await;
    };
    let (waits, told) = (Arc::default(), Told::default());
    let start = |what| {
        let settings = settings().on_failure(what);
        let mirror = Mirror::<1>(told.clone());
        begin(runner(&store, &waits).with_settings(mirror, settings))
    };
    told.curse(true);
    let first = places(&add_all(&store, [1, 2, CURSED, 4]).await);
    let last = add(&store, 2, 5).await;
    let stops = start(OnFailure::Stop);
    let error = stops.wait_for(&last, FOREVER).await;
    assert!(
        matches!(error, Err(WaitError::Stopped { .. })),
        "who waits is told that it has stopped: {error:?}"
    );
    assert_eq!(told.attempts(), 3, "so often is it tried");
    let seen = (told.of(1), told.of(2));
    assert_eq!(
        seen,
        (vec![1, 2], vec![]),
        "nothing behind it is delivered, and nothing before it twice"
    );
    assert_eq!(
        checkpoint(kept).await,
        first[1],
        "the checkpoint is right before what failed"
    );
    stops.stop().await;

    // With the other policy it is parked, and so is what follows in its stream.
    let parks = start(OnFailure::Park);
    passes(&parks, &last).await;
    assert_eq!((told.of(1), told.of(2)), (vec![1, 2], vec![5]));
    assert_eq!(told.attempts(), 6, "it is tried as often again");
    assert_eq!(
        checkpoint(kept).await,
        last.position(),
        "the checkpoint passes what is parked"
    );
    let waiting = parked(kept).await;
    let waiting: Vec<_> = waiting.iter().map(|one| Some(one.position)).collect();
    assert_eq!(waiting, first[2..], "what is parked, in order");
    parks.stop().await;

    // The next run knows of it.
    let follower = add(&store, 1, 6).await;
    let next = start(OnFailure::Park);
    let error = next.wait_for(&follower, FOREVER).await;
    assert!(
        matches!(error, Err(WaitError::Parked { .. })),
        "who waits for what is behind it is told: {error:?}"
    );
    let is_past = |status: &ProjectionStatus| status.position >= follower.position();
    until(&next, "mirror", is_past).await;
    assert_eq!(told.of(1), [1, 2], "nothing overtakes what is parked");
    let again = next.replay_parked("mirror").await.expect("it runs");
    assert_eq!((again.delivered, again.left.len()), (0, 1), "still cursed");
    told.curse(false);
    let done = next.replay_parked("mirror").await.expect("it runs");
    assert_eq!((done.delivered, done.left.len()), (3, 0), "no more cursed");
    assert_eq!(told.of(1), [1, 2, CURSED, 4, 6], "all of it, in order");
    assert_eq!(parked(kept).await, []);
    let last = add(&store, 1, 7).await;
    passes(&next, &last).await;
    assert_eq!(told.of(1), [1, 2, CURSED, 4, 6, 7], "what comes then flows");
    next.stop().await;
}

/// Contract 5 and 17.
pub(crate) async fn s_08_a_checkpoint_is_kept_after_each_batch_and_when_nothing_comes(
    bench: Bench,
) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return refuses(&store).await;
    };
    let (waits, told) = (Arc::<Waits>::default(), Told::held());
    let all = places(&add_all(&store, 1..=7).await);
    let mirror = Mirror::<1>(told.clone());
    let batches = settings().with_batch(3);
    let runner = begin(runner(&store, &waits).with_settings(mirror, batches));
    for number in 1..=7 {
        told.arrives().await;
        let kept_to = match number {
            1..=3 => None,
            4..=6 => all[2],
            _ => all[5],
        };
        assert_eq!(
            checkpoint(kept).await,
            kept_to,
            "the checkpoint while event {number} is handled, in batches of 3"
        );
        told.go_on(1);
    }
    let last = add(&store, 1, 8).await;
    told.go_on(1);
    passes(&runner, &last).await;
    assert_eq!(
        checkpoint(kept).await,
        last.position(),
        "a batch that is not full has a checkpoint, too"
    );
    // What is of no concern to it is passed at once, and kept when nothing has come for a while.
    let foreign = kit::put(&store, &kit::stream("1"), 0..1).await;
    passes(&runner, &foreign).await;
    assert_eq!(
        checkpoint(kept).await,
        last.position(),
        "what is only passed may wait"
    );
    waits.ring(IDLE);
    while checkpoint(kept).await < foreign.position() {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        checkpoint(kept).await,
        foreign.position(),
        "what was passed is kept when nothing comes"
    );
    runner.stop().await;
}

/// Contract 5 and 17.
pub(crate) async fn s_09_a_stop_within_a_batch_keeps_what_was_handled_and_no_more(bench: Bench) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return refuses(&store).await;
    };
    let (waits, told) = (Arc::default(), Told::held());
    let start = || {
        let mirror = Mirror::<1>(told.clone());
        begin(runner(&store, &waits).with_settings(mirror, settings()))
    };
    let all = places(&add_all(&store, 1..=5).await);
    let stopped = start();
    told.arrives().await;
    told.go_on(1);
    told.arrives().await;
    // It is in the handler of the second one when it is asked to stop.
    let mut stop = pin!(stopped.stop());
    let asked = poll_fn(|cx| Poll::Ready(stop.as_mut().poll(cx))).await;
    assert!(asked.is_pending(), "it has stopped within a handler");
    told.go_on(1);
    stop.await;
    assert_eq!(told.of(1), [1, 2], "the event in hand is the last one");
    assert_eq!(
        checkpoint(kept).await,
        all[1],
        "the checkpoint is that of the last event that was handled"
    );
    told.go_on(100);
    let next = start();
    let last = add(&store, 1, 6).await;
    passes(&next, &last).await;
    assert_eq!(
        told.of(1),
        [1, 2, 3, 4, 5, 6],
        "the next run goes on right there"
    );
    next.stop().await;
}

/// An event that no code here knows.
async fn put_unknown(store: &Store, stream: &StreamId, version: u64) -> Receipt {
    let mut unknown: NewEvent = kit::event(0);
    unknown.name = EventName::new("tally.forgotten").expect("a legal name");
    let expected = Expected::Exact(kit::version(version));
    let append = Append::to(stream.clone(), expected, vec![unknown]);
    store.append(append).await.expect("any event is stored")
}

/// Contract 9, 10 and 17.
pub(crate) async fn s_19_an_event_that_nobody_knows_is_stopped_for_or_parked_and_counted(
    bench: Bench,
) {
    let store = bench.store().await;
    let (waits, sums) = (Arc::default(), sums());
    let stream = StreamId::of::<Tally>(&1).expect("a legal name");
    let known = add(&store, 1, 1).await;
    let unknown = put_unknown(&store, &stream, 1).await;
    let of_sums = |what| {
        let settings = settings().on_failure(what);
        runner(&store, &waits).with_settings(sums.clone(), settings)
    };
    let stops = begin(of_sums(OnFailure::Stop));
    let error = stops.wait_for(&unknown, FOREVER).await;
    let Err(WaitError::Stopped { reason, .. }) = &error else {
        panic!("an event that nobody knows is passed in silence: {error:?}")
    };
    let StopReason::Event(event) = reason else {
        panic!("it stops for the event, and not for: {reason:?}")
    };
    let told = (event.event.as_str(), Some(event.position), event.attempts);
    assert_eq!(
        told,
        ("tally.forgotten", unknown.position(), 1),
        "which event it stops for, and that waiting would not help"
    );
    let stopped = status(&stops, "sums").await;
    assert!(matches!(stopped.state, ProjectionState::Stopped(_)));
    assert_eq!(stopped.position, known.position(), "right before it");
    stops.stop().await;

    // Where it is parked, it is counted, and other streams go on.
    let told = Told::default();
    let mut parks = of_sums(OnFailure::Park);
    let mut names = vec!["sums"];
    if claimed(&store).is_some() {
        let mirror = Mirror::<1>(told.clone());
        parks = parks.with_settings(mirror, settings().on_failure(OnFailure::Park));
        names.push("mirror");
    }
    let parks = begin(parks);
    let last = add(&store, 2, 2).await;
    passes(&parks, &last).await;
    for name in names {
        let parked = status(&parks, name).await;
        assert_eq!(parked.parked, 1, "what `{name}` has parked");
        assert!(!parked.is_at_head(), "what is parked is not taken in");
        let error = parked.last_error.and_then(|error| error.event);
        let error = error.expect("the last error names an event");
        assert_eq!(error.event, "tally.forgotten", "it is told what it was");
        let error = parks.wait_for_one(name, &unknown, FOREVER).await;
        assert!(
            matches!(error, Err(WaitError::Parked { .. })),
            "who waits for it is told that it is parked: {error:?}"
        );
    }
    assert_eq!(sums.read(|sums| sums.counted.clone()), [1, 2]);
    if let Some(kept) = claimed(&store) {
        assert_eq!((told.of(1), told.of(2)), (vec![1], vec![2]));
        let [only] = parked(kept).await.try_into().expect("one is parked");
        assert_eq!(Some(only.position), unknown.position());
        assert!(only.error.is_some(), "why it was parked is kept");
    }
    parks.stop().await;
}

/// Whether a wait for a receipt goes on, and the wait.
async fn is_waiting<'a>(
    runner: &'a RunnerHandle,
    receipt: &'a Receipt,
) -> (
    bool,
    Pin<Box<dyn Future<Output = Result<(), WaitError>> + Send + 'a>>,
) {
    let mut waiting = Box::pin(runner.wait_for(receipt, FOREVER));
    let polled = poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await;
    (polled.is_pending(), waiting)
}

/// Contract 5 and 10.
pub(crate) async fn k_05_a_wait_for_a_receipt_ends_when_what_it_is_of_can_be_read(bench: Bench) {
    let store = bench.store().await;
    let (waits, sums, told) = (Arc::default(), sums(), Told::default());
    let mut building = runner(&store, &waits).with_settings(sums.clone(), settings());
    let mut names = vec!["sums"];
    if claimed(&store).is_some() {
        building = building.with_settings(Mirror::<1>(told.clone()), settings());
        names.push("mirror");
    }
    let running = begin(building);
    let mut all = Vec::new();
    let read = || sums.read(|sums| sums.counted.clone());
    // Each of them can be read as soon as it was waited for.
    for by in 1..=20 {
        let receipt = add(&store, 1, by).await;
        passes(&running, &receipt).await;
        all.push(by);
        assert_eq!(read(), all, "what was waited for can be read");
        // It is there already, and needs no time.
        let there = running.wait_for(&receipt, Duration::ZERO).await;
        assert!(there.is_ok(), "what is there needs no wait: {there:?}");
    }
    if names.len() > 1 {
        assert_eq!(told.of(1), all);
    }
    for name in &names {
        running.pause(name).await.expect("it runs here");
    }
    let late = add(&store, 1, 21).await;
    let (first, waiting) = is_waiting(&running, &late).await;
    let (second, dropped) = is_waiting(&running, &late).await;
    assert!(first && second, "nothing of it is there yet");
    let error = running.wait_for(&late, Duration::from_millis(1)).await;
    assert!(
        matches!(&error, Err(WaitError::TimedOut { position, .. }) if Some(*position) == late.position()),
        "it is not there in time: {error:?}"
    );
    assert_eq!(read(), all);
    // Who gives up changes nothing for others.
    drop(dropped);
    for name in &names {
        running.resume(name).expect("it runs here");
    }
    waiting.await.expect("it is there later");
    all.push(21);
    assert_eq!(read(), all, "what was waited for can be read later");
    running.stop().await;
    let last = add(&store, 1, 22).await;
    let error = running.wait_for(&last, FOREVER).await;
    assert!(
        matches!(error, Err(WaitError::Stopped { .. })),
        "nobody waits for what has stopped: {error:?}"
    );
}
