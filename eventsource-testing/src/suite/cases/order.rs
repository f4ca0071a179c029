//! The order of the whole store: positions rise, and no reader ever misses an event that came late.

use std::{collections::HashSet, sync::Arc};

use eventsource_core::{
    Append, Delivery, Expected, Position, Read, Start, Subscribe, Subscription,
    fault::{FaultAction, FaultPoint},
};
use tokio::{
    sync::Barrier,
    task::{JoinHandle, JoinSet},
};

use crate::suite::{
    bench::{Bench, Store},
    cases::concurrency::joined,
    fixture::Setup,
    history::{Attempt, Ticks, assert_in_order, verify},
    hooks::{Gate, OpenAtEnd, append_on_thread, chance},
    kit,
};

/// Contract 5.
pub(crate) async fn g_01_positions_rise_in_read_order(bench: Bench) {
    let store = bench.store().await;
    for mark in 0..30 {
        let stream = kit::stream(&(mark % 4).to_string());
        kit::put(&store, &stream, mark..mark + mark % 3 + 1).await;
    }
    let events = kit::all(&store).await;
    assert_in_order(&events);
    assert_eq!(
        kit::head(&store).await,
        events.last().map(|event| event.position)
    );
    let unique: HashSet<_> = kit::positions(&events).into_iter().collect();
    assert_eq!(unique.len(), events.len(), "no two events share a position");
    let backward = store.read(Read::all().backward()).collect().await;
    let mut backward = backward.expect("a read");
    backward.reverse();
    assert_eq!(backward, events, "backward is the same order");
}

/// The mark of the event by which readers know the end: it is appended when every other append has returned.
const END: u64 = u64::MAX;

/// Reads by position, again and again, until it has seen the end.
fn polling_reader(store: &Store) -> JoinHandle<Vec<(Position, u64)>> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let (mut seen, mut last) = (Vec::new(), None);
        loop {
            let mut events = store.read(Read::all().after(last));
            while let Some(event) = events.next().await.expect("a read") {
                last = Some(event.position);
                seen.push((event.position, kit::mark(&event)));
            }
            if seen.last().is_some_and(|(_, mark)| *mark == END) {
                return seen;
            }
            let woken = store.wait_beyond(last).await;
            woken.expect("the store can be read");
        }
    })
}

/// Follows until it has seen the end.
fn subscribed_reader(store: &Store) -> JoinHandle<Vec<(Position, u64)>> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let subscribe = Subscribe::all(Start::Beginning);
        let subscription = Subscription::begin(store, subscribe).await;
        let mut subscription = subscription.expect("a subscription");
        let mut seen = Vec::new();
        loop {
            if let Delivery::Event(event) = subscription.next().await.expect("a read") {
                seen.push((event.position, kit::mark(&event)));
                if kit::mark(&event) == END {
                    return seen;
                }
            }
        }
    })
}

/// Contract 5 and 10.
pub(crate) async fn g_02_readers_beside_writers_see_every_event_once_in_order(bench: Bench) {
    let store = bench.store().await;
    let (appends, batch) = (Bench::times(10, 100) as u64, Bench::times(10, 100) as u64);
    let readers = [polling_reader(&store), subscribed_reader(&store)];
    let (barrier, ticks) = (Arc::new(Barrier::new(10)), Arc::new(Ticks::default()));
    let mut writers = JoinSet::new();
    for writer in 0..10 {
        let (store, barrier, ticks) =
            (Arc::clone(&store), Arc::clone(&barrier), Arc::clone(&ticks));
        writers.spawn(async move {
            // Half of the writers share their stream with another one.
            let stream = kit::stream(&(writer / 2 * (1 + writer % 2)).to_string());
            let mut attempts = Vec::new();
            barrier.wait().await;
            for append in 0..appends {
                let first = (writer * appends + append) * batch;
                let append = Append::to(
                    stream.clone(),
                    Expected::Any,
                    kit::events(first..first + batch),
                );
                attempts.push(Attempt::make(&store, &ticks, append).await);
            }
            attempts
        });
    }
    let mut attempts = joined(writers).await;
    let end = Append::to(kit::stream("end"), Expected::NoStream, [kit::event(END)]);
    attempts.push(Attempt::make(&store, &ticks, end).await);
    let history = kit::all(&store).await;
    verify(&history, &attempts);
    let expected: Vec<_> = history
        .iter()
        .map(|event| (event.position, kit::mark(event)))
        .collect();
    for reader in readers {
        let seen = reader.await.expect("the reader ends");
        assert!(
            seen == expected,
            "a reader beside the writers saw other events, or another order, than there is: {} of {}",
            seen.len(),
            expected.len()
        );
    }
}

/// One writer is held on its way to its commit while another one writes and a reader reads; then it goes on, or fails.
async fn with_a_held_writer(bench: &Bench, gate: Arc<Gate>, then: FaultAction) {
    let store = bench
        .store_with(Setup::default().with_faults(Arc::clone(&gate) as _))
        .await;
    let gate = OpenAtEnd(gate);
    let to = |id: &str, marks| Append::to(kit::stream(id), Expected::Any, kit::events(marks));
    let held = append_on_thread(&store, to("held", 0..2));
    gate.0.holds_a_writer().await;
    let mut quick = append_on_thread(&store, to("quick", 2..4));
    let quick_outcome = chance(&mut quick).await;
    // The reader sees what there is to see while the first writer is held, and goes on from there.
    let stored = if then == FaultAction::GoOn { 5 } else { 3 };
    let readers = [polling_reader(&store), subscribed_reader(&store)];
    if quick_outcome.is_some() {
        // In engines whose writers do not wait, both readers have the chance to pass the place of the held one.
        let mut caught_up = Box::pin(caught_up(&store));
        chance(&mut caught_up).await;
    }
    gate.0.let_go();
    let held = held.await.expect("the writer ends");
    assert_eq!(
        held.is_ok(),
        then == FaultAction::GoOn,
        "the held append: {held:?}"
    );
    let quick = match quick_outcome {
        Some(outcome) => outcome,
        None => quick.await,
    };
    quick
        .expect("the writer ends")
        .expect("nothing is in its way");
    kit::put_events(&store, &kit::stream("end"), vec![kit::event(END)]).await;
    let history = kit::all(&store).await;
    assert_in_order(&history);
    assert_eq!(history.len(), stored);
    let expected: Vec<_> = history
        .iter()
        .map(|event| (event.position, kit::mark(event)))
        .collect();
    for reader in readers {
        let seen = reader.await.expect("the reader ends");
        assert_eq!(seen, expected, "what a reader saw that read meanwhile");
    }
}

/// Reads to the present end of the store, several times over.
async fn caught_up(store: &Store) {
    for _ in 0..20 {
        let head = kit::head(store).await;
        let read = store.read(Read::all()).collect().await.expect("a read");
        assert_eq!(read.last().map(|event| event.position), head);
        tokio::task::yield_now().await;
    }
}

/// Contract 5. In other libraries a reader that polls by position passes an event whose transaction commits late, and never
/// sees it (D11, D12 and D13 of the field).
pub(crate) async fn g_03_an_event_that_is_committed_late_is_not_skipped(bench: Bench) {
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn);
    with_a_held_writer(&bench, gate, FaultAction::GoOn).await;
}

/// Contract 5: the writer has begun, and has written nothing yet, not even to a transaction.
pub(crate) async fn g_04_a_writer_that_has_only_begun_is_not_skipped(bench: Bench) {
    let gate = Gate::at_the_first_point(FaultAction::GoOn);
    with_a_held_writer(&bench, gate, FaultAction::GoOn).await;
    let gate = Gate::at_the_first_point(FaultAction::Fail);
    with_a_held_writer(&bench, gate, FaultAction::Fail).await;
}

/// Contract 5 and 8.
pub(crate) async fn g_05_a_writer_that_gives_up_does_not_stop_the_readers(bench: Bench) {
    let gate = Gate::new(FaultPoint::BeforeCommit, FaultAction::Fail);
    with_a_held_writer(&bench, gate, FaultAction::Fail).await;
}

/// Contract 5.
pub(crate) async fn g_12_a_later_append_has_a_higher_position(bench: Bench) {
    let store = bench.store().await;
    let mut last = None;
    for mark in 0..100 {
        // Another task each time, and another stream than the one before.
        let (store, stream) = (Arc::clone(&store), kit::stream(&(mark % 7).to_string()));
        let appended = tokio::spawn(async move { kit::put(&store, &stream, mark..mark + 1).await });
        let position = appended.await.expect("the writer ends").position();
        assert!(last < position, "{position:?} comes after {last:?}");
        last = position;
    }
}

/// Contract 5.
pub(crate) async fn g_13_a_position_survives_as_text(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put(&store, &stream, 0..5).await;
    let events = kit::all(&store).await;
    for (place, event) in events.iter().enumerate() {
        let position: Position = event.position.to_string().parse().expect("its own text");
        assert_eq!(position, event.position);
        let after = store
            .read(Read::all().after(Some(position)))
            .collect()
            .await;
        assert_eq!(after.expect("a read"), events[place + 1..]);
    }
    // Positions beyond the integers that JSON keeps are bounds as good as any.
    let far = Position::from_number((1 << 53) + 1).expect("not 0");
    let none = store.read(Read::all().after(Some(far))).collect().await;
    assert_eq!(none.expect("a read"), [], "nothing stands beyond {far}");
}
