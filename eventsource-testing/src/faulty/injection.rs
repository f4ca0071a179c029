//! When something goes wrong.

use eventsource_core::{Append, StreamId};

use super::fault::{Fault, Injected};
use crate::chance::{STEP, mixed};

/// When something goes wrong: by default with the next append, once. For a fault of snapshots, read "save" or "find" for
/// "append".
///
/// ```
/// use eventsource_core::{MemoryStore, StreamId};
/// use eventsource_testing::faulty::{Fault, FaultyStore, Injection};
///
/// let store = FaultyStore::new(MemoryStore::new());
/// // The next three appends.
/// store.inject(Injection::new(Fault::FailBefore).times(3));
/// // The second append to this stream.
/// let account = StreamId::new("account", "7")?;
/// store.inject(Injection::new(Fault::FailAfterCommit).on(account).nth(2));
/// // One append in ten, as long as the store lives. The same seed chooses the same ones.
/// store.inject(Injection::new(Fault::Reject).one_in(10, 42));
/// # Ok::<(), eventsource_core::StreamIdError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Injection {
    fault: Fault,
    stream: Option<StreamId>,
    /// How many appends pass before.
    skips: u64,
    /// How often it happens; `None` for without end.
    times: Option<u64>,
    chance: Option<Chance>,
}

#[derive(Debug, Clone, Copy)]
struct Chance {
    one_in: u64,
    seed: u64,
}

impl Injection {
    /// With the next append, once.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            stream: None,
            skips: 0,
            times: Some(1),
            chance: None,
        }
    }

    /// Only with appends that have a part for this stream; others are not counted.
    #[must_use]
    pub fn on(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// So many times, and then no more; 0 is never.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Without end.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// From the append of this number on, counted from 1; 0 is taken as 1.
    #[must_use]
    pub fn nth(mut self, number: u64) -> Self {
        self.skips = number.saturating_sub(1);
        self
    }

    /// Without end with one append in so many, by chance; 0 is taken as 1. The seed decides for the first, the second,
    /// the third append and so on: which append is which depends on the order in which they come.
    #[must_use]
    pub fn one_in(mut self, appends: u64, seed: u64) -> Self {
        let one_in = appends.max(1);
        self.chance = Some(Chance { one_in, seed });
        self.always()
    }
}

impl From<Fault> for Injection {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

/// What is asked of the store.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call<'a> {
    Append(&'a Append),
    Save(&'a StreamId),
    Find(&'a StreamId),
}

impl Call<'_> {
    fn is_on(self, stream: &StreamId) -> bool {
        match self {
            Self::Append(append) => append.parts.iter().any(|part| part.stream == *stream),
            Self::Save(of) | Self::Find(of) => of == stream,
        }
    }

    fn can_have(self, fault: &Fault) -> bool {
        match fault {
            Fault::FailSave | Fault::LoseSaveAnswer => matches!(self, Self::Save(_)),
            Fault::FailFind => matches!(self, Self::Find(_)),
            _ => matches!(self, Self::Append(_)),
        }
    }
}

/// What is still to go wrong, and what has.
#[derive(Debug, Default)]
pub(super) struct Plan {
    waiting: Vec<Waiting>,
    injected: Injected,
}

#[derive(Debug)]
struct Waiting {
    injection: Injection,
    /// How many calls it was asked about.
    seen: u64,
    struck: u64,
}

impl Plan {
    pub(super) fn add(&mut self, injection: Injection) {
        self.waiting.push(Waiting {
            injection,
            seen: 0,
            struck: 0,
        });
    }

    pub(super) fn stop(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn injected(&self) -> Injected {
        self.injected
    }

    /// What goes wrong with this call.
    pub(super) fn due(&mut self, call: Call<'_>) -> Option<Fault> {
        *match call {
            Call::Append(_) => &mut self.injected.appends,
            Call::Save(_) => &mut self.injected.saves,
            Call::Find(_) => &mut self.injected.finds,
        } += 1;
        let mut fault = None;
        self.waiting.retain(|waiting| !waiting.is_over());
        for waiting in &mut self.waiting {
            if waiting.is_due(call) && fault.is_none() {
                waiting.struck += 1;
                fault = Some(waiting.injection.fault.clone());
            }
        }
        self.injected.count(fault.as_ref()?);
        fault
    }

    /// Whether a rival could append.
    pub(super) fn rival_came(&mut self, appended: bool) {
        if appended {
            self.injected.rivals += 1;
        } else {
            self.injected.rejected += 1;
        }
    }
}

impl Waiting {
    fn is_due(&mut self, call: Call<'_>) -> bool {
        let Injection {
            stream,
            skips,
            chance,
            ..
        } = &self.injection;
        let matches = |stream: &StreamId| call.is_on(stream);
        if !call.can_have(&self.injection.fault) || !stream.as_ref().is_none_or(matches) {
            return false;
        }
        let number = self.seen;
        self.seen += 1;
        number >= *skips && chance.is_none_or(|chance| chance.strikes(number))
    }

    fn is_over(&self) -> bool {
        self.injection
            .times
            .is_some_and(|times| times <= self.struck)
    }
}

impl Chance {
    fn strikes(self, number: u64) -> bool {
        let steps = number.wrapping_add(1).wrapping_mul(STEP);
        mixed(self.seed.wrapping_add(steps)).is_multiple_of(self.one_in)
    }
}
