//! The checks that every scenario makes by itself, and what became of them.

use std::fmt;

/// A check that every scenario makes by itself, whatever it expects. Each names itself when it fails.
///
/// One that has nothing to look at, or only a part, says so in the failure text and in
/// [`Outcome::verdict`](super::Outcome::verdict).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The state after the command is the state that its stored history gives when it is folded from scratch. Needs
    /// `PartialEq` on the state, and a state that is equal to itself, as one with a NaN is not.
    Replay,
    /// The handler decides the same when it is asked twice, and does not change the state. Refusals need `PartialEq` on
    /// the error to be compared, and the second half needs it on the state.
    PureDecision,
    /// Each event is the same after it was written and read, and is then written as the same bytes. The first half needs
    /// `PartialEq` on the events; the second is limited where the order of a hashed collection changes by chance.
    RoundTrip,
    /// The stored name and schema version of each event lead back to the same event of the aggregate.
    Registry,
    /// A store takes the events, at the version that they were decided at. Without it they are encoded and decoded, but
    /// not stored.
    Append,
}

impl Check {
    /// Every check, in the order in which they are reported.
    pub const ALL: &'static [Self] = &[
        Self::Replay,
        Self::PureDecision,
        Self::RoundTrip,
        Self::Registry,
        Self::Append,
    ];
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replay => "replay",
            Self::PureDecision => "pure decision",
            Self::RoundTrip => "serde round trip",
            Self::Registry => "registry",
            Self::Append => "append",
        })
    }
}

/// What became of a check in a scenario that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It looked at everything, and all is well.
    Passed,
    /// All is well as far as it could look, and this is why it could not look at everything.
    Limited(String),
    /// The scenario switched it off.
    Off,
}

/// What the checks of one scenario found.
#[derive(Default)]
pub(super) struct Checks {
    off: Vec<Check>,
    limits: Vec<(Check, String)>,
    findings: Vec<Finding>,
}

/// Something wrong that the scenario did not ask about.
pub(super) struct Finding {
    /// The check that found it; `None` where the scenario could not go on without it.
    pub(super) check: Option<Check>,
    /// What is wrong: a sentence, and lines that show it.
    pub(super) text: String,
    pub(super) hint: &'static str,
}

impl Checks {
    pub(super) fn switch_off(&mut self, check: Check) {
        if self.is_on(check) {
            self.off.push(check);
        }
    }

    pub(super) fn is_on(&self, check: Check) -> bool {
        !self.off.contains(&check)
    }

    /// Notes, once for each reason, that a check could not look at everything.
    pub(super) fn limit(&mut self, check: Check, why: impl FnOnce() -> String) {
        let why = why();
        if self.is_on(check) && !self.limits.iter().any(|(c, w)| *c == check && *w == why) {
            self.limits.push((check, why));
        }
    }

    pub(super) fn find(
        &mut self,
        check: impl Into<Option<Check>>,
        text: String,
        hint: &'static str,
    ) {
        let check = check.into();
        self.findings.push(Finding { check, text, hint });
    }

    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(super) fn verdict(&self, check: Check) -> Verdict {
        let why = |(_, why): &(Check, String)| why.clone();
        if !self.is_on(check) {
            return Verdict::Off;
        }
        match self
            .limits
            .iter()
            .filter(|(c, _)| *c == check)
            .map(why)
            .collect::<Vec<_>>()
        {
            none if none.is_empty() => Verdict::Passed,
            some => Verdict::Limited(some.join("; ")),
        }
    }

    /// What a reader of a failure has to know about the checks: which were off, and which could not look.
    pub(super) fn notes(&self) -> Vec<String> {
        let limits = self
            .limits
            .iter()
            .map(|(check, why)| format!("not checked: {check}, since {why}"));
        let off = self
            .off
            .iter()
            .map(|check| format!("switched off: {check}"));
        limits.chain(off).collect()
    }
}
