//! What a stored event is today: one event, or, where the event was retired, several or none.

use std::{fmt, option, slice, vec};

/// The events that one stored event is today, in order.
///
/// Almost always it is one. A stored event that was retired may have been split into several, or dropped. The parts
/// share the version and the position of the stored event; the place of each among them is its part index:
///
/// ```
/// use eventsource_core::Parts;
///
/// let parts: Parts<_> = ["opened", "deposited"].into_iter().collect();
/// for (index, part) in parts.iter().enumerate() {
///     println!("part {index}: {part}");
/// }
/// assert_eq!([Parts::one("closed").len(), parts.len(), Parts::<&str>::none().len()], [1, 2, 0]);
/// ```
///
/// Versions, positions, checkpoints and optimistic concurrency count stored events, never parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Parts<E>(Few<E>);

/// One event needs no allocation.
#[derive(Clone, PartialEq, Eq)]
enum Few<E> {
    None,
    One(E),
    #[expect(
        clippy::box_collection,
        reason = "two or more are rare, and are not to make the one larger"
    )]
    Many(Box<Vec<E>>),
}

impl<E> Parts<E> {
    /// The stored event means nothing today.
    pub const fn none() -> Self {
        Self(Few::None)
    }

    /// The stored event is one event today.
    pub const fn one(event: E) -> Self {
        Self(Few::One(event))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether the stored event was dropped.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// The events; the index of each is its part index.
    pub fn as_slice(&self) -> &[E] {
        match &self.0 {
            Few::None => &[],
            Few::One(event) => slice::from_ref(event),
            Few::Many(events) => events,
        }
    }

    /// The events, in order.
    pub fn iter(&self) -> slice::Iter<'_, E> {
        self.as_slice().iter()
    }

    /// The event, where it is exactly one; all of them otherwise.
    ///
    /// # Errors
    ///
    /// The parts themselves, where the stored event was split or dropped.
    pub fn into_one(self) -> Result<E, Self> {
        match self.0 {
            Few::One(event) => Ok(event),
            other => Err(Self(other)),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for Parts<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<E> FromIterator<E> for Parts<E> {
    fn from_iter<I: IntoIterator<Item = E>>(events: I) -> Self {
        let mut events = events.into_iter();
        let (Some(first), second) = (events.next(), events.next()) else {
            return Self::none();
        };
        let Some(second) = second else {
            return Self::one(first);
        };
        let mut all = Vec::with_capacity(2 + events.size_hint().0);
        all.extend([first, second]);
        all.extend(events);
        Self(Few::Many(Box::new(all)))
    }
}

impl<E> IntoIterator for Parts<E> {
    type Item = E;
    type IntoIter = PartsIntoIter<E>;

    fn into_iter(self) -> Self::IntoIter {
        PartsIntoIter(match self.0 {
            Few::None => Left::One(None.into_iter()),
            Few::One(event) => Left::One(Some(event).into_iter()),
            Few::Many(events) => Left::Many(events.into_iter()),
        })
    }
}

impl<'a, E> IntoIterator for &'a Parts<E> {
    type Item = &'a E;
    type IntoIter = slice::Iter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The events of [`Parts`], one after the other.
#[derive(Debug, Clone)]
pub struct PartsIntoIter<E>(Left<E>);

/// What is still to come.
#[derive(Debug, Clone)]
enum Left<E> {
    One(option::IntoIter<E>),
    Many(vec::IntoIter<E>),
}

impl<E> Iterator for PartsIntoIter<E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        match &mut self.0 {
            Left::One(event) => event.next(),
            Left::Many(events) => events.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Left::One(event) => event.size_hint(),
            Left::Many(events) => events.size_hint(),
        }
    }
}

impl<E> ExactSizeIterator for PartsIntoIter<E> {}

impl<E> DoubleEndedIterator for PartsIntoIter<E> {
    fn next_back(&mut self) -> Option<E> {
        match &mut self.0 {
            Left::One(event) => event.next_back(),
            Left::Many(events) => events.next_back(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_events_comes_out_as_it_went_in() {
        for n in 0..5 {
            let all: Vec<usize> = (0..n).collect();
            let parts: Parts<usize> = all.iter().copied().collect();
            assert_eq!(parts.as_slice(), all);
            assert_eq!((parts.len(), parts.is_empty()), (n, n == 0));
            assert_eq!(parts.clone().into_iter().len(), n);
            assert_eq!(parts.clone().into_iter().next_back(), n.checked_sub(1));
            assert_eq!(parts.clone().into_one().ok(), (n == 1).then_some(0));
            assert_eq!(format!("{parts:?}"), format!("{all:?}"));
            assert!(parts.into_iter().eq(all));
        }
    }

    #[test]
    fn one_event_is_equal_however_it_was_made() {
        assert_eq!(Parts::one(7), [7].into_iter().collect());
        assert_ne!(Parts::one(7), Parts::none());
    }
}
