//! Trimming in memory.

use std::{collections::BTreeSet, sync::PoisonError};

use async_trait::async_trait;

use super::{
    MemoryStore,
    log::{Keyed, Log},
};
use crate::{
    record::RecordedEvent,
    store::{ContentDigest, ReadError, TrimError, TrimStore, Trimmed},
    stream::{Position, StreamId, Version},
    text::Category,
};

impl Log {
    /// The version of the first event that is left of a stream.
    pub(super) fn first_version(&self, stream: &StreamId) -> Option<Version> {
        self.streams.get(stream)?.first().map(|event| event.version)
    }

    /// Everything is checked before anything is changed.
    fn trim(&mut self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        let (Some(first), Some(last)) = (self.first_version(stream), self.version(stream)) else {
            let stream = stream.clone();
            return Err(TrimError::StreamNotFound { stream });
        };
        if before > last {
            return Err(TrimError::BeyondEnd {
                stream: stream.clone(),
                before,
                last,
            });
        }
        if before <= first {
            return Ok(Trimmed::new(first, 0));
        }
        let events = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let count = events.partition_point(|event| event.version < before);
        let gone: Vec<Position> = events[..count].iter().map(|event| event.position).collect();
        self.keep_keys(&gone);
        if let Some(last) = gone.last() {
            self.trimmed.insert(stream.clone(), *last);
        }
        for event in self
            .streams
            .get_mut(stream)
            .into_iter()
            .flat_map(|all| all.drain(..count))
        {
            self.ids.remove(&event.id);
        }
        let is_left = |position: Position| gone.binary_search(&position).is_err();
        if let Some(category) = self.categories.get_mut(stream.category()) {
            category.retain(|event| is_left(event.position));
        }
        self.all.retain(|event| is_left(event.position));
        Ok(Trimmed::new(before, count as u64))
    }

    /// What keys answer with is kept before their events go.
    fn keep_keys(&mut self, gone: &[Position]) {
        let mut trimmed = Vec::new();
        for (key, keyed) in &self.keys {
            let Keyed::Whole { first, last } = keyed else {
                continue;
            };
            let next = gone.partition_point(|position| position < first);
            if gone.get(next).is_some_and(|position| position <= last) {
                let content = self.between(*first, *last).iter();
                let content = content.map(|event| -> &RecordedEvent { event });
                let kept = Keyed::Trimmed {
                    receipt: self.receipt(keyed),
                    digest: ContentDigest::of_stored(content),
                };
                trimmed.push((key.clone(), kept));
            }
        }
        self.keys.extend(trimmed);
    }
}

#[async_trait]
impl TrimStore for MemoryStore {
    async fn trim(&self, stream: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        #[cfg(feature = "fault")]
        self.strike(crate::fault::FaultPoint::BeforeCommit)
            .map_err(not_trimmed)?;
        let trimmed = {
            let mut log = self.0.log.write().unwrap_or_else(PoisonError::into_inner);
            log.trim(stream, before)?
        };
        #[cfg(feature = "fault")]
        self.strike(crate::fault::FaultPoint::AfterCommit)
            .map_err(not_trimmed)?;
        Ok(trimmed)
    }

    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        Ok(self.log().first_version(stream))
    }

    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        let log = self.log();
        let is_missing = |(stream, last): &(&StreamId, &Position)| {
            Some(**last) > after && categories.contains(stream.category())
        };
        let found = log.trimmed.iter().find(is_missing);
        Ok(found.map(|(stream, _)| stream.clone()))
    }
}

#[cfg(feature = "fault")]
fn not_trimmed(error: crate::store::AppendError) -> TrimError {
    match error {
        crate::store::AppendError::Unknown(source) => TrimError::Unknown(source),
        error => TrimError::Unavailable {
            source: error.into(),
        },
    }
}
