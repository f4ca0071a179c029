//! Checks a whole history against everything that the writers were told.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
};

use eventsource_core::{
    Append, AppendError, AppendKey, EventId, Position, Receipt, Recorded, Rejection, StreamId,
    Version,
};

use super::bench::Store;

/// Orders what happens in several tasks: of two ticks of which one was over before the other began, the first is lower.
#[derive(Debug, Default)]
pub(crate) struct Ticks(AtomicU64);

impl Ticks {
    pub(crate) fn next(&self) -> u64 {
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

    pub(crate) fn is_unknown(&self) -> bool {
        self.outcome.as_ref().is_err_and(AppendError::is_unknown)
    }

    /// Whether it has a receipt for the content of another append under its key.
    pub(crate) fn is_of(&self, append: &Append) -> bool {
        self.append.key == append.key && self.receipt().is_some()
    }

    /// Whether it had returned before something that began at this tick.
    pub(crate) fn ended_before(&self, tick: u64) -> bool {
        self.ended < tick
    }

    /// Where the first event stands that this call stored.
    fn first_position(&self) -> Option<Position> {
        let receipt = self.receipt().filter(|receipt| receipt.is_first())?;
        receipt.streams.iter().map(|part| part.first_position).min()
    }
}

/// The history that `attempts` made on an empty store is one that the contract allows, where nothing failed.
pub(crate) fn verify(history: &[Recorded], attempts: &[Attempt]) {
    for attempt in attempts {
        match &attempt.outcome {
            Ok(_) | Err(AppendError::Conflict(_)) => {}
            Err(error) => panic!("an append ends in a receipt or a conflict, not in {error:?}"),
        }
    }
    verify_all(history, attempts);
}

/// The history that `attempts` made on an empty store is one that the contract allows, whatever they ended in.
pub(crate) fn verify_all(history: &[Recorded], attempts: &[Attempt]) {
    assert_in_order(history);
    let (streams, stored) = (by_stream(history), by_id(history));
    let mut there = 0;
    for attempt in attempts {
        let of_attempt = attempt.append.events();
        let count = of_attempt
            .filter(|event| stored.contains_key(&event.id))
            .count();
        match &attempt.outcome {
            Ok(receipt) if receipt.is_first() => {
                assert_stored(attempt, receipt, &streams);
                assert_condition_held(attempt, &streams);
            }
            Ok(receipt) if receipt.is_empty() => panic!("no events were stored by {attempt:?}"),
            Ok(first) => assert_same_content(&attempt.append, first, history),
            Err(error) => assert_explained(attempt, error, history, attempts),
        }
        let all = attempt.append.events().count();
        match &attempt.outcome {
            Ok(receipt) if receipt.is_first() => assert_eq!(count, all),
            Err(AppendError::Unknown(_)) => assert!(
                count == 0 || count == all,
                "{count} of {all} events of an append are stored whose outcome is unknown"
            ),
            outcome => assert_eq!(
                count, 0,
                "events are stored of an append that did not store any: {outcome:?}"
            ),
        }
        there += count;
    }
    assert_keys_once(attempts);
    assert_eq!(
        history.len(),
        there,
        "the store has the events of the appends that succeeded, and no others"
    );
    assert_causal(attempts);
}

/// Under each key, one append at the most was told that it was the first.
fn assert_keys_once(attempts: &[Attempt]) {
    let mut firsts: HashMap<&AppendKey, u32> = HashMap::new();
    for attempt in attempts {
        let stored = |receipt: &&Receipt| receipt.is_first() && !receipt.is_empty();
        if let (Some(key), Some(_)) = (&attempt.append.key, attempt.receipt().filter(stored)) {
            let count = firsts.entry(key).or_default();
            *count += 1;
            assert_eq!(
                *count, 1,
                "the key `{key}` has stored events more than once"
            );
        }
    }
}

/// What an append was refused for was so at a moment while it went on.
fn assert_explained(
    attempt: &Attempt,
    error: &AppendError,
    history: &[Recorded],
    attempts: &[Attempt],
) {
    match error {
        AppendError::Conflict(conflict) => {
            for violated in &conflict.streams {
                assert!(
                    !violated.expected.holds(violated.actual),
                    "a conflict names an expectation that holds: {violated:?}"
                );
                let (low, high) = versions_during(attempt, &violated.stream, history, attempts);
                let told = Version::number(violated.actual);
                assert!(
                    (low..=high).contains(&told),
                    "a conflict tells version {told} of `{}`, which was at {low} to {high} meanwhile",
                    violated.stream
                );
            }
        }
        AppendError::Rejected(Rejection::KeyReused { first, .. }) => {
            assert!(
                !attempt.append.has_content_of(&at_receipt(first, history)),
                "the same content was refused as other content: {attempt:?}"
            );
        }
        AppendError::Rejected(Rejection::Unavailable { .. }) | AppendError::Unknown(_) => {}
        other => panic!("nothing was wrong with an append that ended in {other:?}"),
    }
}

/// Between which versions a stream was while an append went on.
fn versions_during(
    attempt: &Attempt,
    stream: &StreamId,
    history: &[Recorded],
    attempts: &[Attempt],
) -> (u64, u64) {
    let stored = by_id(history);
    let last = |of: &Attempt| {
        let part = of.append.parts.iter().find(|part| part.stream == *stream)?;
        let event = stored.get(&part.events.last()?.id)?;
        Some(event.version.get())
    };
    let before = attempts.iter().filter(|one| one.ended < attempt.began);
    // Of those whose answer was lost, nobody knows when they were stored.
    let before = before.filter(|one| one.receipt().is_some());
    let begun = attempts.iter().filter(|one| one.began < attempt.ended);
    (
        before.filter_map(last).max().unwrap_or(0),
        begun.filter_map(last).max().unwrap_or(0),
    )
}

/// A retry was answered with where the same content stands.
fn assert_same_content(append: &Append, first: &Receipt, history: &[Recorded]) {
    let there = at_receipt(first, history);
    assert!(
        append.has_content_of(&there),
        "an append was answered with the receipt of other content: {append:?} got {there:?}"
    );
}

/// The events where a receipt says.
fn at_receipt(receipt: &Receipt, history: &[Recorded]) -> Vec<Recorded> {
    let is_there = |event: &&Recorded| {
        receipt.streams.iter().any(|part| {
            let versions = part.first_version..=part.last_version;
            part.stream == event.stream && versions.contains(&event.version)
        })
    };
    history.iter().filter(is_there).cloned().collect()
}

fn by_id(history: &[Recorded]) -> HashMap<EventId, &Recorded> {
    history.iter().map(|event| (event.id, event)).collect()
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
