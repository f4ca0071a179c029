//! A scenario that passed.

use std::fmt;

use super::check::{Checks, ProjectionCheck};
use crate::scenario::Verdict;

/// A scenario of a projection or a reaction that passed.
pub struct ProjectionOutcome {
    pub(super) name: &'static str,
    pub(super) checks: Checks,
}

impl ProjectionOutcome {
    /// What became of one of the checks.
    pub fn verdict(&self, check: ProjectionCheck) -> Verdict {
        self.checks.verdict(check)
    }
}

impl fmt::Debug for ProjectionOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectionOutcome")
            .field("of", &self.name)
            .finish_non_exhaustive()
    }
}
