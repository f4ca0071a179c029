//! Says what is wrong with a scenario: collects what a reader needs and leaves the layout to the report.

use std::{any::type_name, panic::Location};

use eventsource_core::{Aggregate, AggregateEvent, DecodeError};

use super::{
    journal::Stored,
    outcome::Outcome,
    report::{
        Given, Report,
        json::Side,
        name::short,
        state::shown,
        table::Table,
        text::{chain, count},
    },
    run::{CANNOT_BE_READ, Came, Known, Made, Run, Unplayable, encoded},
    setup::{self, Source},
};

/// What came is not what was expected.
pub(super) struct Wrong {
    header: String,
    body: Vec<String>,
    hint: String,
}

/// Passes the scenario on, or fails it at the caller's line.
#[track_caller]
pub(super) fn settle<A: Aggregate>(run: Run<A>, wrong: Option<Wrong>) -> Outcome<A> {
    if wrong.is_none() && run.checks.findings().is_empty() {
        return Outcome::new(run);
    }
    panic!("{}", report(&run, wrong));
}

/// Whether exactly the expected events came.
pub(super) fn same<A: Aggregate>(made: &[Made<A>], expected: &[A::Event]) -> bool {
    made.len() == expected.len()
        && made
            .iter()
            .zip(expected)
            .all(|(made, event)| equal(made, event))
}

fn equal<A: Aggregate>(made: &Made<A>, expected: &A::Event) -> bool {
    let eq = A::abilities().eq_event;
    match eq(&made.read, expected) {
        // What a check has found is not said again as a difference.
        Some(same) => same || made.flawed && eq(&made.decided, expected) == Some(true),
        None => encoded(expected).is_ok_and(|event| Side::of(&event) == Side::of(&made.stored)),
    }
}

#[cold]
pub(super) fn events_differ<A: Aggregate>(
    run: &Run<A>,
    expected: &[A::Event],
    made: &[Made<A>],
) -> Wrong {
    let mut equals = Vec::with_capacity(expected.len() * made.len());
    for event in expected {
        equals.extend(made.iter().map(|made| equal(made, event)));
    }
    let actual = made.iter().map(|made| Side::of(&made.stored)).collect();
    let table = Table::new(sides::<A>(expected), actual, &equals);
    let (expected, made) = (expected.len(), made.len());
    let how = if table.is_reordered() {
        "in another order"
    } else {
        "differ"
    };
    let hint = table.hint(&short(run.command));
    Wrong {
        header: format!("events {how} ({expected} expected, {made} actual)"),
        body: table.lines(),
        hint,
    }
}

#[cold]
pub(super) fn refused<A: Aggregate>(
    run: &Run<A>,
    expected: &[A::Event],
    refusal: &A::Error,
) -> Wrong {
    let expected = sides::<A>(expected);
    let header = match expected.len() {
        0 => "refused, but to be accepted without events".to_owned(),
        n => format!("refused, but {} expected", count(n, "event")),
    };
    let mut body = vec![
        format!("refused   {}", chain(refusal)),
        format!("          {refusal:?}"),
    ];
    body.extend(expected.iter().enumerate().map(|(i, side)| {
        format!(
            "{:<10}{}",
            if i == 0 { "expected" } else { "" },
            side.inline()
        )
    }));
    let hint = format!(
        "if the refusal is right, expect it: `.then_error({refusal:?})`; if not, mend the handler of `{}` or the given \
         events",
        short(run.command)
    );
    Wrong { header, body, hint }
}

#[cold]
pub(super) fn other_error<A: Aggregate>(run: &Run<A>, expected: &str, refusal: &A::Error) -> Wrong {
    Wrong {
        header: "refused with another error".to_owned(),
        body: vec![
            format!("expected  {expected}"),
            format!("actual    {refusal:?}"),
            format!("          {}", chain(refusal)),
        ],
        hint: format!(
            "if this refusal is right, expect it: `.then_error({refusal:?})`; if not, mend the handler of `{}`",
            short(run.command)
        ),
    }
}

#[cold]
pub(super) fn accepted<A: Aggregate>(run: &Run<A>, expected: &str, made: &[Made<A>]) -> Wrong {
    let mut body = vec![format!("expected  refusal {expected}")];
    body.extend(made.iter().enumerate().map(|(i, made)| {
        format!(
            "{:<10}{}",
            if i == 0 { "actual" } else { "" },
            Side::of(&made.stored).inline()
        )
    }));
    let (came, verb) = match made.len() {
        0 => {
            body.push("actual    no events".to_owned());
            ("no events".to_owned(), "then_nothing()")
        }
        n => (count(n, "event"), "then(..)"),
    };
    Wrong {
        header: format!("accepted with {came}, but a refusal expected"),
        body,
        hint: format!(
            "mend the handler of `{}`; if the command is to be accepted, write `.{verb}`",
            short(run.command)
        ),
    }
}

fn sides<A: Aggregate>(events: &[A::Event]) -> Vec<Side> {
    events.iter().map(side).collect()
}

fn side<E: AggregateEvent>(event: &E) -> Side {
    match encoded(event) {
        Ok(stored) => Side::of(&stored),
        Err(error) => Side::unwritten(event.schema(), &chain(&error)),
    }
}

#[cold]
fn report<A: Aggregate>(run: &Run<A>, wrong: Option<Wrong>) -> Report {
    let findings = run.checks.findings();
    let wrong = wrong.unwrap_or_else(|| Wrong {
        header: match findings.iter().find_map(|finding| finding.check) {
            Some(check) => format!("the check `{check}` failed"),
            None => "the new events cannot be stored and read".to_owned(),
        },
        body: came(&run.came),
        hint: String::new(),
    });
    let own = findings.iter().map(|finding| match finding.check {
        Some(check) => format!("check `{check}`: {}", finding.text),
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
        command: Some(short(run.command)),
        body: wrong.body,
        findings: own.collect(),
        state: Some(shown(run.before.as_ref())),
        notes: run.checks.notes(),
        hints,
    }
}

fn came<A: Aggregate>(came: &Came<A>) -> Vec<String> {
    match came {
        Came::Broken => Vec::new(),
        Came::Refusal(refusal) => vec![format!("refused   {}", chain(refusal))],
        Came::Events(made) if made.is_empty() => vec!["came      no events".to_owned()],
        Came::Events(made) => made
            .iter()
            .enumerate()
            .map(|(i, made)| {
                format!(
                    "{:<10}{}",
                    if i == 0 { "came" } else { "" },
                    Side::of(&made.stored).inline()
                )
            })
            .collect(),
    }
}

/// The history, each event as it lies in the store and, where that differs, as it is read today.
fn given<A: Aggregate>(history: &[Known<A>]) -> Vec<Given> {
    let one = |known: &Known<A>| {
        let stored = Side::of(&known.stored);
        let read_as: Vec<_> = known.parts.iter().map(side).collect();
        let is_same = matches!(&read_as[..], [today] if *today == stored);
        Given {
            stored,
            read_as: (!is_same).then_some(read_as),
        }
    };
    history.iter().map(one).collect()
}

/// Says why a scenario could not be played.
#[cold]
pub(super) fn unplayable<A: Aggregate>(command: &'static str, why: Unplayable) -> Report {
    let (aggregate, command) = (short(type_name::<A>()), short(command));
    let seen = |history: Vec<Stored>| {
        history
            .iter()
            .map(|stored| Given {
                stored: Side::of(stored),
                read_as: None,
            })
            .collect()
    };
    let line = |place: usize, at: &Location<'_>, why: String| {
        vec![format!("given {}, at {at}:", place + 1), format!("  {why}")]
    };
    let (header, given, body, hint) = match why {
        Unplayable::Unwritten { place, at, why } => (
            format!("the given event {} cannot be written", place + 1),
            Vec::new(),
            line(place, at, why),
            "mend how the fields of the event are serialized: it has no JSON form".to_owned(),
        ),
        Unplayable::Refused { history, why } => (
            "the check `append` failed: the store does not take the given events".to_owned(),
            seen(history),
            vec![why],
            "every store would refuse these events: mend their names or their size".to_owned(),
        ),
        Unplayable::Unread {
            history,
            place,
            at,
            what,
            why,
        } => (
            misfit(place + 1, &Side::of(&history[place]), what),
            seen(history),
            line(place, at, why),
            UNREAD.to_owned(),
        ),
        Unplayable::NoState { history } => (
            "the aggregate does not exist yet".to_owned(),
            seen(history),
            vec![format!(
                "no given event creates the `{aggregate}` that `{command}` is to be decided on"
            )],
            format!(
                "give the event that creates it, or use `.when_new(..)` if `{command}` is to create it"
            ),
        ),
        Unplayable::Exists { history } => (
            "the aggregate exists already".to_owned(),
            seen(history),
            vec![format!(
                "`.when_new(..)` decides `{command}` where there is no `{aggregate}` yet, but events were given"
            )],
            "use `.when(..)`, or leave out `.given(..)`".to_owned(),
        ),
    };
    Report {
        aggregate: A::CATEGORY,
        header,
        given,
        command: Some(command),
        body,
        findings: Vec::new(),
        state: None,
        notes: Vec::new(),
        hints: vec![hint],
    }
}

const UNREAD: &str =
    "mend the given event; if it lies like this in production, the aggregate has to read it";

fn misfit(number: usize, event: &Side, what: &str) -> String {
    format!("the given event {number} (`{}`) {what}", event.title())
}

/// Says that the last event of a history cannot be read.
#[cold]
pub(super) fn unread<A: Aggregate>(history: &[setup::Given<A>], error: &DecodeError) -> Report {
    let sides = history.iter().map(|given| match &given.source {
        Source::Typed(event) => side(event),
        Source::Stored(stored) => Side::of(stored),
    });
    let given: Vec<Given> = sides
        .map(|stored| Given {
            stored,
            read_as: None,
        })
        .collect();
    let last = given
        .last()
        .map(|last| misfit(given.len(), &last.stored, CANNOT_BE_READ));
    let known = A::Event::SCHEMAS
        .iter()
        .map(|schema| format!("{} v{}", schema.name, schema.version));
    Report {
        aggregate: A::CATEGORY,
        header: last.unwrap_or_default(),
        given,
        command: None,
        body: vec![chain(error)],
        findings: Vec::new(),
        state: None,
        notes: vec![format!(
            "its events today: {}",
            known.collect::<Vec<_>>().join(", ")
        )],
        hints: vec![UNREAD.to_owned()],
    }
}
