//! The order of the whole store where writers give up, stand in each other's way, or come between the steps of a reader.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use eventsource_core::{
    Append, Capability, Category, EventStore, Expected, Position, Read, Recorded, Start, Subscribe,
    fault::{FaultAction, FaultPoint},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Store},
    cases::{
        concurrency::joined,
        subscription::{events_of, follow, mixed, until_caught_up, wanted},
    },
    fixture::Setup,
    history::{Attempt, Ticks, assert_in_order, verify},
    hooks::Script,
    kit,
};

/// Contract 5 and 8: each writer that gives up may leave its place empty behind it.
pub(crate) async fn g_06_many_writers_that_give_up_in_a_row_stop_no_reader(bench: Bench) {
    let giving_up = Arc::new(AtomicUsize::new(0));
    let left = Arc::clone(&giving_up);
    let script = Script::new(move |point| {
        let fails = point == FaultPoint::BeforeCommit
            && left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok();
        if fails {
            FaultAction::Fail
        } else {
            FaultAction::GoOn
        }
    });
    let store = bench
        .store_with(Setup::default().with_faults(Arc::new(script)))
        .await;
    let (stream, mut marks) = (kit::stream("1"), 0);
    let mut beside = follow(&store, Subscribe::all(Start::Beginning)).await;
    let mut seen = Vec::new();
    for in_a_row in [1, 1_000, Bench::times(0, 100_000)] {
        let before = kit::put(&store, &stream, marks..marks + 1).await.position();
        giving_up.store(in_a_row, Ordering::SeqCst);
        for number in 0..in_a_row {
            let append = Append::to(stream.clone(), Expected::Any, kit::events(0..1));
            let given_up = store.append(append).await;
            assert!(
                given_up
                    .as_ref()
                    .is_err_and(eventsource_core::AppendError::is_transient),
                "the writer {number} of {in_a_row} was told to give up: {given_up:?}"
            );
        }
        kit::put(&store, &stream, marks + 1..marks + 3).await;
        marks += 3;
        let after = store.read(Read::all().after(before)).collect().await;
        assert_eq!(
            kit::marks(&after.expect("a read")),
            [marks - 2, marks - 1],
            "what comes after {in_a_row} that gave up"
        );
        seen.extend(kit::marks(&events_of(&until_caught_up(&mut beside).await)));
        assert_eq!(seen, (0..marks).collect::<Vec<_>>(), "a reader beside them");
    }
    kit::assert_only(&store, &stream, 0..marks).await;
}

/// What one step of a reader gives: a page at a time, with an append between the pages.
async fn step(store: &Store, read: Read, next: &mut u64) -> Vec<Recorded> {
    let (mut given, mut pages) = (Vec::new(), store.read(read));
    loop {
        let page = pages.next_page().await.expect("a read");
        if page.is_empty() {
            return given;
        }
        given.extend(page);
        mixed(store, *next..*next + 2).await;
        *next += 2;
    }
}

/// Contract 5 and 10: a reader that asks for the head and then reads up to it sees everything once, whatever is committed
/// between its questions and between its pages. In another library the guard against gaps looks at a newer moment than the
/// read, and an event between the two is skipped for good (D5 of the field).
pub(crate) async fn g_07_what_is_committed_between_the_steps_of_a_reader_is_not_lost(bench: Bench) {
    let account = Category::new("account").expect("a legal category");
    for what in [
        Read::all(),
        Read::category(account),
        Read::all().named([wanted()]),
        Read::stream(kit::stream("1")),
    ] {
        let store = bench.store().await;
        let mut next = 1_500;
        mixed(&store, 0..next).await;
        let (mut seen, mut last) = (Vec::new(), None::<Position>);
        for _ in 0..4 {
            let head = kit::head(&store).await.expect("there are events");
            mixed(&store, next..next + 3).await;
            next += 3;
            let read = what.clone().after(last).to_position(head);
            seen.extend(step(&store, read, &mut next).await);
            last = Some(head);
        }
        let all = kit::all(&store).await;
        assert_in_order(&all);
        let due = all.iter().filter(|event| {
            let of_stream = what.scope == Read::stream(kit::stream("1")).scope;
            Some(event.position) <= last
                && what.filter.matches(event)
                && (!of_stream || event.stream == kit::stream("1"))
        });
        let due: Vec<_> = due.cloned().collect();
        assert_eq!(
            kit::marks(&seen),
            kit::marks(&due),
            "what a reader in steps saw up to {last:?}: {what:?}"
        );
    }
}

/// Many writers on one stream, and as many on streams of their own, through two handles where the store has them.
async fn beside_a_hot_stream(bench: &Bench, batch: u64) -> (Vec<Recorded>, Vec<Attempt>) {
    let store = bench.store().await;
    let another = store.another().await;
    let (barrier, ticks) = (Arc::new(Barrier::new(8)), Arc::new(Ticks::default()));
    let mut writers = JoinSet::new();
    for writer in 0..8_u64 {
        let store: Store = Arc::clone(if writer % 4 < 2 { &store } else { &another });
        let (barrier, ticks) = (Arc::clone(&barrier), Arc::clone(&ticks));
        writers.spawn(async move {
            let stream = if writer % 2 == 0 {
                "hot"
            } else {
                &writer.to_string()
            };
            let (stream, mut attempts) = (kit::stream(stream), Vec::new());
            barrier.wait().await;
            for _ in 0..Bench::times(20, 500) {
                let append = Append::to(stream.clone(), Expected::Any, kit::events(0..batch));
                attempts.push(Attempt::make(&store, &ticks, append).await);
                tokio::task::yield_now().await;
            }
            attempts
        });
    }
    let attempts = joined(writers).await;
    (kit::all(&store).await, attempts)
}

/// Contract 1 and 5.
pub(crate) async fn g_10_positions_rise_with_the_versions_of_a_hot_stream(bench: Bench) {
    let (history, attempts) = beside_a_hot_stream(&bench, 2).await;
    verify(&history, &attempts);
    let hot = history
        .iter()
        .filter(|event| event.stream == kit::stream("hot"));
    let hot: Vec<_> = hot.map(|event| event.version.get()).collect();
    assert_eq!(hot, (1..=hot.len() as u64).collect::<Vec<_>>());
}

/// Contract 3 and 14.
pub(crate) async fn g_11_the_events_of_one_append_stand_together(bench: Bench) {
    let claimed = bench
        .store()
        .await
        .capabilities()
        .has(Capability::ContiguousBatch);
    let (history, attempts) = beside_a_hot_stream(&bench, 5).await;
    assert_in_order(&history);
    for receipt in attempts.iter().filter_map(Attempt::receipt) {
        let part = &receipt.streams[0];
        let within = (part.first_position..=part.last_position).clone();
        let between = history
            .iter()
            .filter(|event| within.contains(&event.position));
        let streams: Vec<_> = between.map(|event| &event.stream).collect();
        // Without the capability, those of others may stand between them, and nothing else changes.
        assert!(
            !claimed || streams.len() == 5 && streams.iter().all(|stream| **stream == part.stream),
            "between the first and the last of 5 events of `{}` stand {streams:?}",
            part.stream
        );
        let own = streams
            .iter()
            .filter(|stream| ***stream == part.stream)
            .count();
        assert!(own >= 5, "the events of an append are there: {own} of 5");
    }
}
