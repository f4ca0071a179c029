//! The checks that every scenario of a projection makes by itself, and what became of them.

use std::fmt;

use crate::scenario::{Verdict, report::Block};

/// A check that a [`ProjectionScenario`](super::ProjectionScenario) makes beside what it expects: the same events are
/// delivered in other ways, and what is read then has to be the same. Each names itself when it fails.
///
/// All of them run in every scenario, unless [`without`](super::ProjectionScenario::without) leaves one out. One that has
/// nothing to look at, or only a part, does not pass: it says so in
/// [`verdict`](super::ProjectionOutcome::verdict) and in the failure text, and
/// [`requires`](super::ProjectionScenario::requires) makes a failure of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProjectionCheck {
    /// Each event can be delivered: it is read, and its handler neither fails nor panics. Without this check the scenario
    /// compares what was read before the first event that cannot, and the other checks have nothing to look at.
    Once,
    /// Delivered once more, from scratch and in the same way, the events lead to the same: a handler looks at nothing but
    /// its event and the model. For a reaction it finds ids that it makes itself, where it was given one.
    Repeat,
    /// Delivered twice, the events lead to the same. To what is outside of the store, and to a reaction, each batch comes
    /// again after a crash before the checkpoint moved. In a transaction each batch is undone after its last event and
    /// delivered again, and a step that was made is refused when it comes again. A read model in memory has no
    /// subject: it is built anew after a crash.
    Twice,
    /// Whatever the batches are, they lead to the same. All splits of up to 7 events are tried, and of more events 64
    /// splits, drawn by a fixed seed; the check is limited then.
    Splits,
    /// Built from the first event once more, the model is the same: beside the one that is read, which stays as it is
    /// until the switch while both take in what comes; outside of the store in place of what is there. A reaction is
    /// refused a rebuild and a reset.
    Rebuilt,
    /// Stopped after any of the events and started again with another value of the projection, it leads to the same.
    /// Finds what handlers keep in the projection itself instead of the model.
    Resumed,
    /// A reaction does nothing for what was stored before it was first started, and nothing at its start. A projection
    /// has no subject: it begins with the first event.
    FromNow,
    /// Each listed event is delivered by the scenario. It is limited where some are not, and names them.
    Coverage,
}

impl ProjectionCheck {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Once,
        Self::Repeat,
        Self::Twice,
        Self::Splits,
        Self::Rebuilt,
        Self::Resumed,
        Self::FromNow,
        Self::Coverage,
    ];
}

impl fmt::Display for ProjectionCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Once => "once",
            Self::Repeat => "repeat",
            Self::Twice => "twice",
            Self::Splits => "splits",
            Self::Rebuilt => "rebuilt",
            Self::Resumed => "resumed",
            Self::FromNow => "from now",
            Self::Coverage => "coverage",
        })
    }
}

/// What the checks of one scenario found.
#[derive(Default)]
pub(super) struct Checks {
    settings: Settings,
    looked: Set,
    limits: Vec<(ProjectionCheck, String)>,
    no_subjects: Vec<(ProjectionCheck, String)>,
    findings: Vec<Finding>,
}

/// Which checks a scenario makes.
#[derive(Default, Clone, Copy)]
pub(super) struct Settings {
    off: Set,
    required: Set,
}

/// Something wrong that the scenario did not ask about.
pub(super) struct Finding {
    pub(super) check: ProjectionCheck,
    /// What is wrong: a sentence, and lines that show it.
    pub(super) text: Block,
    pub(super) hint: &'static str,
}

impl Settings {
    pub(super) fn switch_off(&mut self, check: ProjectionCheck) {
        self.off.insert(check);
    }

    pub(super) fn require(&mut self, check: ProjectionCheck) {
        self.required.insert(check);
    }
}

impl Checks {
    pub(super) fn with(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    pub(super) fn is_on(&self, check: ProjectionCheck) -> bool {
        !self.settings.off.has(check)
    }

    /// Notes that a check had something to look at.
    pub(super) fn looked(&mut self, check: ProjectionCheck) {
        self.looked.insert(check);
    }

    /// Notes that a check could not look at everything.
    pub(super) fn limit(&mut self, check: ProjectionCheck, why: impl Into<String>) {
        if self.is_on(check) {
            self.limits.push((check, why.into()));
        }
    }

    /// Notes that a check had nothing to look at.
    pub(super) fn no_subject(&mut self, check: ProjectionCheck, why: impl Into<String>) {
        let is_new = !self.no_subjects.iter().any(|(other, _)| *other == check);
        if self.is_on(check) && is_new {
            self.no_subjects.push((check, why.into()));
        }
    }

    pub(super) fn find(
        &mut self,
        check: ProjectionCheck,
        text: impl Into<Block>,
        hint: &'static str,
    ) {
        let text = text.into();
        self.findings.push(Finding { check, text, hint });
    }

    pub(super) fn has_found(&self, check: ProjectionCheck) -> bool {
        self.findings.iter().any(|finding| finding.check == check)
    }

    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Turns each required check that did not pass into a finding.
    pub(super) fn demand(&mut self) {
        if !self.findings.is_empty() {
            return;
        }
        for check in ProjectionCheck::ALL.iter().copied() {
            if !self.settings.required.has(check) {
                continue;
            }
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

    pub(super) fn verdict(&self, check: ProjectionCheck) -> Verdict {
        if !self.is_on(check) {
            return Verdict::Off;
        }
        if let Some((_, why)) = self.no_subjects.iter().find(|(other, _)| *other == check) {
            return Verdict::NoSubject(why.clone());
        }
        if !self.looked.has(check) {
            return Verdict::NoSubject(NOTHING.to_owned());
        }
        let limits = self.limits.iter().filter(|(other, _)| *other == check);
        let limits: Vec<&str> = limits.map(|(_, why)| why.as_str()).collect();
        if limits.is_empty() {
            Verdict::Passed
        } else {
            Verdict::Limited(limits.join("; "))
        }
    }

    /// What a reader of a failure has to know about the checks: which were off, and which could not look.
    pub(super) fn notes(&self) -> Vec<String> {
        let idle = self.no_subjects.iter().map(|note| ("not checked", note));
        let limited = self.limits.iter().map(|note| ("not checked in full", note));
        let notes = idle.chain(limited);
        let notes = notes.map(|(what, (check, why))| format!("{what}: {check}, since {why}"));
        let off = ProjectionCheck::ALL
            .iter()
            .filter(|check| !self.is_on(**check));
        notes
            .chain(off.map(|check| format!("switched off: {check}")))
            .collect()
    }
}

/// Why a check has nothing to look at, where no better reason is known.
pub(super) const NOTHING: &str = "no event was delivered";

/// A set of checks.
#[derive(Default, Clone, Copy)]
struct Set(u16);

impl Set {
    fn insert(&mut self, check: ProjectionCheck) {
        self.0 |= 1 << check as u16;
    }

    fn has(self, check: ProjectionCheck) -> bool {
        self.0 & 1 << check as u16 != 0
    }
}
