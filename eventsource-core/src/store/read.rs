//! What a read asks for.

use std::collections::BTreeSet;

use crate::{
    aggregate::Aggregate,
    events_of::EventsOf,
    id::{CausationId, CorrelationId},
    record::RecordedEvent,
    store::{
        ReadError,
        filter::{Filter, filtered},
    },
    stream::{Position, StreamId, Version},
    text::{Category, EventName, Tag, TextError},
    time::Timestamp,
};

/// Which streams a read or a subscription covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One stream, in the order of its versions.
    Stream(StreamId),
    /// All streams of a category, in the order of positions.
    Category(Category),
    /// All streams of these categories, in the order of positions. An empty set is refused: it is no way to say "all".
    ///
    /// Up to 16 categories are followed by an index, where a store has one. With more of them each event of the store may
    /// be looked at.
    Categories(BTreeSet<Category>),
    /// The whole store, in the order of positions.
    All,
}

impl Scope {
    /// Whether a stream belongs to it.
    ///
    /// ```
    /// use eventsource_core::{Category, Scope, StreamId};
    ///
    /// let both = Scope::Categories([Category::new("account")?, Category::new("order")?].into());
    /// assert!(both.contains(&StreamId::new("order", "12")?));
    /// assert!(!both.contains(&StreamId::new("invoice", "12")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn contains(&self, stream: &StreamId) -> bool {
        match self {
            Self::Stream(only) => only == stream,
            Self::Category(category) => category == stream.category(),
            Self::Categories(categories) => categories.contains(stream.category()),
            Self::All => true,
        }
    }

    /// Refuses what names nothing.
    pub(super) fn check(&self) -> Result<(), ReadError> {
        if matches!(self, Self::Categories(categories) if categories.is_empty()) {
            let reason = "the scope lists no category; ask for the whole store to read all events";
            return Err(ReadError::Invalid { reason });
        }
        Ok(())
    }
}

/// In which order a read gives its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// The oldest first.
    #[default]
    Forward,
    /// The newest first.
    Backward,
}

/// A read of recorded events: a scope, a filter, bounds (all inclusive), a direction, a limit.
///
/// ```
/// use eventsource_core::{Read, StreamId, Version};
///
/// let stream = StreamId::new("account", "576")?;
/// let last_ten = Read::stream(stream).backward().limit(10);
/// # let _ = last_ten;
/// # Ok::<(), eventsource_core::StreamIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Read {
    /// Which streams.
    pub scope: Scope,
    /// Which of their events.
    pub filter: Filter,
    /// The oldest first, or the newest.
    pub direction: Direction,
    /// The lowest version; only with [`Scope::Stream`].
    pub from_version: Option<Version>,
    /// The highest version; only with [`Scope::Stream`].
    pub to_version: Option<Version>,
    /// The lowest position.
    pub from_position: Option<Position>,
    /// The highest position.
    pub to_position: Option<Position>,
    /// The earliest [`occurred_at`](RecordedEvent::occurred_at).
    pub occurred_from: Option<Timestamp>,
    /// The latest [`occurred_at`](RecordedEvent::occurred_at).
    pub occurred_to: Option<Timestamp>,
    /// The earliest [`recorded_at`](RecordedEvent::recorded_at).
    pub recorded_from: Option<Timestamp>,
    /// The latest [`recorded_at`](RecordedEvent::recorded_at).
    pub recorded_to: Option<Timestamp>,
    /// How many stored events at the most; `None` for all.
    pub limit: Option<u64>,
}

macro_rules! bounds {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, bound: $type) -> Self {
            self.$name = Some(bound);
            self
        }
    )*};
}

impl Read {
    /// All events of a scope, forward.
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            filter: Filter::default(),
            direction: Direction::Forward,
            from_version: None,
            to_version: None,
            from_position: None,
            to_position: None,
            occurred_from: None,
            occurred_to: None,
            recorded_from: None,
            recorded_to: None,
            limit: None,
        }
    }

    /// All events of one stream.
    pub fn stream(stream: StreamId) -> Self {
        Self::new(Scope::Stream(stream))
    }

    /// All events of a category.
    pub fn category(category: Category) -> Self {
        Self::new(Scope::Category(category))
    }

    /// All events of several categories, in the order of their positions.
    ///
    /// ```
    /// use eventsource_core::{Category, Read};
    ///
    /// let sold = Read::categories([Category::new("order")?, Category::new("refund")?]);
    /// # let _ = sold;
    /// # Ok::<(), eventsource_core::TextError>(())
    /// ```
    pub fn categories(categories: impl IntoIterator<Item = Category>) -> Self {
        Self::new(Scope::Categories(categories.into_iter().collect()))
    }

    /// All events of the store.
    pub fn all() -> Self {
        Self::new(Scope::All)
    }

    /// All events of the aggregate `A`: of its category, whatever their names. So an event that only newer code knows is
    /// given, too, and is an error when it is decoded.
    ///
    /// ```
    /// # use eventsource_core::{Category, Read, prelude::*};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
    /// # #[derive(Debug, Default, Aggregate)]
    /// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On))]
    /// # struct Light;
    /// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
    /// assert_eq!(Read::events_of::<Light>()?, Read::category(Category::new("light")?));
    /// # Ok::<(), eventsource_core::TextError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TextError`] as [`Category::of`]: never for a derived aggregate.
    pub fn events_of<A: Aggregate>() -> Result<Self, TextError> {
        Category::of::<A>().map(Self::category)
    }

    filtered!();

    /// The newest first.
    #[must_use]
    pub fn backward(mut self) -> Self {
        self.direction = Direction::Backward;
        self
    }

    bounds! {
        /// From this version on; only for a read of one stream.
        from_version: Version;
        /// Up to this version; only for a read of one stream.
        to_version: Version;
        /// From this position on.
        from_position: Position;
        /// Up to this position.
        to_position: Position;
        /// From this [`occurred_at`](RecordedEvent::occurred_at) on.
        occurred_from: Timestamp;
        /// Up to this [`occurred_at`](RecordedEvent::occurred_at).
        occurred_to: Timestamp;
        /// From this [`recorded_at`](RecordedEvent::recorded_at) on.
        recorded_from: Timestamp;
        /// Up to this [`recorded_at`](RecordedEvent::recorded_at).
        recorded_to: Timestamp;
        /// At most so many events; 0 gives none. Those count, too, that a filter by type gives beside the wanted ones.
        limit: u64;
    }

    /// From the position after this one on: where a reader goes on that has seen everything up to it.
    #[must_use]
    pub fn after(mut self, position: Option<Position>) -> Self {
        if let Some(position) = position {
            match position
                .number()
                .checked_add(1)
                .and_then(Position::from_number)
            {
                Some(next) => self.from_position = Some(next),
                // Nothing comes after the last number there is.
                None => self.limit = Some(0),
            }
        }
        self
    }

    /// For stores: refuses what has no meaning.
    ///
    /// # Errors
    ///
    /// [`ReadError::Invalid`] for versions without a stream, for no category, and for a filter by no name or by no cause.
    pub fn check(&self) -> Result<(), ReadError> {
        self.scope.check()?;
        let has_versions = self.from_version.is_some() || self.to_version.is_some();
        if has_versions && !matches!(self.scope, Scope::Stream(_)) {
            let reason = "versions belong to one stream; bound the positions instead";
            return Err(ReadError::Invalid { reason });
        }
        if self.filter.names.as_ref().is_some_and(BTreeSet::is_empty) {
            let reason = "the filter lists no event name; leave it out to read all events";
            return Err(ReadError::Invalid { reason });
        }
        if self.filter.causes.as_ref().is_some_and(BTreeSet::is_empty) {
            let reason = "the filter lists no cause; leave it out to read all events";
            return Err(ReadError::Invalid { reason });
        }
        Ok(())
    }

    /// Whether version and position alone decide, so that no event need be looked at.
    pub(super) fn is_by_place(&self) -> bool {
        let times = [
            self.occurred_from,
            self.occurred_to,
            self.recorded_from,
            self.recorded_to,
        ];
        self.filter.is_all() && times.iter().all(Option::is_none)
    }

    /// For stores: whether an event that is in the scope lies within the bounds and passes the filter.
    pub fn admits(&self, event: &RecordedEvent) -> bool {
        within(event.version, self.from_version, self.to_version)
            && within(event.position, self.from_position, self.to_position)
            && within(event.occurred_at, self.occurred_from, self.occurred_to)
            && within(event.recorded_at, self.recorded_from, self.recorded_to)
            && self.filter.matches(event)
    }
}

fn within<T: Ord + Copy>(value: T, from: Option<T>, to: Option<T>) -> bool {
    from.is_none_or(|from| from <= value) && to.is_none_or(|to| value <= to)
}
