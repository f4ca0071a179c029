//! Following a store: first what is there, then what comes.

use std::{fmt, sync::Arc};

use crate::{
    aggregate::Aggregate,
    events_of::EventsOf,
    id::{CausationId, CorrelationId},
    record::Recorded,
    store::{
        Direction, EventStore, EventStream, Read, ReadError, Scope,
        filter::{Filter, filtered},
    },
    stream::{Position, StreamId},
    text::{Category, EventName, Tag, TextError},
};

/// Where a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Start {
    /// With the first event of the store.
    Beginning,
    /// After this position, as a checkpoint says it.
    After(Position),
    /// With what is appended after the call to [`Subscription::begin`].
    Now,
}

/// What a subscription follows.
///
/// ```
/// use eventsource_core::{Category, Start, Subscribe};
///
/// let accounts = Subscribe::category(Category::new("account")?, Start::Beginning);
/// # let _ = accounts;
/// # Ok::<(), eventsource_core::TextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscribe {
    /// Which streams. A stream that does not exist yet is waited for.
    pub scope: Scope,
    /// Which of their events.
    pub filter: Filter,
    /// Where to begin.
    pub start: Start,
}

impl Subscribe {
    /// Every event of a scope.
    pub fn new(scope: Scope, start: Start) -> Self {
        Self {
            scope,
            filter: Filter::default(),
            start,
        }
    }

    /// Every event of the store.
    pub fn all(start: Start) -> Self {
        Self::new(Scope::All, start)
    }

    /// Every event of a category.
    pub fn category(category: Category, start: Start) -> Self {
        Self::new(Scope::Category(category), start)
    }

    /// Every event of several categories, in the order of their positions.
    pub fn categories(categories: impl IntoIterator<Item = Category>, start: Start) -> Self {
        Self::new(Scope::Categories(categories.into_iter().collect()), start)
    }

    /// Every event of a stream.
    pub fn stream(stream: StreamId, start: Start) -> Self {
        Self::new(Scope::Stream(stream), start)
    }

    /// Every event of the aggregate `A`: of its category, whatever their names; see [`Read::events_of`].
    ///
    /// # Errors
    ///
    /// [`TextError`] as [`Category::of`]: never for a derived aggregate.
    pub fn events_of<A: Aggregate>(start: Start) -> Result<Self, TextError> {
        let category = Category::of::<A>()?;
        Ok(Self::category(category, start))
    }

    filtered!();
}

/// What a subscription gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// The next wanted event. Its position is a checkpoint: everything wanted up to it has been delivered.
    Event(Recorded),
    /// Nothing more is wanted up to this position, which lies beyond the last delivered one. A checkpoint too, so that a
    /// filter which matches nothing still moves on.
    Checkpoint(Position),
    /// Everything that was stored has been delivered; what follows is live. Given once each time the end is reached
    /// after at least one event was waiting, and once at the start.
    CaughtUp,
}

impl Delivery {
    /// The checkpoint to resume after, once this has been dealt with.
    pub fn checkpoint(&self) -> Option<Position> {
        match self {
            Self::Event(event) => Some(event.position),
            Self::Checkpoint(position) => Some(*position),
            Self::CaughtUp => None,
        }
    }
}

/// A subscription: catches up from its start, then follows the live end of the store, in the order of positions.
///
/// It never skips, repeats or reorders an event: there is no switch from one source to another, only reads that go on
/// where the last one ended. It pulls: a slow reader costs one page of memory, and nothing is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Delivery, EventStoreExt, MemoryStore, Start, Subscribe};
///
/// let store = MemoryStore::new();
/// let mut subscription = store.subscribe(Subscribe::all(Start::Beginning)).await?;
/// assert_eq!(subscription.next().await?, Delivery::CaughtUp);
/// # Ok(()) }
/// ```
pub struct Subscription {
    store: Arc<dyn EventStore>,
    scope: Scope,
    filter: Filter,
    /// Everything wanted up to here has been delivered.
    passed: Option<Position>,
    /// A read in progress, and the position up to which it reads.
    reading: Option<(EventStream, Position)>,
    caught_up: bool,
}

impl Subscription {
    /// Begins to follow a store.
    ///
    /// # Errors
    ///
    /// [`ReadError::Invalid`] for no category and for a filter by no name or by no cause; [`ReadError::Ahead`] for a
    /// checkpoint that the store has not reached; other errors when the store cannot be read.
    pub async fn begin(
        store: Arc<dyn EventStore>,
        subscribe: Subscribe,
    ) -> Result<Self, ReadError> {
        let Subscribe {
            scope,
            filter,
            start,
        } = subscribe;
        let mut probe = Read::new(scope.clone());
        probe.filter = filter.clone();
        probe.check()?;
        let passed = match start {
            Start::Beginning => None,
            Start::After(asked) => match store.head().await? {
                Some(head) if asked <= head => Some(asked),
                head => return Err(ReadError::Ahead { asked, head }),
            },
            Start::Now => store.head().await?,
        };
        Ok(Self {
            store,
            scope,
            filter,
            passed,
            reading: None,
            caught_up: false,
        })
    }

    /// The next event, checkpoint or change of state; waits where there is none.
    ///
    /// Cancel safe: dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read. Calling again goes on where it stopped, so a transient error may be
    /// waited out.
    pub async fn next(&mut self) -> Result<Delivery, ReadError> {
        loop {
            // All that must outlive a dropped future is in `self` before each await.
            if let Some((events, end)) = &mut self.reading {
                let end = *end;
                match events.next().await {
                    Ok(Some(event)) => {
                        self.passed = Some(event.position);
                        return Ok(Delivery::Event(event));
                    }
                    // A stream that does not exist yet has no event up to the end.
                    Ok(None) | Err(ReadError::StreamNotFound { .. }) => {
                        self.reading = None;
                        if self.passed < Some(end) {
                            self.passed = Some(end);
                            return Ok(Delivery::Checkpoint(end));
                        }
                    }
                    // What is gone is passed: the next read begins with what is left.
                    Err(ReadError::Trimmed { .. }) => self.reading = None,
                    Err(error) => {
                        self.reading = None;
                        return Err(error);
                    }
                }
                continue;
            }
            let head = self.store.head().await?;
            match head {
                Some(head) if self.passed < Some(head) => {
                    self.caught_up = false;
                    self.reading = Some((self.store.read(self.read_up_to(head)), head));
                }
                _ if !self.caught_up => {
                    self.caught_up = true;
                    return Ok(Delivery::CaughtUp);
                }
                _ => {
                    self.store.wait_beyond(self.passed).await?;
                }
            }
        }
    }

    /// The checkpoint to resume after: everything wanted up to it has been delivered.
    pub fn checkpoint(&self) -> Option<Position> {
        self.passed
    }

    fn read_up_to(&self, head: Position) -> Read {
        let mut read = Read::new(self.scope.clone())
            .after(self.passed)
            .to_position(head);
        read.filter = self.filter.clone();
        debug_assert_eq!(read.direction, Direction::Forward);
        read
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("scope", &self.scope)
            .field("passed", &self.passed)
            .field("caught_up", &self.caught_up)
            .finish_non_exhaustive()
    }
}
