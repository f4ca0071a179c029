//! The states along a history.

use std::fmt;

use serde::Serialize;

use crate::{
    aggregate::Aggregate,
    difference::{Difference, DifferenceError},
    repository::{
        LoadError,
        history::{HistoryEntry, bound::Bounds, entries::decoded, walk::Walk},
    },
    stream::StreamId,
};

/// The entries of a [`History`](super::History), each with the state before and after it, as
/// [`History::states`](super::History::states) gives them. The stream is read once and in bounded memory.
pub struct States<A: Aggregate> {
    walk: Result<Walk, Option<LoadError>>,
    bounds: Bounds,
    before: Option<A>,
    after: Option<A>,
    /// What `before` is still to be folded with.
    entry: Option<HistoryEntry<A>>,
}

/// An entry of a history between two states.
#[derive(Debug)]
#[non_exhaustive]
pub struct StateChange<'a, A: Aggregate> {
    /// What happened.
    pub entry: &'a HistoryEntry<A>,
    /// The state as of the version before it; `None` where an event creates the aggregate and none had.
    pub before: Option<&'a A>,
    /// The state as of its version; `None` where it is not created yet, since every event up to here was dropped.
    pub after: Option<&'a A>,
}

impl<A: Aggregate + Serialize> StateChange<'_, A> {
    /// What the entry changed, field by field. A state that was created is added as a whole.
    ///
    /// # Errors
    ///
    /// [`DifferenceError`] where a state has no JSON form.
    pub fn difference(&self) -> Result<Difference, DifferenceError> {
        Difference::between_any(self.before, self.after)
    }
}

impl<A: Aggregate> States<A> {
    pub(super) fn new(walk: Result<Walk, LoadError>, bounds: Bounds) -> Self {
        Self {
            walk: walk.map_err(Some),
            bounds,
            before: A::initial(),
            after: A::initial(),
            entry: None,
        }
    }

    /// The next entry between its two states; `None` after the last one.
    ///
    /// Cancel safe: dropping the future loses no entry.
    ///
    /// # Errors
    ///
    /// [`LoadError`], once; the history has then ended. An event that cannot be read is an error also where it stands
    /// before the bounds, since the states within them cannot be known then.
    pub async fn next(&mut self) -> Result<Option<StateChange<'_, A>>, LoadError> {
        let walk = match &mut self.walk {
            Ok(walk) => walk,
            Err(error) => return error.take().map_or(Ok(None), Err),
        };
        loop {
            if let Some(entry) = self.entry.take() {
                fold(&mut self.before, &entry)?;
            }
            let Some(recorded) = walk.next().await? else {
                return Ok(None);
            };
            let entry = decoded(walk.stream(), recorded);
            let entry = entry.and_then(|entry| {
                fold(&mut self.after, &entry)?;
                Ok(entry)
            });
            if entry.is_err() {
                walk.end();
            }
            if self.bounds.admit(self.entry.insert(entry?)) {
                break;
            }
        }
        Ok(self.entry.as_ref().map(|entry| StateChange {
            entry,
            before: self.before.as_ref(),
            after: self.after.as_ref(),
        }))
    }
}

fn fold<A: Aggregate>(state: &mut Option<A>, entry: &HistoryEntry<A>) -> Result<(), LoadError> {
    for (part, event) in entry.events().iter().enumerate() {
        A::fold(state, event).map_err(|source| LoadError::Fold {
            stream: entry.stream.clone(),
            version: entry.version,
            position: entry.position,
            event: entry.name.clone(),
            schema_version: entry.schema_version,
            part,
            source,
        })?;
    }
    Ok(())
}

impl<A: Aggregate> fmt::Debug for States<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stream = self.walk.as_ref().map(Walk::stream);
        f.debug_struct("States")
            .field("stream", &stream.ok().map(StreamId::to_string))
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}
