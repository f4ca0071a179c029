//! The checks that every scenario makes by itself, and what became of them.

use std::fmt;

use super::report::Block;

/// A check that a scenario makes beside what it expects. Each names itself when it fails.
///
/// Those of [`Check::AUTOMATIC`] run in every scenario, unless [`Scenario::without`](super::Scenario::without) leaves one
/// out; the others run where a scenario asks for them. One that has nothing to look at, or only a part, does not pass: it
/// says so in [`Outcome::verdict`](super::Outcome::verdict) and in the failure text, and
/// [`Scenario::requires`](super::Scenario::requires) makes a failure of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The state after the command is the state that its stored history gives when it is folded from scratch. Finds a
    /// handler that changes the state by itself, and a fold that depends on more than state and event. Needs
    /// `PartialEq` on the state, and a state that is equal to itself, as one with a NaN is not.
    Replay,
    /// The handler decides the same when it is asked again, also by a repository (see [`Check::Metadata`]), and does not
    /// change the state. Refusals need `PartialEq` on the error to be compared, and the second half needs it on the
    /// state.
    PureDecision,
    /// The history leads to one state wherever it is cut in two and however many states are folded in turns: the second
    /// part is folded into a clone, and what is folded into the clone does not reach its original. Needs `PartialEq` on
    /// the state; without `Clone` the second part is folded into a state of its own.
    SplitFold,
    /// Each event is the same after it was written and read, and is then written as the same bytes. The first half needs
    /// `PartialEq` on the events; the second is limited where the order of a hashed collection changes by chance.
    RoundTrip,
    /// The stored name and schema version of each event lead back to the same event of the aggregate.
    Registry,
    /// A state that is written and read again after any of the events leads to the same state, so that a snapshot may
    /// be taken anywhere. A state that derives [`Snapshot`](eventsource_core::Snapshot) is written by its own codec, any
    /// other one as JSON, for which it needs `Serialize` and `Deserialize`. Needs `PartialEq` to see what is lost.
    Snapshot,
    /// Each given event of an older schema version, of an older name, or retired since is read alike each time, and what
    /// it is today survives being written and read. Events are only ever written in today's shape, so there is no way
    /// back to an older version that could be looked at. Needs `PartialEq` on the events, or compares what is stored.
    Upcast,
    /// A store takes the events, at the version that they were decided at. Without it they are encoded and decoded, but
    /// not stored, and [`Check::Metadata`] has nothing to look at.
    Append,
    /// A [`Repository`](eventsource_core::Repository) that executes the command on the same history stores its events
    /// with the command as their cause, in its conversation, under ids of their own.
    Metadata,
    /// No event makes `apply` panic, wherever the history ends. Without it such a panic is the test's own.
    NoPanic,
    /// The command that comes a second time, on the state that it has led to, makes nothing happen, or is refused as
    /// declared. Asked for by [`Outcome::and_retry_nothing`](super::Outcome::and_retry_nothing) and its siblings.
    Retry,
    /// Another writer's events come between the load and the append of a repository, and the command is decided anew, on
    /// the history with them. Asked for by [`Scenario::meanwhile`](super::Scenario::meanwhile).
    Concurrent,
}

impl Check {
    /// The checks that every scenario makes without being asked.
    pub const AUTOMATIC: &'static [Self] = &[
        Self::Replay,
        Self::PureDecision,
        Self::SplitFold,
        Self::RoundTrip,
        Self::Registry,
        Self::Snapshot,
        Self::Upcast,
        Self::Append,
        Self::Metadata,
        Self::NoPanic,
    ];

    /// The checks that a scenario makes where it is asked to.
    pub const ON_DEMAND: &'static [Self] = &[Self::Retry, Self::Concurrent];

    /// Why it has nothing to look at, where no better reason is known.
    fn without_subject(self) -> &'static str {
        match self {
            Self::Replay | Self::PureDecision | Self::Concurrent => "nothing was decided",
            Self::SplitFold | Self::RoundTrip | Self::Registry => "there are no events",
            Self::Snapshot => "there is no state",
            Self::Upcast => "no given event is older than today's",
            Self::Append | Self::Metadata => "the command made no event happen",
            Self::NoPanic => "no event was applied",
            Self::Retry => "the command did not come a second time",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replay => "replay",
            Self::PureDecision => "pure decision",
            Self::SplitFold => "split fold",
            Self::RoundTrip => "serde round trip",
            Self::Registry => "registry",
            Self::Snapshot => "snapshot",
            Self::Upcast => "upcast",
            Self::Append => "append",
            Self::Metadata => "metadata",
            Self::NoPanic => "no panic",
            Self::Retry => "retry",
            Self::Concurrent => "concurrent",
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
    /// It had nothing to look at, and this is why.
    NoSubject(String),
    /// The scenario switched it off, or did not ask for it.
    Off,
}

/// What the checks of one scenario found.
#[derive(Default)]
pub(super) struct Checks {
    settings: Settings,
    looked: Set,
    limits: Vec<(Check, String)>,
    no_subjects: Vec<(Check, String)>,
    findings: Vec<Finding>,
}

/// Which checks a scenario makes.
#[derive(Default, Clone, Copy)]
pub(super) struct Settings {
    off: Set,
    asked: Set,
    required: Set,
}

/// Something wrong that the scenario did not ask about.
pub(super) struct Finding {
    /// The check that found it; `None` where the scenario could not go on without it.
    pub(super) check: Option<Check>,
    /// What is wrong: a sentence, and lines that show it.
    pub(super) text: Block,
    pub(super) hint: &'static str,
}

impl Settings {
    pub(super) fn switch_off(&mut self, check: Check) {
        self.off.insert(check);
    }

    pub(super) fn ask(&mut self, check: Check) {
        self.asked.insert(check);
    }

    pub(super) fn require(&mut self, check: Check) {
        self.required.insert(check);
    }

    fn is_unasked(self, check: Check) -> bool {
        let is_askable = Check::ON_DEMAND.contains(&check) && !self.off.has(check);
        is_askable && !self.asked.has(check)
    }

    fn is_on(self, check: Check) -> bool {
        !self.off.has(check) && (Check::AUTOMATIC.contains(&check) || self.asked.has(check))
    }
}

impl Checks {
    pub(super) fn with(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// The same for what follows: what was asked for is over, and no longer required.
    pub(super) fn settings(&self) -> Settings {
        let mut settings = self.settings;
        for check in Check::ON_DEMAND {
            if settings.asked.has(*check) {
                settings.required.remove(*check);
            }
        }
        Settings {
            asked: Set::default(),
            ..settings
        }
    }

    /// A check that is required, and that nothing has asked for yet.
    pub(super) fn required_unasked(&self) -> Option<Check> {
        let mut unasked = every().filter(|check| self.settings.is_unasked(*check));
        unasked.find(|check| self.settings.required.has(*check))
    }

    pub(super) fn is_on(&self, check: Check) -> bool {
        self.settings.is_on(check)
    }

    /// Asks for a check when the scenario is over.
    pub(super) fn ask(&mut self, check: Check) {
        self.settings.ask(check);
    }

    /// Notes that a check had something to look at.
    pub(super) fn looked(&mut self, check: Check) {
        self.looked.insert(check);
    }

    /// Notes, once for each reason, that a check could not look at everything.
    pub(super) fn limit(&mut self, check: Check, why: impl FnOnce() -> String) {
        let why = why();
        if self.is_on(check) && !self.limits.iter().any(|(c, w)| *c == check && *w == why) {
            self.limits.push((check, why));
        }
    }

    /// Notes that a check had nothing to look at.
    pub(super) fn no_subject(&mut self, check: Check, why: impl FnOnce() -> String) {
        if self.is_on(check) && !self.no_subjects.iter().any(|(c, _)| *c == check) {
            self.no_subjects.push((check, why()));
        }
    }

    pub(super) fn find(
        &mut self,
        check: impl Into<Option<Check>>,
        text: impl Into<Block>,
        hint: &'static str,
    ) {
        let (check, text) = (check.into(), text.into());
        self.findings.push(Finding { check, text, hint });
    }

    /// Whether the check has found something.
    pub(super) fn has_found(&self, check: Check) -> bool {
        { self.findings.iter() }.any(|finding| finding.check == Some(check))
    }

    /// Turns each required check that did not pass into a finding; but for those that may still be asked for.
    pub(super) fn demand(&mut self) {
        if !self.findings.is_empty() {
            return;
        }
        for check in every() {
            if self.settings.required.has(check) && !self.settings.is_unasked(check) {
                let why = match self.verdict(check) {
                    Verdict::Passed => continue,
                    Verdict::Limited(why) => format!("could not look at everything: {why}"),
                    Verdict::NoSubject(why) => format!("had nothing to look at: {why}"),
                    Verdict::Off => "is off".to_owned(),
                };
                let text = format!("is required, but {why}");
                let hint =
                    "give it what it needs, or leave out `.requires(..)` for it in this scenario";
                self.find(check, text, hint);
            }
        }
    }

    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(super) fn verdict(&self, check: Check) -> Verdict {
        if !self.is_on(check) {
            return Verdict::Off;
        }
        if let Some((_, why)) = self.no_subjects.iter().find(|(c, _)| *c == check) {
            return Verdict::NoSubject(why.clone());
        }
        if !self.looked.has(check) {
            return Verdict::NoSubject(check.without_subject().to_owned());
        }
        let limits = self.limits.iter().filter(|(c, _)| *c == check);
        match limits.map(|(_, why)| why.as_str()).collect::<Vec<_>>() {
            none if none.is_empty() => Verdict::Passed,
            some => Verdict::Limited(some.join("; ")),
        }
    }

    /// What a reader of a failure has to know about the checks: which were off, and which could not look.
    pub(super) fn notes(&self) -> Vec<String> {
        let idle = self.no_subjects.iter().map(|note| ("not checked", note));
        let limited = self.limits.iter().map(|note| ("not checked in full", note));
        let notes = idle.chain(limited);
        let notes = notes.map(|(what, (check, why))| format!("{what}: {check}, since {why}"));
        let off = every().filter(|check| self.settings.off.has(*check));
        notes
            .chain(off.map(|check| format!("switched off: {check}")))
            .collect()
    }
}

fn every() -> impl Iterator<Item = Check> {
    let lists = Check::AUTOMATIC.iter().chain(Check::ON_DEMAND);
    lists.copied()
}

/// A set of checks.
#[derive(Default, Clone, Copy)]
struct Set(u16);

impl Set {
    fn insert(&mut self, check: Check) {
        self.0 |= 1 << check as u16;
    }

    fn remove(&mut self, check: Check) {
        self.0 &= !(1 << check as u16);
    }

    fn has(self, check: Check) -> bool {
        self.0 & 1 << check as u16 != 0
    }
}
