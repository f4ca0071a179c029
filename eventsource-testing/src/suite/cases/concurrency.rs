//! Many writers at once. They meet at a barrier, and what is counted is who won.

use std::sync::Arc;

use eventsource_core::{Append, Expected, StreamId};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Store},
    history::{Attempt, Ticks, verify},
    kit::{self, Dice},
};

/// Lets all appends begin at once, and gives what became of them.
pub(crate) async fn at_once(store: &Store, appends: Vec<Append>) -> Vec<Attempt> {
    let (barrier, ticks) = (
        Arc::new(Barrier::new(appends.len())),
        Arc::new(Ticks::default()),
    );
    let mut writers = JoinSet::new();
    for append in appends {
        let (store, barrier, ticks) = (Arc::clone(store), Arc::clone(&barrier), Arc::clone(&ticks));
        writers.spawn(async move {
            barrier.wait().await;
            Attempt::make(&store, &ticks, append).await
        });
    }
    writers.join_all().await
}

/// Contract 2.
pub(crate) async fn c_20_of_many_writers_with_one_expectation_one_wins(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let mut seen = None;
    let mut won = Vec::new();
    for _ in 0..Bench::times(50, 1_000) {
        let expected = Expected::seen(seen);
        let appends = (0..8).map(|_| Append::to(stream.clone(), expected, kit::events(0..2)));
        let attempts = at_once(&store, appends.collect()).await;
        let winners: Vec<_> = attempts.iter().filter_map(Attempt::receipt).collect();
        assert_eq!(winners.len(), 1, "writers that won with {expected}");
        let losers = attempts
            .iter()
            .filter(|attempt| attempt.is_conflict())
            .count();
        assert_eq!(
            losers, 7,
            "writers that were told of a conflict: {attempts:?}"
        );
        seen = winners[0].version();
        won.push(winners[0].clone());
    }
    let events = kit::all(&store).await;
    assert_eq!(events.len(), 2 * won.len(), "losers write nothing");
}

/// Contract 1 and 2.
pub(crate) async fn c_21_writers_without_an_expectation_all_succeed(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let count = Bench::times(200, 2_000) as u64;
    let appends = (0..count)
        .map(|n| Append::to(stream.clone(), Expected::Any, kit::events(2 * n..2 * n + 2)));
    let attempts = at_once(&store, appends.collect()).await;
    let succeeded = attempts
        .iter()
        .filter(|attempt| attempt.receipt().is_some())
        .count();
    assert_eq!(succeeded as u64, count, "every append succeeds");
    verify(&kit::all(&store).await, &attempts);
    let mut marks = kit::stream_marks(&store, &stream).await;
    assert!(
        marks.chunks(2).all(|pair| pair[0] + 1 == pair[1]),
        "the two events of one append stay together"
    );
    marks.sort_unstable();
    assert_eq!(
        marks,
        (0..2 * count).collect::<Vec<_>>(),
        "every event is there once"
    );
}

/// Contract 2.
pub(crate) async fn c_22_unrelated_streams_never_conflict(bench: Bench) {
    let store = bench.store().await;
    let each = Bench::times(125, 1_250);
    let (barrier, ticks) = (Arc::new(Barrier::new(8)), Arc::new(Ticks::default()));
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let (store, barrier, ticks) =
            (Arc::clone(&store), Arc::clone(&barrier), Arc::clone(&ticks));
        writers.spawn(async move {
            let stream = kit::stream(&format!("of writer {writer}"));
            let (mut seen, mut attempts) = (None, Vec::new());
            barrier.wait().await;
            for mark in 0..each as u64 {
                let expected = Expected::seen(seen);
                let append = Append::to(stream.clone(), expected, [kit::event(mark)]);
                let attempt = Attempt::make(&store, &ticks, append).await;
                seen = attempt
                    .receipt()
                    .and_then(eventsource_core::Receipt::version);
                assert!(
                    seen.is_some(),
                    "no other writer knows `{stream}`: {attempt:?}"
                );
                attempts.push(attempt);
                // The others stand between two appends of this one, also where an append never waits.
                tokio::task::yield_now().await;
            }
            attempts
        });
    }
    let attempts = joined(writers).await;
    verify(&kit::all(&store).await, &attempts);
}

/// What all writers did; the panic of one is the panic of the case.
pub(crate) async fn joined(mut writers: JoinSet<Vec<Attempt>>) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    while let Some(outcome) = writers.join_next().await {
        match outcome {
            Ok(of_one) => attempts.extend(of_one),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => panic!("a writer did not end: {error}"),
            },
        }
    }
    attempts
}

/// Contract 2, 3 and 5: random expectations on few streams, and the whole history checked afterwards.
pub(crate) async fn x_01_each_condition_held_where_its_append_stands(bench: Bench) {
    for round in 0..Bench::times(10, 200) as u64 {
        let store = bench.store().await;
        let (barrier, ticks) = (Arc::new(Barrier::new(6)), Arc::new(Ticks::default()));
        let mut writers = JoinSet::new();
        for writer in 0..6 {
            let (store, barrier, ticks) =
                (Arc::clone(&store), Arc::clone(&barrier), Arc::clone(&ticks));
            writers.spawn(async move {
                let mut dice = Dice::new(round * 100 + writer);
                let mut attempts = Vec::new();
                barrier.wait().await;
                for _ in 0..20 {
                    let append = random_append(&store, &mut dice).await;
                    attempts.push(Attempt::make(&store, &ticks, append).await);
                }
                attempts
            });
        }
        let attempts = joined(writers).await;
        verify(&kit::all(&store).await, &attempts);
    }
}

pub(crate) async fn random_append(store: &Store, dice: &mut Dice) -> Append {
    let stream: StreamId = kit::stream(&format!("shared {}", dice.below(3)));
    let expected = match dice.below(6) {
        0 => Expected::Any,
        1 => Expected::Exists,
        2 => Expected::NoStream,
        _ => Expected::seen(kit::current(store, &stream).await),
    };
    // Others come between the look at the stream and the append.
    tokio::task::yield_now().await;
    let events = kit::events(0..dice.below(4));
    Append::to(stream, expected, events).with_missed(usize::from(dice.below(2) == 0) * 5)
}
