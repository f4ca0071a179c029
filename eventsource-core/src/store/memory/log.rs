//! The events in memory, and the one function that adds to them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    id::EventId,
    record::{Recorded, RecordedEvent},
    store::{
        Append, AppendError, Applied, Conflict, ContentDigest, Expected, Receipt, Rejection, Scope,
        StreamConflict, StreamReceipt,
    },
    stream::{Position, StreamId, Version},
    text::{AppendKey, Category},
    time::Timestamp,
};

/// The events of a scope, in the order of positions.
pub(super) enum Lists<'a> {
    One(&'a [Recorded]),
    /// No event is in two of them.
    Several(Vec<&'a [Recorded]>),
}

#[derive(Default)]
pub(super) struct Log {
    /// In the order of positions. What was trimmed is missing.
    pub(super) all: Vec<Recorded>,
    /// In the order of versions. Of each stream the last event is there.
    pub(super) streams: HashMap<StreamId, Vec<Recorded>>,
    /// In the order of positions.
    pub(super) categories: HashMap<Category, Vec<Recorded>>,
    pub(super) ids: HashSet<EventId>,
    pub(super) keys: HashMap<AppendKey, Keyed>,
    /// The position of the last event that was trimmed of a stream.
    pub(super) trimmed: BTreeMap<StreamId, Position>,
}

/// What was appended under a key.
pub(super) enum Keyed {
    /// Events that are all there, at these positions and between.
    Whole { first: Position, last: Position },
    /// Events of which some were trimmed.
    Trimmed {
        /// The first receipt, with [`Applied::Already`].
        receipt: Receipt,
        digest: ContentDigest,
    },
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

    pub(super) fn find_append(&self, key: &AppendKey) -> Option<Receipt> {
        self.keys.get(key).map(|keyed| self.receipt(keyed))
    }

    pub(super) fn receipt(&self, keyed: &Keyed) -> Receipt {
        match keyed {
            Keyed::Whole { first, last } => Receipt::already(self.between(*first, *last)),
            Keyed::Trimmed { receipt, .. } => receipt.clone(),
        }
    }

    fn is_content(&self, keyed: &Keyed, append: &Append) -> bool {
        match keyed {
            Keyed::Whole { first, last } => append.has_content_of(self.between(*first, *last)),
            Keyed::Trimmed { digest, .. } => ContentDigest::of(append) == *digest,
        }
    }

    /// The events at these positions and between.
    pub(super) fn between(&self, first: Position, last: Position) -> &[Recorded] {
        let from = self.all.partition_point(|event| event.position < first);
        let to = self.all.partition_point(|event| event.position <= last);
        &self.all[from..to]
    }

    /// The events of a scope; `None` when there has never been one.
    pub(super) fn scope(&self, scope: &Scope) -> Option<Lists<'_>> {
        let list = match scope {
            Scope::Stream(stream) => self.streams.get(stream)?,
            Scope::Category(category) => self.categories.get(category)?,
            Scope::Categories(categories) => {
                let lists = categories.iter().filter_map(|one| self.categories.get(one));
                return Some(Lists::Several(lists.map(Vec::as_slice).collect()));
            }
            Scope::All => &self.all,
        };
        Some(Lists::One(list))
    }

    /// Everything is checked before anything is changed.
    pub(super) fn append(
        &mut self,
        append: Append,
        now: Timestamp,
    ) -> Result<Receipt, AppendError> {
        if let Some(key) = &append.key
            && let Some(stored) = self.keys.get(key)
        {
            let first = self.receipt(stored);
            if self.is_content(stored, &append) {
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
        let next = events.partition_point(|event| Some(event.version) <= seen);
        // Where the first of them were trimmed, the others would look as if they followed.
        let follows = |event: &Recorded| event.version == Version::after(seen);
        if !events.get(next).is_some_and(follows) {
            return Vec::new();
        }
        events[next..].iter().take(limit).cloned().collect()
    }

    fn store(&mut self, append: Append, now: Timestamp) -> Receipt {
        let recorded_at = self
            .all
            .last()
            .map_or(now, |last| last.recorded_at.max(now));
        let first_of_key = after(self.head());
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
            let mut version = in_stream.last().map(|event| event.version);
            let mut position = self.all.last().map(|event| event.position);
            let (first_version, first_position) = (Version::after(version), after(position));
            let (mut last_version, mut last_position) = (first_version, first_position);
            for event in part.events {
                (last_version, last_position) = (Version::after(version), after(position));
                (version, position) = (Some(last_version), Some(last_position));
                self.ids.insert(event.id);
                let event = Arc::new(RecordedEvent::new(
                    event,
                    part.stream.clone(),
                    last_version,
                    last_position,
                    recorded_at,
                ));
                in_stream.push(Arc::clone(&event));
                in_category.push(Arc::clone(&event));
                self.all.push(event);
            }
            streams.push(StreamReceipt::new(
                part.stream,
                (first_version, last_version),
                (first_position, last_position),
            ));
        }
        if let Some(key) = append.key
            && let Some(last) = streams.last().map(|stream| stream.last_position)
        {
            let first = first_of_key;
            self.keys.insert(key, Keyed::Whole { first, last });
        }
        Receipt::new(Applied::Now, streams)
    }
}

/// The position after the last one.
fn after(last: Option<Position>) -> Position {
    let next = last.map_or(0, Position::number) + 1;
    Position::from_number(next).expect("positions begin at 1")
}
