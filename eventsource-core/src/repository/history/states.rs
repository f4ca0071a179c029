//! The states along a history.

use std::{fmt, sync::Arc};

use serde::Serialize;

use crate::{
    aggregate::Aggregate,
    difference::{Difference, DifferenceError},
    repository::{
        AsOf, LoadError, Repository,
        history::{HistoryEntry, bound::Bounds, entries::decoded, walk::Walk},
    },
    stream::{StreamId, Version},
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
    /// Where to begin, if not at the beginning of the stream; until it has begun.
    start: Option<Start<A>>,
}

/// A version whose state the repository may have from a snapshot.
struct Start<A: Aggregate> {
    repository: Repository<A>,
    id: A::Id,
    version: Version,
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
    pub(super) fn new(
        walk: Result<Walk, LoadError>,
        bounds: Bounds,
        repository: Repository<A>,
        id: A::Id,
    ) -> Self {
        let has_snapshots = repository.engine.snapshots.is_some() && !bounds.is_reversed();
        let before = bounds
            .version
            .from
            .and_then(|from| Version::new(from.get() - 1));
        let start = before.filter(|_| has_snapshots).map(|version| Start {
            repository,
            id,
            version,
        });
        Self {
            start,
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
    /// before the bounds and behind the snapshot, if there is one: the states within them cannot be known then.
    pub async fn next(&mut self) -> Result<Option<StateChange<'_, A>>, LoadError> {
        let walk = match &mut self.walk {
            Ok(walk) => walk,
            Err(error) => return error.take().map_or(Ok(None), Err),
        };
        if let Some(start) = &self.start {
            match start.states().await {
                Ok(Some((before, after))) => {
                    (self.before, self.after) = (before, after);
                    walk.begin_after(start.version);
                }
                Ok(None) => {}
                Err(error) => {
                    self.start = None;
                    walk.end();
                    return Err(error);
                }
            }
            self.start = None;
        }
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

impl<A: Aggregate> Start<A> {
    /// The state as of the version, twice; nothing where the stream has to be read from its beginning.
    async fn states(&self) -> Result<Option<(Option<A>, Option<A>)>, LoadError> {
        Ok(match (self.state().await?, self.state().await?) {
            (Some(before), Some(after)) => Some((before, after)),
            _ => None,
        })
    }

    async fn state(&self) -> Result<Option<Option<A>>, LoadError> {
        let as_of = AsOf::Version(self.version);
        match self.repository.load_as_of(&self.id, as_of).await {
            // A state that somebody else holds, too, cannot be folded into.
            Ok(loaded) => Ok(Arc::into_inner(loaded.into_state()).map(Some)),
            Err(LoadError::NotFound { .. }) => Ok(Some(None)),
            // The version may be there by the time the entries are read.
            Err(LoadError::NoSuchVersion { .. }) => Ok(None),
            Err(error) => Err(error),
        }
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
