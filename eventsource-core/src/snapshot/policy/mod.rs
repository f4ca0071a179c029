//! When a snapshot is taken.

use std::time::Duration;

use crate::{stream::Version, time::Timestamp};

/// When a snapshot is taken; see [`every`], [`after`], [`on_each_save`], [`replayed_more_than`], [`never()`].
///
/// One at a time is taken of each stream. What is due while another one is on its way is left out, and taken after the next
/// save that finds it due.
///
/// ```
/// use std::time::Duration;
///
/// use eventsource_core::snapshot::{after, every};
///
/// let policy = every(100).or(after(Duration::from_secs(600)));
/// # let _ = policy;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotPolicy {
    /// It is taken when one of these says so.
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Every(u64),
    After(Duration),
    EachSave,
    Replayed(u64),
}

/// After a save, when at least so many events are beyond the last snapshot; 0 is taken as 1.
pub fn every(events: u64) -> SnapshotPolicy {
    SnapshotPolicy::of(Rule::Every(events.max(1)))
}

/// After a save, when the last snapshot is at least this old, or there is none.
pub fn after(time: Duration) -> SnapshotPolicy {
    SnapshotPolicy::of(Rule::After(time))
}

/// After every save.
pub fn on_each_save() -> SnapshotPolicy {
    SnapshotPolicy::of(Rule::EachSave)
}

/// After a load that had to fold more than so many events, also where nothing is saved then.
pub fn replayed_more_than(events: u64) -> SnapshotPolicy {
    SnapshotPolicy::of(Rule::Replayed(events))
}

/// Never. Snapshots that are there are used all the same.
pub fn never() -> SnapshotPolicy {
    SnapshotPolicy { rules: Vec::new() }
}

/// What a policy looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// The version of the state.
    pub(crate) version: Version,
    /// The version of the snapshot before, and when it was taken.
    pub(crate) last: Option<(Version, Timestamp)>,
    /// How many events were folded since the state was begun or taken from somewhere.
    pub(crate) replayed: u64,
    /// Whether events were saved; otherwise the state was only loaded.
    pub(crate) is_saved: bool,
    pub(crate) now: Timestamp,
}

impl SnapshotPolicy {
    fn of(rule: Rule) -> Self {
        Self { rules: vec![rule] }
    }

    /// The same, and when the other one says so.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        self
    }

    /// Whether a snapshot is to be taken.
    pub(crate) fn is_due(&self, moment: &Moment) -> bool {
        let beyond = match moment.last {
            Some((last, _)) => moment.version.get().saturating_sub(last.get()),
            None => moment.version.get(),
        };
        let is_old = |time: Duration| match moment.last {
            Some((_, taken_at)) => {
                let age = moment.now.as_micros().saturating_sub(taken_at.as_micros());
                u64::try_from(age).is_ok_and(|age| Duration::from_micros(age) >= time)
            }
            None => true,
        };
        let says = |rule: &Rule| match *rule {
            Rule::Every(events) => moment.is_saved && beyond >= events,
            Rule::After(time) => moment.is_saved && is_old(time),
            Rule::EachSave => moment.is_saved,
            Rule::Replayed(events) => moment.replayed > events,
        };
        beyond > 0 && self.rules.iter().any(says)
    }
}

#[cfg(test)]
mod tests;
