//! The text of a failure.

use std::{collections::BTreeSet, iter::once};

use eventsource_core::EventId;

use super::{check::Checks, story::Story};
use crate::scenario::report::{Block, Report, json::Side};

/// What is read is not what is expected, or nothing can be.
pub(super) struct Wrong {
    header: &'static str,
    body: Block,
    hint: &'static str,
}

impl Wrong {
    pub(super) fn differs(expected: &str, actual: &str) -> Self {
        let mut body = Block::default();
        body.add(format!("expected  {expected}"));
        body.add_wrong(format!("actual    {actual}"));
        Self {
            header: "something else is read",
            body,
            hint: "mend the handlers, or change `then` if this is right",
        }
    }

    pub(super) fn unplayable(why: String) -> Self {
        let mut body = Block::default();
        body.add_wrong(why);
        Self {
            header: "the scenario cannot be played",
            body,
            hint: "give it a store that takes these events, and a projection of this name and version only",
        }
    }

    /// All that was told is of other aggregates.
    pub(super) fn of_others(story: &Story) -> Self {
        let categories: BTreeSet<_> = story.categories.iter().collect();
        let categories: Vec<_> = categories
            .iter()
            .map(|category| format!("`{category}`"))
            .collect();
        let mut body = Block::default();
        body.add_wrong("none of these events is of an aggregate of `from(..)`, so nothing comes");
        body.add(format!("taken is what is of {}", categories.join(", ")));
        Self {
            header: "the scenario shows nothing",
            body,
            hint: "tell events of these aggregates, or name the one that you meant in `from(..)`",
        }
    }
}

/// Says what is wrong. `delivered` are the ids of what was to be delivered, where that is known.
#[cold]
pub(super) fn failure(
    story: &Story,
    delivered: Option<&[EventId]>,
    wrong: Option<Wrong>,
    checks: &Checks,
) -> String {
    let findings = checks.findings();
    let header = match (&wrong, findings) {
        (Some(wrong), _) => wrong.header.to_owned(),
        (None, [one]) => format!("the check `{}` failed", one.check),
        (None, several) => {
            let names: Vec<_> = several
                .iter()
                .map(|one| format!("`{}`", one.check))
                .collect();
            format!("the checks {} failed", names.join(", "))
        }
    };
    let mut hints: Vec<String> = wrong.iter().map(|wrong| wrong.hint.to_owned()).collect();
    for finding in findings {
        let hint = finding.hint.to_owned();
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    let said = |finding: &super::check::Finding| {
        finding.text.led_by(&format!("check `{}`: ", finding.check))
    };
    let mut report = Report::default();
    report.aggregate = story.name;
    report.header = header;
    report.body = told(story, delivered);
    report.findings.extend(wrong.map(|wrong| wrong.body));
    report.findings.extend(findings.iter().map(said));
    report.notes = checks.notes();
    report.hints = hints;
    // Nothing stands between the header and what was told.
    report.text().replacen("\n\n\n", "\n\n", 1)
}

/// What was told, line by line.
fn told(story: &Story, delivered: Option<&[EventId]>) -> Block {
    let mut block = Block::default();
    if story.events.is_empty() {
        block.add("given     nothing");
        return block;
    }
    let sides: Vec<Side> = story
        .events
        .iter()
        .map(|told| Side::of(&told.stored))
        .collect();
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let streams = width(
        &mut story
            .events
            .iter()
            .map(|told| told.stream.to_string().chars().count()),
    );
    let titles = width(&mut sides.iter().map(|side| side.title().chars().count()));
    let mut last = None;
    for (place, (told, side)) in story.events.iter().zip(&sides).enumerate() {
        let lead = match (last.replace(told.comes), told.comes) {
            (None, false) => "given",
            (None | Some(false), true) => "when",
            _ => "",
        };
        let number = delivered.map_or_else(
            || format!("{}", place + 1),
            |ids| {
                let at = ids.iter().position(|id| *id == Story::id(place));
                at.map_or_else(|| "-".to_owned(), |at| format!("{}", at + 1))
            },
        );
        let (stream, title, payload) = (told.stream.to_string(), side.title(), side.payload());
        let line =
            format!("{lead:<5} {number:>2}  {stream:<streams$}  {title:<titles$}  {payload}");
        block.add(line.trim_end());
        let stored = told.stored.name.as_str();
        match told.today.as_slice() {
            [one] if *one == stored => {}
            [] => block.add("          read as nothing"),
            some => block.add(format!("          read as {}", some.join(", "))),
        }
    }
    let undelivered = delivered.is_some_and(|ids| ids.len() < story.events.len());
    let note = undelivered.then_some("          - is not delivered");
    once(note).flatten().for_each(|note| block.add(note));
    block
}
