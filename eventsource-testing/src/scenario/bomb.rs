//! Makes a scenario fail that was left unfinished: a test that compares nothing must not pass.

use std::{fmt, panic::Location, thread};

use super::{check::Check, report::name::short};

/// Panics when it is dropped, unless it was defused or the thread is panicking anyway.
pub(crate) struct Bomb {
    armed: bool,
    aggregate: &'static str,
    at: &'static Location<'static>,
    missing: Missing,
}

/// The verb that a scenario lacks.
enum Missing {
    When,
    Then {
        command: &'static str,
        came: String,
    },
    /// What asks for a check that is required.
    Asking(Check),
    #[cfg(feature = "proptest")]
    Check,
}

impl Bomb {
    /// For a scenario that has no command yet.
    pub(super) fn without_when(aggregate: &'static str, at: &'static Location<'static>) -> Self {
        let missing = Missing::When;
        Self::armed(aggregate, at, missing)
    }

    /// For a scenario that compares nothing yet.
    pub(super) fn without_then(
        aggregate: &'static str,
        at: &'static Location<'static>,
        command: &'static str,
        came: String,
    ) -> Self {
        let missing = Missing::Then { command, came };
        Self::armed(aggregate, at, missing)
    }

    /// For a scenario that requires a check which nothing has asked for yet.
    pub(super) fn without_asking(
        aggregate: &'static str,
        at: &'static Location<'static>,
        check: Check,
    ) -> Self {
        Self::armed(aggregate, at, Missing::Asking(check))
    }

    /// For random histories that were not played yet.
    #[cfg(feature = "proptest")]
    pub(crate) fn without_check(aggregate: &'static str, at: &'static Location<'static>) -> Self {
        Self::armed(aggregate, at, Missing::Check)
    }

    fn armed(aggregate: &'static str, at: &'static Location<'static>, missing: Missing) -> Self {
        Self {
            armed: true,
            aggregate,
            at,
            missing,
        }
    }

    pub(crate) fn defuse(mut self) {
        self.armed = false;
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.armed || thread::panicking(), "{self}");
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value that is dropped cannot pass on the line that made it, so the text has it, first of all.
        let Self { aggregate, at, .. } = self;
        match &self.missing {
            Missing::When => write!(
                f,
                "{aggregate}: the scenario at {at} has no `when`, so it tests nothing\n\n  hint: add `.when(command)`, and what it is to lead to: `.then(events)`, `.then_error(error)` or \
                 `.then_nothing()`"
            ),
            Missing::Then { command, came } => write!(
                f,
                "{aggregate}: the scenario at {at} has no `then`, so it tests nothing\n\n  when      {}\n  came      \
                 {came}\n\n  hint: add what the command is to lead to: `.then(events)`, `.then_error(error)` or \
                 `.then_nothing()`",
                short(command)
            ),
            Missing::Asking(check) => {
                let asking = match check {
                    Check::Concurrent => "`.meanwhile(events)`",
                    _ => "`.and_retry_nothing()` or `.and_retry_error(error)`",
                };
                write!(
                    f,
                    "{aggregate}: the scenario at {at} requires the check `{check}`, and nothing asks for it\n\n  hint: \
                     add {asking}, or leave out `.requires(..)` for it in this scenario"
                )
            }
            #[cfg(feature = "proptest")]
            Missing::Check => write!(
                f,
                "{aggregate}: the random histories have no `check`, so they test nothing\n\n  begun at  {at}\n\n  hint: \
                 add `.check()`"
            ),
        }
    }
}
