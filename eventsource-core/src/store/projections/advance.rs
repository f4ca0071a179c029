//! The steps of a build, and what is set aside in them.

use super::{Generation, ProjectionStoreError};
use crate::{
    store::Fence,
    stream::{Position, StreamId, Version},
    text::ProjectionName,
    time::Timestamp,
};

/// An event that a projection could not take, or that follows one in its stream.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Parked, Position, StreamId, Timestamp, Version};
///
/// let (stream, now) = (StreamId::new("account", "576")?, Timestamp::EPOCH);
/// let position = Position::from_number(7).ok_or("positions begin at 1")?;
/// let failed = Parked::behind(position, (stream, Version::FIRST), now).failed(3, "no such branch");
/// assert_eq!((failed.attempts, failed.error.as_deref()), (3, Some("no such branch")));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parked {
    /// Its place in the store, by which it is read again.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Why it could not be taken; `None` of one that only follows another.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was set aside, or tried last, by the clock of who did.
    pub at: Timestamp,
}

impl Parked {
    /// An event that waits behind another one of its stream.
    pub fn behind(
        position: Position,
        (stream, version): (StreamId, Version),
        at: Timestamp,
    ) -> Self {
        Self {
            position,
            stream,
            version,
            error: None,
            attempts: 0,
            at,
        }
    }

    /// The same, of one that was tried so often and failed for this.
    #[must_use]
    pub fn failed(mut self, attempts: u32, error: impl Into<String>) -> Self {
        self.attempts = attempts;
        self.error = Some(error.into());
        self
    }
}

/// Which parked events are asked for.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Parked, ParkedQuery, Position, StreamId, Timestamp, Version};
///
/// let stream = StreamId::new("account", "576")?;
/// let at = |number| Position::from_number(number).ok_or("positions begin at 1");
/// let event = Parked::behind(at(7)?, (stream.clone(), Version::FIRST), Timestamp::EPOCH);
/// assert!(ParkedQuery::first(10).of(stream).after(Some(at(6)?)).admits(&event));
/// assert!(!ParkedQuery::first(10).after(Some(at(7)?)).admits(&event));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParkedQuery {
    /// Of this stream only.
    pub stream: Option<StreamId>,
    /// Beyond this position.
    pub after: Option<Position>,
    /// So many at the most; 0 gives none.
    pub limit: usize,
}

impl ParkedQuery {
    /// The first ones of all streams.
    pub const fn first(limit: usize) -> Self {
        Self {
            stream: None,
            after: None,
            limit,
        }
    }

    /// Of this stream only.
    #[must_use]
    pub fn of(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// Beyond this position.
    #[must_use]
    pub const fn after(mut self, position: Option<Position>) -> Self {
        self.after = position;
        self
    }

    /// For stores: whether an event is one of those that are asked for, however many these are.
    pub fn admits(&self, event: &Parked) -> bool {
        let of_stream = self.stream.as_ref();
        of_stream.is_none_or(|stream| event.stream == *stream) && self.after < Some(event.position)
    }
}

/// A step of a build: its checkpoint moves, parked events are let go of, others are parked. All of it happens, or nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Advance, Generation, Position, ProjectionName, ProjectionStoreError};
///
/// let (name, seventh) = (ProjectionName::new("balances")?, Position::from_number(7));
/// let forward = Advance::new(name.clone(), Generation::FIRST, (None, seventh));
/// assert!(forward.check().is_ok());
/// let backwards = Advance::new(name, Generation::FIRST, (seventh, None));
/// assert!(matches!(backwards.check(), Err(ProjectionStoreError::Backwards { .. })));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advance {
    /// Of which projection.
    pub projection: ProjectionName,
    /// Of which build.
    pub generation: Generation,
    /// Where the checkpoint has to be.
    pub from: Option<Position>,
    /// Where it is then; never before `from`. It is `from` where events are only parked or let go of.
    pub to: Option<Position>,
    /// What is parked by it, after what is let go of. An event that is parked already keeps its place, and gets this error,
    /// these attempts and this time.
    pub park: Vec<Parked>,
    /// What is let go of, each once. All of it has to be parked: of two that deliver a parked event, one is refused.
    pub unpark: Vec<Position>,
    /// Refused where this lease is no longer held.
    pub fence: Option<Fence>,
}

impl Advance {
    /// A move of the checkpoint.
    pub const fn new(
        projection: ProjectionName,
        generation: Generation,
        (from, to): (Option<Position>, Option<Position>),
    ) -> Self {
        Self {
            projection,
            generation,
            from,
            to,
            park: Vec::new(),
            unpark: Vec::new(),
            fence: None,
        }
    }

    /// Parks events, too.
    #[must_use]
    pub fn parking(mut self, events: impl IntoIterator<Item = Parked>) -> Self {
        self.park.extend(events);
        self
    }

    /// Lets parked events go, too.
    #[must_use]
    pub fn unparking(mut self, positions: impl IntoIterator<Item = Position>) -> Self {
        self.unpark.extend(positions);
        self
    }

    /// Only while this lease is held.
    #[must_use]
    pub fn fenced(mut self, fence: impl Into<Option<Fence>>) -> Self {
        self.fence = fence.into();
        self
    }

    /// For stores: refuses what makes no sense, before anything is looked at.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError::Backwards`] when the checkpoint would move back.
    pub fn check(&self) -> Result<(), ProjectionStoreError> {
        let (from, to) = (self.from, self.to);
        if to < from {
            let projection = self.projection.clone();
            return Err(ProjectionStoreError::Backwards {
                projection,
                from,
                to,
            });
        }
        Ok(())
    }
}
