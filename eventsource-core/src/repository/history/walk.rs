//! Reading a part of a stream, and making sure that nothing of it is missing.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    record::Recorded,
    repository::{LoadError, history::bound::Bounds},
    signal,
    store::{EventStore, EventStream, Read, ReadError},
    stream::{StreamId, Version},
};

/// A read of a stream in pages. It knows no aggregate, so that it is compiled here.
pub(super) struct Walk {
    store: Arc<dyn EventStore>,
    stream: StreamId,
    bounds: Bounds,
    /// Whether a stream that has never had an event is an aggregate that does not exist.
    has_to_exist: bool,
    state: State,
    /// Whether the stream was found to have what the bounds ask for.
    is_checked: bool,
    page: VecDeque<Recorded>,
    /// The version before the next one; nothing where that is not known.
    last: Option<Version>,
}

enum State {
    New,
    Reading(EventStream),
    Ended,
}

impl Walk {
    pub(super) fn new(
        store: Arc<dyn EventStore>,
        stream: StreamId,
        bounds: Bounds,
        has_to_exist: bool,
    ) -> Self {
        Self {
            store,
            stream,
            bounds,
            has_to_exist,
            state: State::New,
            is_checked: false,
            page: VecDeque::new(),
            last: None,
        }
    }

    pub(super) fn stream(&self) -> &StreamId {
        &self.stream
    }

    /// Begins behind a version, if it has not begun.
    pub(super) fn begin_after(&mut self, version: Version) {
        self.bounds.version.from = Some(version.plus(1));
    }

    /// Nothing comes any more.
    pub(super) fn end(&mut self) {
        self.state = State::Ended;
        self.page.clear();
    }

    /// How many events are at hand: they come without waiting.
    pub(super) fn at_hand(&self) -> usize {
        self.page.len()
    }

    /// The next event; `None` after the last one, and after an error. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Option<Recorded>, LoadError> {
        let next = match self.fill().await {
            Ok(()) => self.take(),
            Err(error) => Err(error),
        };
        if !matches!(next, Ok(Some(_))) {
            self.end();
        }
        next
    }

    /// Sees to it that events are at hand, if there are any.
    async fn fill(&mut self) -> Result<(), LoadError> {
        if matches!(self.state, State::New) {
            if self.bounds.is_reversed() {
                let stream = self.stream.clone();
                return Err(LoadError::Reversed { stream });
            }
            let read = self.bounds.within(Read::stream(self.stream.clone()));
            self.state = State::Reading(self.store.read(read));
        }
        let State::Reading(events) = &mut self.state else {
            return Ok(());
        };
        if self.page.is_empty() {
            match events.next_page().await {
                Ok(page) => {
                    signal::read(&self.stream, page.len());
                    self.page = page.into();
                }
                Err(ReadError::StreamNotFound { .. }) if !self.has_to_exist => {}
                Err(ReadError::StreamNotFound { .. }) => {
                    return Err(LoadError::not_found(&self.stream));
                }
                Err(source) => return Err(self.unread(source)),
            }
        }
        // Not before there is a page: what is trimmed once a read has begun, the read tells. And until it is answered: who
        // asked first may have been dropped.
        if !self.is_checked {
            self.check().await?;
            self.is_checked = true;
        }
        Ok(())
    }

    /// Whether the stream still has what the bounds ask for. Events that were trimmed would be left out in silence.
    async fn check(&mut self) -> Result<(), LoadError> {
        let Some(trims) = self.store.trims() else {
            return Ok(());
        };
        let first = trims.first_version(&self.stream).await;
        let first = first.map_err(|source| self.unread(source))?;
        let first = first.unwrap_or(Version::FIRST);
        if self.bounds.version.from.unwrap_or(Version::FIRST) < first {
            let stream = self.stream.clone();
            return Err(LoadError::HistoryTrimmed { stream, first });
        }
        Ok(())
    }

    fn take(&mut self) -> Result<Option<Recorded>, LoadError> {
        let Some(event) = self.page.pop_front() else {
            return Ok(None);
        };
        let (last, found) = (self.last, event.version);
        // By the writers' word, a later version may have occurred earlier: only then may versions be left out.
        let times = (self.bounds.occurred, self.bounds.recorded);
        let may_leave_out = times.0.from.is_some() || times.0.to.is_some();
        // Where the times at which events were recorded begin, is at some version that nobody knows before.
        let begins_anywhere = last.is_none() && times.1.from.is_some();
        let due = match last {
            Some(last) => last.plus(1),
            None => self.bounds.version.from.unwrap_or(Version::FIRST),
        };
        if found < due || found > due && !may_leave_out && !begins_anywhere {
            let before = due.get() - 1;
            return Err(LoadError::Hole {
                stream: self.stream.clone(),
                last: Version::new(before),
                found,
            });
        }
        self.last = Some(found);
        Ok(Some(event))
    }

    #[cold]
    fn unread(&self, source: ReadError) -> LoadError {
        let stream = self.stream.clone();
        match source {
            ReadError::Trimmed { first, .. } => LoadError::HistoryTrimmed { stream, first },
            source => LoadError::Read { stream, source },
        }
    }
}
