//! The events in memory, and the one function that adds to them.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

use crate::{
    id::EventId,
    record::{Recorded, RecordedEvent},
    store::{
        Append, AppendError, Applied, Conflict, Expected, Receipt, Rejection, Scope,
        StreamConflict, StreamReceipt,
    },
    stream::{Position, StreamId, Version},
    text::{AppendKey, Category},
    time::Timestamp,
};

#[derive(Default)]
pub(super) struct Log {
    /// In the order of positions; position `n` stands at place `n - 1`.
    all: Vec<Recorded>,
    /// In the order of versions; version `n` stands at place `n - 1`.
    streams: HashMap<StreamId, Vec<Recorded>>,
    /// In the order of positions.
    categories: HashMap<Category, Vec<Recorded>>,
    ids: HashSet<EventId>,
    /// The places in `all` of what was appended under a key.
    keys: HashMap<AppendKey, Range<usize>>,
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn head(&self) -> Option<Position> {
        self.all.last().map(|event| event.position)
    }

    pub(super) fn version(&self, stream: &StreamId) -> Option<Version> {
        self.streams.get(stream)?.last().map(|event| event.version)
    }

    pub(super) fn of_key(&self, key: &AppendKey) -> Option<&[Recorded]> {
        self.keys.get(key).map(|places| &self.all[places.clone()])
    }

    /// The events of a scope; `None` when there has never been one.
    pub(super) fn scope(&self, scope: &Scope) -> Option<&[Recorded]> {
        match scope {
            Scope::Stream(stream) => self.streams.get(stream).map(Vec::as_slice),
            Scope::Category(category) => self.categories.get(category).map(Vec::as_slice),
            Scope::All => Some(&self.all),
        }
    }

    /// Everything is checked before anything is changed.
    pub(super) fn append(
        &mut self,
        append: Append,
        now: Timestamp,
    ) -> Result<Receipt, AppendError> {
        if let Some(key) = &append.key
            && let Some(stored) = self.of_key(key)
        {
            let first = Receipt::already(stored);
            if append.has_content_of(stored) {
                return Ok(first);
            }
            let (key, first) = (key.clone(), Box::new(first));
            return Err(Rejection::KeyReused { key, first }.into());
        }
        self.check_expectations(&append)?;
        if let Some(event) = append.events().find(|event| self.ids.contains(&event.id)) {
            return Err(Rejection::DuplicateEventId { event: event.id }.into());
        }
        Ok(self.store(append, now))
    }

    fn check_expectations(&self, append: &Append) -> Result<(), AppendError> {
        let violated: Vec<_> = append
            .parts
            .iter()
            .filter_map(|part| {
                let actual = self.version(&part.stream);
                (!part.expected.holds(actual)).then(|| {
                    let missed = self.missed(&part.stream, part.expected, append.missed_limit);
                    StreamConflict::new(part.stream.clone(), part.expected, actual, missed)
                })
            })
            .collect();
        if violated.is_empty() {
            return Ok(());
        }
        Err(AppendError::Conflict(Conflict::new(violated)))
    }

    fn missed(&self, stream: &StreamId, expected: Expected, limit: usize) -> Vec<Recorded> {
        let (Some(events), Some(seen)) = (self.streams.get(stream), expected.last_seen()) else {
            return Vec::new();
        };
        let seen = usize::try_from(Version::number(seen)).unwrap_or(usize::MAX);
        events.iter().skip(seen).take(limit).cloned().collect()
    }

    fn store(&mut self, append: Append, now: Timestamp) -> Receipt {
        let recorded_at = self
            .all
            .last()
            .map_or(now, |last| last.recorded_at.max(now));
        let first_place = self.all.len();
        let mut streams = Vec::with_capacity(append.parts.len());
        for part in append
            .parts
            .into_iter()
            .filter(|part| !part.events.is_empty())
        {
            let in_stream = self.streams.entry(part.stream.clone()).or_default();
            let in_category = self
                .categories
                .entry(part.stream.category().clone())
                .or_default();
            let (first_version, first_position) = (place(in_stream.len()), place(self.all.len()));
            for event in part.events {
                self.ids.insert(event.id);
                let event = Arc::new(RecordedEvent::new(
                    event,
                    part.stream.clone(),
                    Version::new(place(in_stream.len())).expect("places begin at 1"),
                    Position::from_number(place(self.all.len())).expect("places begin at 1"),
                    recorded_at,
                ));
                in_stream.push(Arc::clone(&event));
                in_category.push(Arc::clone(&event));
                self.all.push(event);
            }
            let version = |number| Version::new(number).expect("places begin at 1");
            let position = |number| Position::from_number(number).expect("places begin at 1");
            streams.push(StreamReceipt::new(
                part.stream,
                (version(first_version), version(place(in_stream.len()) - 1)),
                (
                    position(first_position),
                    position(place(self.all.len()) - 1),
                ),
            ));
        }
        if let Some(key) = append.key
            && !streams.is_empty()
        {
            self.keys.insert(key, first_place..self.all.len());
        }
        Receipt::new(Applied::Now, streams)
    }
}

/// The number of the event that follows the first `count` ones.
fn place(count: usize) -> u64 {
    count as u64 + 1
}
