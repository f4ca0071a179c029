//! Makes a scenario fail that was left unfinished: a test that compares nothing must not pass.

use std::{panic::Location, thread};

/// Panics when it is dropped, unless it was defused or the thread is panicking anyway.
pub(super) struct Bomb {
    armed: bool,
    name: &'static str,
    at: &'static Location<'static>,
    /// The verbs of its kind.
    then: &'static str,
}

impl Bomb {
    pub(super) fn new(
        name: &'static str,
        at: &'static Location<'static>,
        then: &'static str,
    ) -> Self {
        Self {
            armed: true,
            name,
            at,
            then,
        }
    }

    /// The same for a scenario with other verbs.
    pub(super) fn for_verbs(mut self, then: &'static str) -> Self {
        self.then = then;
        self
    }

    pub(super) fn defuse(&mut self) {
        self.armed = false;
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        let Self { name, at, then, .. } = self;
        // A value that is dropped cannot pass on the line that made it, so the text has it, first of all.
        assert!(
            !self.armed || thread::panicking(),
            "{name}: the scenario at {at} has no `then`, so it tests nothing\n\n  hint: add what is to be read: {then}"
        );
    }
}
