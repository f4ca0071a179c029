//! The checkpoints of subscriptions: they move on where nothing is wanted, and never past what is.

use std::sync::Arc;

use eventsource_core::{
    Append, Delivery, Expected, Position, Recorded, Start, Subscribe,
    fault::{FaultAction, FaultPoint},
};

use crate::suite::{
    bench::{Bench, Store},
    cases::subscription::{events_of, follow, mixed, next, until_caught_up, wanted},
    fixture::Setup,
    hooks::{Gate, OpenAtEnd, append_on_thread, chance},
    kit,
};

fn only_wanted(start: Start) -> Subscribe {
    Subscribe::all(start).named([wanted()])
}

/// Contract 10.
pub(crate) async fn s_20_a_filter_that_matches_nothing_still_moves_on(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..300).await;
    let mut subscription = follow(&store, only_wanted(Start::Beginning)).await;
    for mark in 300..305 {
        let given = until_caught_up(&mut subscription).await;
        let head = kit::head(&store).await;
        assert_eq!(
            given.last().and_then(Delivery::checkpoint),
            head,
            "while it catches up and live: {given:?}"
        );
        assert_eq!(subscription.checkpoint(), head);
        assert_eq!(events_of(&given), [], "nothing is wanted");
        kit::put(&store, &stream, mark..mark + 1).await;
    }
}

/// Contract 10.
pub(crate) async fn s_21_from_an_empty_store_the_first_checkpoint_is_a_position(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut subscription = follow(&store, only_wanted(Start::Beginning)).await;
    assert_eq!(next(&mut subscription).await, Delivery::CaughtUp);
    assert_eq!(subscription.checkpoint(), None, "there is no position yet");
    let receipt = kit::put(&store, &stream, 0..2).await;
    let first = next(&mut subscription).await;
    assert_eq!(first.checkpoint(), receipt.position());
    // A reader that resumes there misses nothing.
    let start = Start::After(first.checkpoint().expect("just seen"));
    let mut resumed = follow(&store, only_wanted(start)).await;
    let mut event = kit::event(7);
    event.name = wanted();
    kit::put_events(&store, &stream, vec![event]).await;
    let given = until_caught_up(&mut resumed).await;
    assert_eq!(kit::marks(&events_of(&given)), [7]);
}

/// Contract 5 and 10: a page without wanted events says nothing of those that are not committed yet.
pub(crate) async fn s_22_an_empty_page_does_not_pass_an_event_that_is_committed_late(bench: Bench) {
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    let store = bench
        .store_with(Setup::default().with_faults(Arc::clone(&gate) as _))
        .await;
    let gate = OpenAtEnd(gate);
    let mut event = kit::event(1);
    event.name = wanted();
    let late = Append::to(kit::stream("held"), Expected::Any, [event]);
    let held = append_on_thread(&store, late);
    gate.0.holds_a_writer().await;
    let other = Append::to(kit::stream("quick"), Expected::Any, kit::events(2..4));
    let mut quick = append_on_thread(&store, other);
    let quick_outcome = chance(&mut quick).await;
    let mut subscription = follow(&store, only_wanted(Start::Beginning)).await;
    if quick_outcome.is_some() {
        // The writers of this engine do not wait for each other: the reader comes to the end before the held one does.
        let mut reading = Box::pin(until_caught_up(&mut subscription));
        if let Some(given) = chance(&mut reading).await {
            assert_eq!(events_of(&given), [], "nothing wanted is committed");
        }
    }
    gate.0.let_go();
    held.await
        .expect("the writer ends")
        .expect("nothing is in its way");
    if quick_outcome.is_none() {
        quick
            .await
            .expect("the writer ends")
            .expect("nothing is in its way");
    }
    let mut last = kit::event(5);
    last.name = wanted();
    kit::put_events(&store, &kit::stream("end"), vec![last]).await;
    let mut seen = Vec::new();
    while seen.last() != Some(&5) {
        if let Delivery::Event(event) = next(&mut subscription).await {
            seen.push(kit::mark(&event));
        }
    }
    assert_eq!(
        seen,
        [1, 5],
        "the event that was committed late is delivered"
    );
}

/// What a subscription with a filter gives while a writer goes on, up to the end, and the history that was made.
async fn beside_a_writer(store: &Store, count: u64) -> (Vec<Delivery>, Vec<Recorded>) {
    mixed(store, 0..count / 2).await;
    let writer = {
        let store = Arc::clone(store);
        tokio::spawn(async move { mixed(&store, count / 2..count).await })
    };
    let mut subscription = follow(store, only_wanted(Start::Beginning)).await;
    let mut given = Vec::new();
    while !writer.is_finished() {
        given.extend(until_caught_up_or_done(&mut subscription, store).await);
        tokio::task::yield_now().await;
    }
    let end = writer.await.expect("the writer ends").last().copied();
    while subscription.checkpoint() < end {
        given.push(next(&mut subscription).await);
    }
    given.retain(|delivery| *delivery != Delivery::CaughtUp);
    (given, kit::all(store).await)
}

/// What is there for a subscription now; nothing where it has seen everything.
async fn until_caught_up_or_done(
    subscription: &mut eventsource_core::Subscription,
    store: &Store,
) -> Vec<Delivery> {
    let mut given = Vec::new();
    while subscription.checkpoint() < kit::head(store).await {
        given.push(next(subscription).await);
    }
    given
}

fn checkpoints(given: &[Delivery]) -> Vec<Position> {
    given.iter().filter_map(Delivery::checkpoint).collect()
}

/// Contract 5 and 10.
pub(crate) async fn s_23_no_checkpoint_is_beyond_what_was_delivered_or_not_wanted(bench: Bench) {
    for _ in 0..Bench::times(10, 200) {
        let (given, history) = beside_a_writer(&*bench.store().await, 60).await;
        let mut delivered = Vec::new();
        for delivery in &given {
            if let Delivery::Event(event) = delivery {
                delivered.push(event.position);
            }
            let checkpoint = delivery.checkpoint().expect("both kinds have one");
            let due: Vec<_> = history
                .iter()
                .filter(|event| event.name == wanted() && event.position <= checkpoint)
                .map(|event| event.position)
                .collect();
            assert_eq!(
                delivered, due,
                "everything wanted up to the checkpoint {checkpoint}"
            );
        }
        let wanted = history
            .iter()
            .filter(|event| event.name == wanted())
            .count();
        assert_eq!(delivered.len(), wanted, "everything wanted is delivered");
    }
}

/// Contract 5.
pub(crate) async fn s_24_checkpoints_strictly_rise(bench: Bench) {
    for _ in 0..Bench::times(10, 200) {
        let (given, history) = beside_a_writer(&*bench.store().await, 60).await;
        let checkpoints = checkpoints(&given);
        assert!(
            checkpoints.is_sorted_by(|earlier, later| earlier < later),
            "{checkpoints:?}"
        );
        let end = history.last().map(|event| event.position);
        assert_eq!(
            checkpoints.last().copied(),
            end,
            "the last one is the end of the store"
        );
    }
    // Live, one event at a time: each read begins where the one before has ended.
    let store = bench.store().await;
    let mut subscription = follow(&store, only_wanted(Start::Beginning)).await;
    assert_eq!(until_caught_up(&mut subscription).await, []);
    let mut seen = Vec::new();
    for mark in 0..20 {
        let position = mixed(&store, mark..mark + 1).await[0];
        let given = until_caught_up(&mut subscription).await;
        assert_eq!(
            checkpoints(&given),
            [position],
            "one event moves it on once"
        );
        seen.push(position);
    }
    assert!(
        seen.is_sorted_by(|earlier, later| earlier < later),
        "{seen:?}"
    );
}

/// Contract 5 and 10.
pub(crate) async fn s_25_resuming_at_any_checkpoint_gives_exactly_the_rest(bench: Bench) {
    let store = bench.store().await;
    let (given, history) = beside_a_writer(&store, 60).await;
    // Also the positions of events that were not wanted are places to resume after.
    let all = history.iter().map(|event| event.position);
    for checkpoint in checkpoints(&given).into_iter().chain(all) {
        let mut resumed = follow(&store, only_wanted(Start::After(checkpoint))).await;
        let rest = events_of(&until_caught_up(&mut resumed).await);
        let due: Vec<_> = history
            .iter()
            .filter(|event| event.name == wanted() && event.position > checkpoint)
            .cloned()
            .collect();
        assert_eq!(rest, due, "the rest after {checkpoint}");
    }
}
