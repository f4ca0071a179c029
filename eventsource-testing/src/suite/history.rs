//! Checks a whole history against everything that the writers were told.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
};

use eventsource_core::{Append, AppendError, Position, Receipt, Recorded, StreamId, Version};

use super::bench::Store;

/// Orders what happens in several tasks: of two ticks of which one was over before the other began, the first is lower.
#[derive(Debug, Default)]
pub(crate) struct Ticks(AtomicU64);

impl Ticks {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// One append, and what its writer was told.
#[derive(Debug)]
pub(crate) struct Attempt {
    append: Append,
    outcome: Result<Receipt, AppendError>,
    began: u64,
    ended: u64,
}

impl Attempt {
    /// Makes an append.
    pub(crate) async fn make(store: &Store, ticks: &Ticks, append: Append) -> Self {
        let began = ticks.next();
        let outcome = store.append(append.clone()).await;
        Self {
            append,
            outcome,
            began,
            ended: ticks.next(),
        }
    }

    pub(crate) fn receipt(&self) -> Option<&Receipt> {
        self.outcome.as_ref().ok()
    }

    pub(crate) fn is_conflict(&self) -> bool {
        self.outcome.as_ref().is_err_and(AppendError::is_conflict)
    }

    /// Where the first event stands that this call stored.
    fn first_position(&self) -> Option<Position> {
        let receipt = self.receipt().filter(|receipt| receipt.is_first())?;
        receipt.streams.iter().map(|part| part.first_position).min()
    }
}

/// The history that `attempts` made on an empty store is one that the contract allows.
pub(crate) fn verify(history: &[Recorded], attempts: &[Attempt]) {
    assert_in_order(history);
    let streams = by_stream(history);
    let mut stored = 0;
    for attempt in attempts {
        match &attempt.outcome {
            Ok(receipt) if receipt.is_first() => {
                stored += attempt.append.events().count();
                assert_stored(attempt, receipt, &streams);
                assert_condition_held(attempt, &streams);
            }
            Ok(_) => {}
            Err(AppendError::Conflict(conflict)) => {
                for violated in &conflict.streams {
                    assert!(
                        !violated.expected.holds(violated.actual),
                        "a conflict names an expectation that holds: {violated:?}"
                    );
                }
            }
            Err(error) => panic!("an append ends in a receipt or a conflict, not in {error:?}"),
        }
    }
    assert_eq!(
        history.len(),
        stored,
        "the store has the events of the appends that succeeded, and no others"
    );
    assert_causal(attempts);
}

/// Positions and versions rise, no id comes twice, the time of recording never falls.
pub(crate) fn assert_in_order(history: &[Recorded]) {
    for pair in history.windows(2) {
        assert!(
            pair[0].position < pair[1].position,
            "positions rise in read order, but {} comes before {}",
            pair[0].position,
            pair[1].position
        );
        assert!(
            pair[0].recorded_at <= pair[1].recorded_at,
            "the time of recording never falls, but {} comes before {}",
            pair[0].recorded_at,
            pair[1].recorded_at
        );
    }
    let mut ids = HashSet::new();
    let mut last: HashMap<&StreamId, Version> = HashMap::new();
    for event in history {
        assert!(ids.insert(event.id), "the event {} comes twice", event.id);
        let before = last.insert(&event.stream, event.version);
        assert_eq!(
            event.version,
            Version::after(before),
            "versions follow each other along the stream `{}`",
            event.stream
        );
    }
}

fn by_stream(history: &[Recorded]) -> HashMap<&StreamId, Vec<&Recorded>> {
    let mut streams: HashMap<_, Vec<_>> = HashMap::new();
    for event in history {
        streams.entry(&event.stream).or_default().push(event);
    }
    streams
}

/// The events stand where the receipt says.
fn assert_stored(
    attempt: &Attempt,
    receipt: &Receipt,
    streams: &HashMap<&StreamId, Vec<&Recorded>>,
) {
    let written = attempt
        .append
        .parts
        .iter()
        .filter(|part| !part.events.is_empty());
    let written: Vec<_> = written.collect();
    assert_eq!(written.len(), receipt.streams.len(), "{receipt:?}");
    for (part, stands) in written.into_iter().zip(&receipt.streams) {
        assert_eq!(part.stream, stands.stream);
        let events: Vec<_> = streams
            .get(&part.stream)
            .into_iter()
            .flatten()
            .filter(|event| (stands.first_version..=stands.last_version).contains(&event.version))
            .collect();
        assert_eq!(
            events.iter().map(|event| event.id).collect::<Vec<_>>(),
            part.events.iter().map(|event| event.id).collect::<Vec<_>>(),
            "the events that an acknowledged append wrote to `{}`",
            part.stream
        );
        assert_eq!(
            events.first().map(|event| event.position),
            Some(stands.first_position)
        );
        assert_eq!(
            events.last().map(|event| event.position),
            Some(stands.last_position)
        );
    }
}

/// What the append expected was so at the position where it stands.
fn assert_condition_held(attempt: &Attempt, streams: &HashMap<&StreamId, Vec<&Recorded>>) {
    let Some(position) = attempt.first_position() else {
        return;
    };
    for part in &attempt.append.parts {
        let before = streams.get(&part.stream).and_then(|events| {
            let earlier = events.partition_point(|event| event.position < position);
            Some(events[earlier.checked_sub(1)?].version)
        });
        assert!(
            part.expected.holds(before),
            "an append that expected {} of `{}` was stored at position {position}, where the stream's version was {}",
            part.expected,
            part.stream,
            Version::number(before)
        );
    }
}

/// An append that began after another had returned stands after it.
fn assert_causal(attempts: &[Attempt]) {
    for earlier in attempts {
        let Some(before) = earlier.receipt().and_then(Receipt::position) else {
            continue;
        };
        for later in attempts.iter().filter(|later| earlier.ended < later.began) {
            if let Some(position) = later.first_position() {
                assert!(
                    before < position,
                    "an append that began after another had returned has position {position}, the other has {before}"
                );
            }
        }
    }
}
