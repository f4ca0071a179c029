//! Where a history begins and where it ends.

use std::ops::RangeFull;

use crate::{
    record::RecordedEvent, repository::AsOf, store::Read, stream::Version, time::Timestamp,
};

/// One end of a [`History`](super::History), inclusive: a version, a time, or nothing, which leaves it open.
///
/// A bare [`Timestamp`] is a time at which events occurred; [`AsOf::Recorded`] is one at which they were recorded. There
/// is no version 0, so [`Version::new`] of it leaves an end open.
///
/// ```
/// use eventsource_core::{AsOf, Bound, Timestamp, Version};
///
/// let time = Timestamp::parse_inclusive("1994-03-30")?;
/// assert_eq!(Bound::from(time), Bound::from(AsOf::Occurred(time)));
/// assert_eq!(Bound::from(Version::new(0)), Bound::from(..));
/// # Ok::<(), eventsource_core::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bound(pub(super) Option<AsOf>);

impl From<RangeFull> for Bound {
    /// Open.
    fn from(_: RangeFull) -> Self {
        Self(None)
    }
}

macro_rules! bounds {
    ($($point:ty)*) => {$(
        impl From<$point> for Bound {
            fn from(point: $point) -> Self {
                Self(Some(point.into()))
            }
        }

        impl From<Option<$point>> for Bound {
            /// Open where there is nothing.
            fn from(point: Option<$point>) -> Self {
                Self(point.map(AsOf::from))
            }
        }
    )*};
}
bounds! { AsOf Version Timestamp }

impl From<Version> for AsOf {
    fn from(version: Version) -> Self {
        Self::Version(version)
    }
}

impl From<Timestamp> for AsOf {
    /// The time at which events occurred.
    fn from(time: Timestamp) -> Self {
        Self::Occurred(time)
    }
}

/// All ends of a history. An event has to be within each of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    pub(super) version: Span<Version>,
    pub(super) occurred: Span<Timestamp>,
    pub(super) recorded: Span<Timestamp>,
}

impl Bounds {
    pub(super) fn narrow(&mut self, from: Bound, to: Bound) {
        match from.0 {
            None => {}
            Some(AsOf::Version(version)) => self.version.narrow(Some(version), None),
            Some(AsOf::Occurred(time)) => self.occurred.narrow(Some(time), None),
            Some(AsOf::Recorded(time)) => self.recorded.narrow(Some(time), None),
        }
        match to.0 {
            None => {}
            Some(AsOf::Version(version)) => self.version.narrow(None, Some(version)),
            Some(AsOf::Occurred(time)) => self.occurred.narrow(None, Some(time)),
            Some(AsOf::Recorded(time)) => self.recorded.narrow(None, Some(time)),
        }
    }

    /// Whether an end lies before its beginning, so that nothing can ever be between them.
    pub(super) fn is_reversed(&self) -> bool {
        self.version.is_reversed() || self.occurred.is_reversed() || self.recorded.is_reversed()
    }

    pub(super) fn admit(&self, event: &RecordedEvent) -> bool {
        self.version.has(event.version)
            && self.occurred.has(event.occurred_at)
            && self.recorded.has(event.recorded_at)
    }

    /// The bounds of what has to be folded for the states within these: no beginning, and no end by what the writers
    /// say, since what is beyond it may stand before what is within.
    pub(super) fn of_states(&self) -> Self {
        let to = |to| Span { from: None, to };
        Self {
            version: Span {
                from: None,
                to: self.version.to,
            },
            occurred: Span::default(),
            recorded: to(self.recorded.to),
        }
    }

    pub(super) fn within(&self, mut read: Read) -> Read {
        read.from_version = self.version.from;
        read.to_version = self.version.to;
        read.occurred_from = self.occurred.from;
        read.occurred_to = self.occurred.to;
        read.recorded_from = self.recorded.from;
        read.recorded_to = self.recorded.to;
        read
    }
}

/// Two ends of one kind, both inclusive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<T> {
    pub(super) from: Option<T>,
    pub(super) to: Option<T>,
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
        }
    }
}

impl<T: Ord + Copy> Span<T> {
    fn narrow(&mut self, from: Option<T>, to: Option<T>) {
        // Nothing is less than something.
        self.from = self.from.max(from);
        self.to = match (self.to, to) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    fn is_reversed(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }

    fn has(&self, value: T) -> bool {
        self.from.is_none_or(|from| from <= value) && self.to.is_none_or(|to| value <= to)
    }
}
