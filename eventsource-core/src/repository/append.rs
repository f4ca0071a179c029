//! Appending what was decided, and finding out what became of it.

use crate::{
    repository::{
        ExecuteError,
        encode::{Part, Stamp},
        engine::{Done, Engine},
    },
    signal,
    store::{
        Append, AppendError, Applied, Conflict, EngineError, Expected, Read, ReadError, Receipt,
        Rejection, StreamReceipt,
    },
    stream::{StreamId, Version},
    text::AppendKey,
};

/// How many of the events that it had not seen a writer is brought by a conflict.
const MISSED: usize = 256;

/// What became of an append.
pub(crate) enum Appended {
    /// It is stored: by this command, now or by an earlier attempt.
    Stored(Receipt),
    /// Another writer was faster. Certainly nothing is stored.
    Conflict(Conflict),
}

impl Engine {
    /// Appends decisions behind what was seen of their streams. Where the store cannot say whether it has stored them, it
    /// is asked again until it can.
    pub(super) async fn append(
        &self,
        stamp: &Stamp<'_>,
        key: Option<&AppendKey>,
        parts: &mut [Part<'_>],
    ) -> Done<Appended> {
        let appended = self.append_once(stamp, key, parts).await;
        signal::appended(parts[0].stream, &appended);
        appended
    }

    async fn append_once(
        &self,
        stamp: &Stamp<'_>,
        key: Option<&AppendKey>,
        parts: &mut [Part<'_>],
    ) -> Done<Appended> {
        let append = Self::encoded(stamp, key, parts, self.keeps())?;
        match self.give(parts, append, 1).await {
            Ok(receipt) => Ok(Appended::Stored(receipt)),
            Err(AppendError::Conflict(conflict)) => Ok(Appended::Conflict(conflict)),
            Err(AppendError::Rejected(Rejection::KeyReused { first, .. })) => {
                stored_first(key, parts, *first)
            }
            Err(AppendError::Unknown(error)) => {
                // Boxed, as everything that is rare: the future of every command would have room for it.
                let settled = Box::pin(self.settle(stamp, key, parts, error)).await;
                signal::outcome_settled(parts[0].stream, stamp.command(), &settled);
                settled
            }
            Err(source) => Err(not_appended(parts, source)),
        }
    }

    /// Finds out what became of an append that may or may not have been stored. The very same events are appended once
    /// more, under the same ids and the same expectations: at most one of the two can ever be stored, and the answer tells
    /// whether the first one was. Reading alone would not: an engine may bring a commit to light later.
    async fn settle(
        &self,
        stamp: &Stamp<'_>,
        key: Option<&AppendKey>,
        parts: &mut [Part<'_>],
        mut unknown: EngineError,
    ) -> Done<Appended> {
        let mut stored = None;
        for attempts in 1..=self.retry.attempts.max(1) {
            signal::outcome_unknown(parts[0].stream, stamp.command(), attempts, &*unknown);
            self.timer.sleep(self.retry.delay_after(attempts)).await;
            let append = Self::encoded(stamp, key, parts, false)?;
            let conflict = match self.give(parts, append, attempts.saturating_add(1)).await {
                Ok(receipt) if receipt.is_first() => return Ok(Appended::Stored(receipt)),
                // By the key; whose events it has stored is seen by their ids.
                Ok(receipt) => {
                    if let Ok(own) = self.own_receipt(parts).await {
                        return Ok(Appended::Stored(own.unwrap_or(receipt)));
                    }
                    stored = Some(receipt);
                    continue;
                }
                Err(AppendError::Conflict(conflict)) => Some(conflict),
                Err(AppendError::Rejected(Rejection::DuplicateEventId { .. })) => None,
                Err(AppendError::Rejected(Rejection::KeyReused { first, .. })) => {
                    return stored_first(key, parts, *first);
                }
                Err(AppendError::Unknown(error)) => {
                    unknown = error;
                    continue;
                }
                Err(error) if error.is_transient() => continue,
                Err(_) => break,
            };
            match (self.own_receipt(parts).await, conflict) {
                (Ok(Some(own)), _) => return Ok(Appended::Stored(own)),
                (Ok(None), Some(conflict)) if is_for_ever(&conflict) => {
                    return Ok(Appended::Conflict(conflict));
                }
                (Ok(None) | Err(()), _) => {}
            }
        }
        // It is there, though whose it is cannot be seen.
        if let Some(receipt) = stored {
            return Ok(Appended::Stored(receipt));
        }
        Err(not_appended(parts, AppendError::Unknown(unknown)))
    }

    /// Gives an append to the store, for the first time or once more.
    async fn give(
        &self,
        parts: &[Part<'_>],
        append: Append,
        attempt: u32,
    ) -> Result<Receipt, AppendError> {
        let (first, events) = (&parts[0], parts.iter().map(|part| part.ids.len()).sum());
        let appending = self.store.append(append);
        signal::append(first.stream, attempt, first.at.version(), events, appending).await
    }

    fn encoded(
        stamp: &Stamp<'_>,
        key: Option<&AppendKey>,
        parts: &mut [Part<'_>],
        keep: bool,
    ) -> Done<Append> {
        let mut append: Option<Append> = None;
        for part in parts {
            let (stream, expected) = (part.stream.clone(), Expected::seen(part.at.version()));
            let events = part.encode(stamp, keep)?;
            append = Some(match append {
                None => Append::to(stream, expected, events),
                Some(append) => append.and(stream, expected, events),
            });
        }
        let mut append = append.expect("a decision is about a stream");
        append.key = key.cloned();
        append.missed_limit = MISSED;
        Ok(append)
    }

    /// The receipt of exactly these events, where they are stored. An error where it cannot be seen just now.
    async fn own_receipt(&self, parts: &[Part<'_>]) -> Result<Option<Receipt>, ()> {
        let mut streams = Vec::with_capacity(parts.len());
        for part in parts.iter().filter(|part| !part.ids.is_empty()) {
            let first = Version::after(part.at.version());
            let read = Read::stream(part.stream.clone()).from_version(first);
            let events = self.store.read(read.limit(part.ids.len() as u64));
            let events = match events.collect().await {
                Ok(events) => events,
                Err(ReadError::StreamNotFound { .. }) => return Ok(None),
                Err(_) => return Err(()),
            };
            signal::read(part.stream, events.len());
            let (Some(begin), Some(end)) = (events.first(), events.last()) else {
                return Ok(None);
            };
            // What was in this place was trimmed.
            if begin.version != first {
                return Err(());
            }
            if !events
                .iter()
                .map(|event| event.id)
                .eq(part.ids.iter().copied())
            {
                return Ok(None);
            }
            streams.push(StreamReceipt::new(
                part.stream.clone(),
                (begin.version, end.version),
                (begin.position, end.position),
            ));
        }
        Ok(Some(Receipt::new(Applied::Now, streams)))
    }
}

/// Whether an expectation was missed: as versions never fall, it will never be met again. A conflict without a reason does
/// not say that, and what was given to the store before may come to light yet.
fn is_for_ever(conflict: &Conflict) -> bool {
    let mut streams = conflict.streams.iter();
    streams.any(|one| !one.expected.holds(one.actual))
}

/// The same command decided otherwise, since it was decided on another state: the first decision stands.
fn stored_first(key: Option<&AppendKey>, parts: &[Part<'_>], first: Receipt) -> Done<Appended> {
    let streams: Vec<_> = parts.iter().map(|part| part.stream).collect();
    same_streams(key, &streams, first).map(Appended::Stored)
}

fn not_appended<E>(parts: &[Part<'_>], source: AppendError) -> ExecuteError<E> {
    let stream = parts[0].stream.clone();
    ExecuteError::Append { stream, source }
}

/// The receipt is this command's only if it is about these streams and no other.
pub(super) fn same_streams(
    key: Option<&AppendKey>,
    streams: &[&StreamId],
    first: Receipt,
) -> Done<Receipt> {
    let is_own = |receipt: &StreamReceipt| streams.iter().any(|own| **own == receipt.stream);
    match (key, streams) {
        (Some(key), [stream, ..]) if !first.streams.iter().all(is_own) => {
            Err(ExecuteError::KeyReused {
                key: key.clone(),
                stream: (*stream).clone(),
                first: Box::new(first),
            })
        }
        _ => Ok(first),
    }
}
