//! Says what is wrong with a scenario: collects what a reader needs and leaves the layout to the report.

use eventsource_core::{Aggregate, AggregateEvent};

use super::{
    check::Check,
    checks::concurrent::STALE,
    compare::{Compared, Ignored, side},
    history::Known,
    outcome::Outcome,
    report::{
        Block, Given, Report,
        json::Side,
        name::{short, written},
        state::shown,
        text::{chain, count, time},
    },
    run::{Came, Made, Run},
};

/// What came is not what was expected.
pub(super) struct Wrong {
    header: String,
    body: Block,
    hint: String,
}

/// Passes the scenario on, or fails it at the caller's line.
#[track_caller]
pub(super) fn settle<A: Aggregate>(run: Run<A>, wrong: Option<Wrong>) -> Outcome<A> {
    if wrong.is_none() && run.checks.findings().is_empty() {
        run.offer_payloads();
        return Outcome::new(run);
    }
    panic!("{}", report(&run, wrong).text());
}

/// What the checks found, if anything: in one line, and the rest of the text.
#[cfg(feature = "proptest")]
pub(super) fn found<A: Aggregate>(run: &Run<A>) -> Option<(String, String)> {
    let is_sound = run.checks.findings().is_empty();
    (!is_sound).then(|| told(report(run, None)))
}

/// A state after the command that is not as it is always to be: in one line, and the rest of the text.
#[cfg(feature = "proptest")]
pub(super) fn broken_invariant<A: Aggregate>(run: &Run<A>, name: &str) -> (String, String) {
    let mut body = came(run);
    body.add_wrong(format!("led to    {}", shown(run.after.as_ref())));
    let wrong = Wrong {
        header: format!("the invariant \"{name}\" does not hold"),
        body,
        hint: format!(
            "let the handler of `{}` refuse what leads there, or mend the invariant",
            short(run.command.name)
        ),
    };
    told(report(run, Some(wrong)))
}

/// The line that says what is wrong, and what stands below it.
#[cfg(feature = "proptest")]
pub(super) fn told(report: Report) -> (String, String) {
    let text = report.text();
    let below = text.split_once('\n').map_or("", |(_, below)| below);
    (report.header, below.to_owned())
}

/// What is wrong with the events that came, if anything.
pub(super) fn events<A: Aggregate>(
    run: &Run<A>,
    expected: &[A::Event],
    ignored: &Ignored,
    any_order: bool,
) -> Option<Wrong> {
    let made = match &run.came {
        Came::Broken => return None,
        Came::Refusal(refusal) => return Some(refused(run, expected, refusal)),
        Came::Events(made) => made,
    };
    let compared = Compared::new(expected, made, ignored);
    let same = if any_order {
        compared.in_any_order()
    } else {
        compared.in_order()
    };
    let misused = |why| Wrong {
        header: why,
        body: came(run),
        hint: "mend `.ignoring..` or `.then..`".to_owned(),
    };
    match compared.misuse() {
        Some(why) => Some(misused(why)),
        None if same => compared.ignored_nothing().map(misused),
        None => Some(events_differ(run, &compared, any_order)),
    }
}

#[cold]
fn events_differ<A: Aggregate>(run: &Run<A>, compared: &Compared<'_, A>, any_order: bool) -> Wrong {
    let table = compared.table(any_order);
    let how = if table.is_reordered() {
        "in another order"
    } else {
        "differ"
    };
    Wrong {
        header: format!("events {how} ({})", compared.counts()),
        body: table.lines(),
        hint: table.hint(&short(run.command.name)),
    }
}

#[cold]
fn refused<A: Aggregate>(run: &Run<A>, expected: &[A::Event], refusal: &A::Error) -> Wrong {
    let header = match expected.len() {
        0 => "refused, but to be accepted without events".to_owned(),
        n => format!("refused, but {} expected", count(n, "event")),
    };
    let mut wrong = refused_at_all(run, header, refusal);
    let expected = expected.iter().map(|event| side(event).inline());
    wrong.body.list("expected", expected);
    wrong
}

fn refused_at_all<A: Aggregate>(run: &Run<A>, header: String, refusal: &A::Error) -> Wrong {
    let mut body = Block::default();
    body.add_wrong(format!("refused   {}", chain(refusal)));
    body.add(format!("          {refusal:?}"));
    let hint = format!(
        "if the refusal is right, expect it: `.then_error({})`; if not, mend the handler of `{}` or the given events",
        written(refusal),
        short(run.command.name)
    );
    Wrong { header, body, hint }
}

/// What is wrong with the events that came where a pattern was expected.
pub(super) fn pattern<A: Aggregate>(
    run: &Run<A>,
    ignored: &Ignored,
    pattern: &str,
    accepts: &dyn Fn(&[A::Event]) -> bool,
) -> Option<Wrong> {
    let expected = |mut wrong: Wrong| {
        wrong.body.add(format!("expected  events like {pattern}"));
        Some(wrong)
    };
    match &run.came {
        Came::Broken => None,
        Came::Refusal(refusal) => {
            let header = "refused, but events expected".to_owned();
            expected(refused_at_all(run, header, refusal))
        }
        Came::Events(_) if !ignored.is_empty() => Some(Wrong {
            header: "a pattern is of all events, and cannot ignore some".to_owned(),
            body: came(run),
            hint: "leave out `.ignoring..`, and write `..` or `_` into the pattern".to_owned(),
        }),
        Came::Events(made) if accepts(&made.read) => None,
        Came::Events(_) => expected(Wrong {
            header: "the events are not like the pattern".to_owned(),
            body: came(run),
            hint: format!(
                "mend the handler of `{}`, or the pattern if this is right; the pattern is of the whole list",
                short(run.command.name)
            ),
        }),
    }
}

/// What is wrong with the refusal that came, if anything.
pub(super) fn refusal<A: Aggregate>(
    run: &Run<A>,
    ignored: &Ignored,
    expected: &str,
    accepts: &dyn Fn(&A::Error) -> bool,
) -> Option<Wrong> {
    match &run.came {
        Came::Broken => None,
        Came::Refusal(refusal) if accepts(refusal) && !ignored.is_empty() => Some(Wrong {
            header: "a refusal has no events that could be ignored".to_owned(),
            body: came(run),
            hint: "leave out `.ignoring..`".to_owned(),
        }),
        Came::Refusal(refusal) if accepts(refusal) => None,
        Came::Refusal(refusal) => Some(other_error(run, expected, refusal)),
        Came::Events(made) => Some(accepted(run, expected, made)),
    }
}

#[cold]
fn other_error<A: Aggregate>(run: &Run<A>, expected: &str, refusal: &A::Error) -> Wrong {
    let mut body = Block::from(format!("expected  {expected}"));
    body.add_wrong(format!("actual    {refusal:?}"));
    body.add(format!("          {}", chain(refusal)));
    Wrong {
        header: "refused with another error".to_owned(),
        body,
        hint: format!(
            "if this refusal is right, expect it: `.then_error({})`; if not, mend the handler of `{}`",
            written(refusal),
            short(run.command.name)
        ),
    }
}

#[cold]
fn accepted<A: Aggregate>(run: &Run<A>, expected: &str, made: &Made<A>) -> Wrong {
    let mut body = Block::from(format!("expected  refusal {expected}"));
    let stored = made.stored.iter().map(|stored| Side::of(stored).inline());
    body.list("actual", stored);
    let (came, verb) = match made.stored.len() {
        0 => {
            body.add("actual    no events");
            ("no events".to_owned(), "then_nothing()")
        }
        n => (count(n, "event"), "then(..)"),
    };
    Wrong {
        header: format!("accepted with {came}, but a refusal expected"),
        body,
        hint: format!(
            "mend the handler of `{}`; if the command is to be accepted, write `.{verb}`",
            short(run.command.name)
        ),
    }
}

#[cold]
fn report<A: Aggregate>(run: &Run<A>, wrong: Option<Wrong>) -> Report {
    let findings = run.checks.findings();
    let wrong = match wrong {
        // What came is the outcome of a race, so that is what is wrong with it.
        Some(wrong) if run.checks.is_on(Check::Concurrent) => Wrong {
            header: format!("the check `{}` failed: {}", Check::Concurrent, wrong.header),
            hint: format!(
                "{}; this is what came after a conflict: {STALE}",
                wrong.hint
            ),
            ..wrong
        },
        Some(wrong) => wrong,
        None => Wrong {
            header: match findings.iter().find_map(|finding| finding.check) {
                Some(check) => format!("the check `{check}` failed"),
                None => "the new events cannot be stored and read".to_owned(),
            },
            body: came(run),
            hint: String::new(),
        },
    };
    let own = findings.iter().map(|finding| match finding.check {
        Some(check) => finding.text.led_by(&format!("check `{check}`: ")),
        None => finding.text.clone(),
    });
    let mut hints = Vec::from_iter(Some(wrong.hint).filter(|hint| !hint.is_empty()));
    for finding in findings {
        if !hints.iter().any(|hint| hint == finding.hint) {
            hints.push(finding.hint.to_owned());
        }
    }
    Report {
        aggregate: A::CATEGORY,
        header: wrong.header,
        given: given::<A>(&run.given),
        command: Some(format!(
            "{}   at {}",
            short(run.command.name),
            time(run.world.now)
        )),
        body: wrong.body,
        findings: own.collect(),
        state: Some(shown(run.before.as_ref())),
        notes: run.checks.notes(),
        hints,
    }
}

fn came<A: Aggregate>(run: &Run<A>) -> Block {
    match &run.came {
        Came::Broken => Block::default(),
        Came::Refusal(refusal) => format!("refused   {}", chain(refusal)).into(),
        Came::Events(made) if made.stored.is_empty() => "came      no events".to_owned().into(),
        Came::Events(made) => {
            let mut block = Block::default();
            let stored = made.stored.iter().map(|stored| Side::of(stored).inline());
            block.list("came", stored);
            block
        }
    }
}

/// The history, each event as it lies in the store and, where that differs, as it is read today.
fn given<A: Aggregate>(history: &[Known<A>]) -> Vec<Given> {
    let one = |known: &Known<A>| {
        let stored = Side::of(&known.stored);
        let is_todays = |part: &A::Event| {
            let schema = part.schema();
            schema.name == known.stored.name.as_str()
                && schema.version == known.stored.schema_version
        };
        let read_as = match known.parts.as_slice() {
            [today] if is_todays(today) => None,
            parts => Some(parts.iter().map(side).collect()),
        };
        let how = known.how;
        Given {
            stored,
            read_as,
            how,
        }
    };
    history.iter().map(one).collect()
}
