//! A scenario that passed, and more that can be asked of it.

use std::fmt;

use eventsource_core::Aggregate;

use super::{
    check::{Check, Verdict},
    report::{name::short, state::shown},
    run::Run,
};

/// A scenario that passed; more can be asked of it.
pub struct Outcome<A: Aggregate> {
    run: Run<A>,
}

impl<A: Aggregate> Outcome<A> {
    pub(super) fn new(run: Run<A>) -> Self {
        Self { run }
    }

    /// Looks at the state after the command; after a refusal it is the state before it.
    ///
    /// # Panics
    ///
    /// When `look` does, or when there is no state: the command that was to create the aggregate was refused, or made
    /// nothing happen.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the look is what it is for"
    )]
    pub fn and_state(self, look: impl FnOnce(&A)) -> Self {
        match &self.run.after {
            Some(state) => look(state),
            None => panic!(
                "{}: there is no state after `{}`: no event has created the aggregate\n\n  hint: leave out `.and_state(..)`",
                A::CATEGORY,
                short(self.run.command)
            ),
        }
        self
    }

    /// What became of one of the checks that run by themselves.
    ///
    /// ```
    /// # use eventsource_core::prelude::*;
    /// # use eventsource_testing::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(PartialEq, Serialize, Deserialize, Event)]
    /// # #[event(name = "light.lit")]
    /// # struct Lit;
    /// #[derive(Default, Aggregate)] // without `PartialEq`
    /// #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Lit))]
    /// struct Light(bool);
    /// # impl Apply<Lit> for Light { fn apply(&mut self, _: &Lit) { self.0 = true; } }
    /// # struct SwitchOn;
    /// # impl Handle<SwitchOn> for Light { fn handle(&self, _: &SwitchOn) -> Decision<Self> { Ok(Lit.into()) } }
    ///
    /// let outcome = Scenario::<Light>::new().when(SwitchOn).then(Lit);
    /// assert_eq!(outcome.verdict(Check::RoundTrip), Verdict::Passed);
    /// assert_eq!(
    ///     outcome.verdict(Check::Replay),
    ///     Verdict::Limited("`Light` has no `PartialEq`: states cannot be compared".to_owned()),
    /// );
    /// ```
    pub fn verdict(&self, check: Check) -> Verdict {
        self.run.checks.verdict(check)
    }
}

impl<A: Aggregate> fmt::Debug for Outcome<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("command", &self.run.command)
            .field("state", &shown(self.run.after.as_ref()))
            .finish_non_exhaustive()
    }
}
