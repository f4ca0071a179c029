//! The checks themselves: each looks at what was played and notes what it finds.

use std::any::type_name;

use eventsource_core::{__private::Abilities, Aggregate, AggregateEvent, Decision, Events};

use super::{
    check::{Check, Checks},
    content::{same_content, same_letters},
    journal::{Journal, Stored},
    report::{name::short, state::shown, text::chain},
    run::{decoded, decoded_one, encoded},
};

const NOT_PURE: &str = "let the handler depend on the state and the command only: take times, ids and chance from the command";
const NOT_REPLAYED: &str = "let `apply` depend on the state and the event only, and store every field of the event that it reads";
const NOT_FOLDED: &str =
    "let `apply` depend on the state and the event only: no clock, no counter, no chance";
const NOT_KEPT: &str =
    "store every field (no `#[serde(skip)]`), and let serialize and deserialize mirror each other";
const NOT_STABLE: &str =
    "use `BTreeMap` and `BTreeSet` in events instead of the hashed ones, whose order changes";
const NOT_RESOLVED: &str =
    "mend the table of the event enum; `#[derive(Aggregate)]` writes a right one";

/// Registry and round trip of one event: as it was, as it was stored, as it was read. Whether all is well.
pub(super) fn event<A: Aggregate>(
    was: &A::Event,
    stored: &Stored,
    read: &A::Event,
    checks: &mut Checks,
) -> bool {
    let (expected, actual) = (was.schema(), read.schema());
    if checks.is_on(Check::Registry) {
        let known = A::Event::SCHEMAS.contains(&expected);
        if expected != actual || !known {
            let ends = if known {
                format!("leads to `{}` v{}", actual.name, actual.version)
            } else {
                "is not in the list of the aggregate's schemas".to_owned()
            };
            let text = format!(
                "the stored name `{}` v{} {ends}",
                expected.name, expected.version
            );
            checks.find(Check::Registry, text, NOT_RESOLVED);
            return false;
        }
    }
    !checks.is_on(Check::RoundTrip) || round_trip::<A>(was, stored, read, checks)
}

/// The same for an event that is read from a payload of any age: it has to survive being written today.
pub(super) fn rewritten<A: Aggregate>(was: &A::Event, checks: &mut Checks) {
    if !checks.is_on(Check::Registry) && !checks.is_on(Check::RoundTrip) {
        return;
    }
    let again = encoded(was).map_err(|e| chain(&e)).and_then(|stored| {
        let read = decoded_one::<A>(&stored)?;
        Ok((stored, read))
    });
    match again {
        Ok((stored, read)) => drop(event::<A>(was, &stored, &read, checks)),
        Err(why) => {
            let text = format!(
                "`{}` cannot be written and read again: {why}",
                was.schema().name
            );
            checks.find(Check::RoundTrip, text, NOT_KEPT);
        }
    }
}

fn round_trip<A: Aggregate>(
    was: &A::Event,
    stored: &Stored,
    read: &A::Event,
    checks: &mut Checks,
) -> bool {
    let name = was.schema().name;
    match (A::abilities().eq_event)(was, read) {
        Some(true) => {}
        Some(false) => {
            let what = format!("`{name}` is another event after it was written and read");
            let (was, read) = (format!("{was:?}"), format!("{read:?}"));
            let text = contrast(&what, ("written", &was), ("read", &read));
            checks.find(Check::RoundTrip, text, NOT_KEPT);
            return false;
        }
        None => checks.limit(Check::RoundTrip, || {
            format!("`{name}` has no `PartialEq`: only its bytes were compared")
        }),
    }
    let again = match encoded(read) {
        Ok(again) => again,
        Err(error) => {
            let text = format!("`{name}` cannot be written again: {}", chain(&error));
            checks.find(Check::RoundTrip, text, NOT_KEPT);
            return false;
        }
    };
    let (first, again) = (stored.payload.bytes(), again.payload.bytes());
    if first == again {
        return true;
    }
    if same_content(first, again) && changes_by_chance::<A>(stored) {
        checks.limit(Check::RoundTrip, || {
            format!("`{name}` is written in another order each time: {NOT_STABLE}")
        });
        return true;
    }
    let first = String::from_utf8_lossy(first);
    let again = String::from_utf8_lossy(again);
    let what = format!("`{name}` is written as other bytes after it was read");
    let text = contrast(&what, ("first", &first), ("again", &again));
    let hint = if same_letters(&first, &again) {
        NOT_STABLE
    } else {
        NOT_KEPT
    };
    checks.find(Check::RoundTrip, text, hint);
    false
}

/// So often an event is read and written to find out whether it is written alike. A hashed collection of two elements
/// that is written in another order than before would have to come out in that order each time to be taken for a fault.
const READS: u32 = 64;

/// Whether the bytes that an event is written as depend on more than the bytes that it was read from, which is what the
/// random order of hashed collections leads to. That is no fault that a test could require to be mended or to show.
fn changes_by_chance<A: Aggregate>(stored: &Stored) -> bool {
    let mut all = (0..READS).filter_map(|_| {
        let read = decoded_one::<A>(stored).ok()?;
        encoded(&read).ok().map(|again| again.payload)
    });
    let first = all.next();
    all.any(|another| Some(another) != first)
}

/// Whether folding the same history twice gave the same state.
pub(super) fn folds_alike<A: Aggregate>(
    one: Option<&A>,
    other: Option<&A>,
    checks: &mut Checks,
) -> bool {
    let alike = same_state(
        one,
        other,
        Check::Replay,
        "states cannot be compared",
        checks,
    );
    if !alike && checks.is_on(Check::Replay) {
        let what = "the given events lead to another state when they are folded again";
        let text = contrast(what, ("first", &shown(one)), ("again", &shown(other)));
        checks.find(Check::Replay, text, NOT_FOLDED);
    }
    alike
}

/// The state that the store gives, loaded afresh, against the living one.
pub(super) fn replay<A: Aggregate>(journal: &Journal, living: Option<&A>, checks: &mut Checks) {
    let replayed = match load::<A>(journal) {
        Ok(replayed) => replayed,
        Err(why) => {
            let text = format!("the history cannot be loaded: {why}");
            return checks.find(Check::Replay, text, NOT_REPLAYED);
        }
    };
    if !same_state(
        living,
        replayed.as_ref(),
        Check::Replay,
        "states cannot be compared",
        checks,
    ) {
        let what = "the state after the command is not the one that the stored history gives";
        let (living, replayed) = (shown(living), shown(replayed.as_ref()));
        let text = contrast(
            what,
            ("after the command", &living),
            ("replayed", &replayed),
        );
        checks.find(Check::Replay, text, NOT_REPLAYED);
    }
}

fn load<A: Aggregate>(journal: &Journal) -> Result<Option<A>, String> {
    let mut state = A::initial();
    for stored in journal.read()? {
        for part in decoded::<A>(&stored).map_err(|e| chain(&e))? {
            A::fold(&mut state, &part).map_err(|e| chain(&e))?;
        }
    }
    Ok(state)
}

/// Two decisions of one command on one state; and that state against its like that no handler has seen.
pub(super) fn pure_decision<A: Aggregate>(
    first: &Decision<A>,
    second: &Decision<A>,
    states: Option<(Option<&A>, Option<&A>)>,
    checks: &mut Checks,
) {
    let same = match (first, second) {
        (Ok(first), Ok(second)) => same_events::<A>(first, second),
        (Err(first), Err(second)) => same_refusal::<A>(first, second, checks),
        _ => false,
    };
    if !same {
        let what = "the handler decided otherwise when it was asked again";
        let (first, second) = (format!("{first:?}"), format!("{second:?}"));
        let text = contrast(what, ("first", &first), ("again", &second));
        return checks.find(Check::PureDecision, text, NOT_PURE);
    }
    let why = "a change of the state would not be seen";
    if let Some((unseen, seen)) = states
        && !same_state(unseen, seen, Check::PureDecision, why, checks)
    {
        let what = "the handler changed the state while it decided";
        let text = contrast(what, ("before", &shown(unseen)), ("after", &shown(seen)));
        checks.find(
            Check::PureDecision,
            text,
            "let only `apply` change the state",
        );
    }
}

/// The words of a refusal do not tell: what is hashed is shown in another order each time.
fn same_refusal<A: Aggregate>(first: &A::Error, second: &A::Error, checks: &mut Checks) -> bool {
    let name = short(type_name::<A::Error>());
    let Some(eq) = A::abilities().eq_error else {
        checks.limit(Check::PureDecision, || {
            format!("`{name}` has no `PartialEq`: refusals cannot be compared")
        });
        return true;
    };
    if !eq(first, first) || !eq(second, second) {
        checks.limit(Check::PureDecision, || not_equal_to_itself(&name));
        return true;
    }
    eq(first, second)
}

fn not_equal_to_itself(name: &str) -> String {
    format!("this `{name}` is not equal to itself, as a NaN is not: it cannot be compared")
}

fn same_events<A: Aggregate>(first: &Events<A>, second: &Events<A>) -> bool {
    let eq = A::abilities().eq_event;
    let reflexive = |event| eq(event, event) == Some(true);
    let pairs = first.as_slice().iter().zip(second.as_slice());
    first.len() == second.len() && { pairs }.all(|(a, b)| {
        if reflexive(a) && reflexive(b) {
            eq(a, b) == Some(true)
        } else {
            same_stored(a, b)
        }
    })
}

/// Whether two events are stored alike; also when neither can be stored, which is found elsewhere.
fn same_stored<E: AggregateEvent>(a: &E, b: &E) -> bool {
    match (encoded(a), encoded(b)) {
        (Ok(a), Ok(b)) => {
            a.name.as_str() == b.name.as_str() && same_content(a.payload.bytes(), b.payload.bytes())
        }
        (a, b) => a.is_err() == b.is_err(),
    }
}

fn same_state<A: Aggregate>(
    one: Option<&A>,
    other: Option<&A>,
    check: Check,
    consequence: &str,
    checks: &mut Checks,
) -> bool {
    let Abilities { eq_state, .. } = A::abilities();
    match (one, other, eq_state) {
        (None, None, _) => true,
        (Some(one), Some(other), Some(eq)) if eq(one, one) && eq(other, other) => eq(one, other),
        (Some(_), Some(_), Some(_)) => {
            checks.limit(check, || not_equal_to_itself(&short(type_name::<A>())));
            true
        }
        (Some(_), Some(_), None) => {
            checks.limit(check, || {
                format!(
                    "`{}` has no `PartialEq`: {consequence}",
                    short(type_name::<A>())
                )
            });
            true
        }
        _ => false,
    }
}

/// Says what is wrong, and shows both under their labels.
fn contrast(what: &str, one: (&str, &str), other: (&str, &str)) -> String {
    let width = one.0.len().max(other.0.len()) + 1;
    let line = |(label, shown): (&str, &str)| format!("  {:<width$} {shown}", format!("{label}:"));
    format!("{what}\n{}\n{}", line(one), line(other))
}
