//! One read of the events in memory, a page at a time.

use std::{ops::Range, sync::Arc};

use super::log::{Lists, Log};
use crate::{
    record::Recorded,
    store::{Direction, Read, ReadError, Scope},
};

/// How many events a read takes out at a time.
const PAGE: usize = 256;

/// One read: which of the events in its scope are still to be given.
pub(super) struct Reader {
    read: Read,
    /// The positions that are left, of the events that were there when the first page was asked for.
    left: Option<Range<u64>>,
    /// The version after the last event of a stream that was looked at, going forward.
    next_version: u64,
    given: u64,
}

impl Reader {
    pub(super) fn new(read: Read) -> Self {
        Self {
            read,
            left: None,
            next_version: 0,
            given: 0,
        }
    }

    pub(super) fn next_page(&mut self, log: &Log) -> Option<Result<Vec<Recorded>, ReadError>> {
        if self.left.as_ref().is_some_and(Range::is_empty) {
            return None;
        }
        let Some(lists) = log.scope(&self.read.scope) else {
            return match (&self.read.scope, self.left.replace(0..0)) {
                (Scope::Stream(stream), None) => Some(Err(ReadError::StreamNotFound {
                    stream: stream.clone(),
                })),
                _ => None,
            };
        };
        if let Lists::One(events) = lists
            && let Some(error) = self.trimmed(events)
        {
            self.left = Some(0..0);
            return Some(Err(error));
        }
        let left = self
            .left
            .get_or_insert_with(|| all_bounds(&self.read, &lists));
        let mut walk = Walk::over(lists, left);
        let rest = self.read.limit.map_or(u64::MAX, |limit| limit - self.given);
        let wanted = usize::try_from(rest).unwrap_or(usize::MAX).min(PAGE);
        let by_place = self.read.is_by_place();
        let mut page = Vec::with_capacity(wanted.min(walk.len()));
        while page.len() < wanted {
            let Some(event) = walk.next(self.read.direction) else {
                *left = 0..0;
                break;
            };
            match self.read.direction {
                Direction::Forward => left.start = event.position.number() + 1,
                Direction::Backward => left.end = event.position.number(),
            }
            self.next_version = event.version.get() + 1;
            if by_place || self.read.admits(event) {
                page.push(Arc::clone(event));
            }
        }
        self.given += page.len() as u64;
        (!page.is_empty()).then_some(Ok(page))
    }

    /// Why a read of one stream cannot go on: behind the events that it has given, others are gone.
    fn trimmed(&self, events: &[Recorded]) -> Option<ReadError> {
        let Scope::Stream(stream) = &self.read.scope else {
            return None;
        };
        let goes_on = self.left.as_ref().is_some_and(|left| !left.is_empty())
            && self.read.limit.is_none_or(|limit| self.given < limit);
        let first = events.first()?.version;
        let is_hole = self.read.direction == Direction::Forward
            && self.given > 0
            && goes_on
            && first.get() > self.next_version;
        is_hole.then(|| ReadError::Trimmed {
            stream: stream.clone(),
            first,
        })
    }
}

/// What is left of the lists of a scope.
enum Walk<'a> {
    One(&'a [Recorded]),
    Several(Vec<&'a [Recorded]>),
}

impl<'a> Walk<'a> {
    /// The events at these positions.
    fn over(lists: Lists<'a>, positions: &Range<u64>) -> Self {
        match lists {
            Lists::One(list) => Self::One(&list[places(positions, list)]),
            Lists::Several(lists) => {
                let parts = lists.into_iter().map(|list| &list[places(positions, list)]);
                Self::Several(parts.collect())
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::One(list) => list.len(),
            Self::Several(lists) => lists.iter().map(|list| list.len()).sum(),
        }
    }

    fn next(&mut self, direction: Direction) -> Option<&'a Recorded> {
        let list = match (self, direction) {
            (Self::One(list), _) => list,
            (Self::Several(lists), Direction::Forward) => lists
                .iter_mut()
                .filter(|list| !list.is_empty())
                .min_by_key(|list| list.first().map(|event| event.position))?,
            (Self::Several(lists), Direction::Backward) => lists
                .iter_mut()
                .max_by_key(|list| list.last().map(|event| event.position))?,
        };
        let (event, rest) = match direction {
            Direction::Forward => list.split_first(),
            Direction::Backward => list.split_last(),
        }?;
        *list = rest;
        Some(event)
    }
}

/// The positions between the bounds in all lists of a scope.
fn all_bounds(read: &Read, lists: &Lists<'_>) -> Range<u64> {
    let lists = match lists {
        Lists::One(list) => return bounds(read, list),
        Lists::Several(lists) => lists,
    };
    lists
        .iter()
        .map(|list| bounds(read, list))
        .filter(|range| !range.is_empty())
        .reduce(|all, one| all.start.min(one.start)..all.end.max(one.end))
        .unwrap_or(0..0)
}

/// The positions between the bounds of version and position, both of which rise along the list.
fn bounds(read: &Read, events: &[Recorded]) -> Range<u64> {
    // An event that need not be looked at stays where it is in memory.
    let from = if read.from_version.is_none() && read.from_position.is_none() {
        0
    } else {
        events.partition_point(|event| {
            read.from_version.is_some_and(|from| event.version < from)
                || read.from_position.is_some_and(|from| event.position < from)
        })
    };
    let to = if read.to_version.is_none() && read.to_position.is_none() {
        events.len()
    } else {
        events.partition_point(|event| {
            read.to_version.is_none_or(|to| event.version <= to)
                && read.to_position.is_none_or(|to| event.position <= to)
        })
    };
    match events.get(from..to) {
        Some([first, .., last]) => first.position.number()..last.position.number() + 1,
        Some([only]) => only.position.number()..only.position.number() + 1,
        _ => 0..0,
    }
}

/// Where those of these positions stand that are there.
fn places(positions: &Range<u64>, events: &[Recorded]) -> Range<usize> {
    let before = |bound: u64| {
        let is_before = |event: &Recorded| event.position.number() < bound;
        // Most reads take all that is there.
        match (events.first(), events.last()) {
            (Some(first), _) if !is_before(first) => 0,
            (_, Some(last)) if is_before(last) => events.len(),
            _ => events.partition_point(is_before),
        }
    };
    let from = before(positions.start);
    from..before(positions.end).max(from)
}
