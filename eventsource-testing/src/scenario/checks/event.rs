//! Single events: registry, round trip, upcast.

use std::slice::from_ref;

use eventsource_core::{Aggregate, AggregateEvent};

use super::{changes_by_chance, contrast, same_event, same_json};
use crate::scenario::{
    check::{Check, Checks},
    content::same_letters,
    journal::Stored,
    report::text::{chain, count},
    run::{decoded, decoded_one, encoded},
};

const NOT_KEPT: &str =
    "store every field (no `#[serde(skip)]`), and let serialize and deserialize mirror each other";
const NOT_STABLE: &str =
    "use `BTreeMap` and `BTreeSet` in events instead of the hashed ones, whose order changes";
const NOT_RESOLVED: &str =
    "mend the table of the event enum; `#[derive(Aggregate)]` writes a right one";
const NOT_UPCAST: &str = "let the steps from older versions depend on the stored event only, and make of it what today's \
                          shape can store";

/// Registry and round trip of one event: as it was, as it was stored, as it was read. Whether all is well.
pub(in crate::scenario) fn event<A: Aggregate>(
    was: &A::Event,
    stored: &Stored,
    read: &A::Event,
    checks: &mut Checks,
) -> bool {
    resolves::<A>(was, read, checks)
        && (!checks.is_on(Check::RoundTrip)
            || keeps::<A>(Check::RoundTrip, was, stored, read, checks))
}

/// The same for an event that was given as it is stored, and what it is read as today: it has to survive being written
/// and read. Where it is older than today's code, that is the upcast's business, and it has to be read alike each time.
pub(in crate::scenario) fn given_stored<A: Aggregate>(
    stored: &Stored,
    parts: &[A::Event],
    checks: &mut Checks,
) {
    let is_todays = |part: &A::Event| {
        let schema = part.schema();
        schema.name == stored.name.as_str() && schema.version == stored.schema_version
    };
    let check = if parts.len() == 1 && is_todays(&parts[0]) {
        Check::RoundTrip
    } else {
        Check::Upcast
    };
    if checks.is_on(check) && check == Check::Upcast {
        checks.looked(check);
        if !reads_alike::<A>(stored, parts, checks) {
            return;
        }
    }
    for part in parts {
        if !survives::<A>(check, part, checks) {
            return;
        }
    }
}

fn reads_alike<A: Aggregate>(stored: &Stored, parts: &[A::Event], checks: &mut Checks) -> bool {
    let again = match decoded::<A>(stored) {
        Ok(again) => again,
        Err(error) => {
            let text = format!(
                "`{}` v{} is not read again: {}",
                stored.name.as_str(),
                stored.schema_version,
                chain(&error)
            );
            checks.find(Check::Upcast, text, NOT_UPCAST);
            return false;
        }
    };
    let pairs = parts.iter().zip(&again);
    if parts.len() == again.len() && { pairs }.all(|(one, other)| same_event::<A>(one, other)) {
        return true;
    }
    let what = format!(
        "`{}` v{} is read as something else each time",
        stored.name.as_str(),
        stored.schema_version
    );
    let text = contrast(
        &what,
        ("first", &shown(parts)),
        ("again", &shown(again.as_slice())),
    );
    checks.find(Check::Upcast, text, NOT_UPCAST);
    false
}

fn shown<E: AggregateEvent>(parts: &[E]) -> String {
    match parts {
        [one] => format!("{one:?}"),
        parts => format!("{}: {parts:?}", count(parts.len(), "event")),
    }
}

fn survives<A: Aggregate>(check: Check, was: &A::Event, checks: &mut Checks) -> bool {
    if !checks.is_on(check) && !checks.is_on(Check::Registry) {
        return true;
    }
    let again = encoded(was).map_err(|e| chain(&e)).and_then(|stored| {
        let read = decoded_one::<A>(&stored)?;
        Ok((stored, read))
    });
    match again {
        Ok((stored, read)) => {
            resolves::<A>(was, &read, checks)
                && (!checks.is_on(check) || keeps::<A>(check, was, &stored, &read, checks))
        }
        Err(_) if !checks.is_on(check) => true,
        Err(why) => {
            let text = format!(
                "`{}` cannot be written and read again: {why}",
                was.schema().name
            );
            checks.find(check, text, hint(check, NOT_KEPT));
            false
        }
    }
}

fn resolves<A: Aggregate>(was: &A::Event, read: &A::Event, checks: &mut Checks) -> bool {
    if !checks.is_on(Check::Registry) {
        return true;
    }
    checks.looked(Check::Registry);
    let (expected, actual) = (was.schema(), read.schema());
    let known = A::Event::SCHEMAS.contains(&expected);
    if expected == actual && known {
        return true;
    }
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
    false
}

/// The hint of a check that looks at a round trip.
fn hint(check: Check, round_trip: &'static str) -> &'static str {
    match check {
        Check::Upcast => NOT_UPCAST,
        _ => round_trip,
    }
}

/// Whether an event is the same after it was written and read, and is then written alike.
fn keeps<A: Aggregate>(
    check: Check,
    was: &A::Event,
    stored: &Stored,
    read: &A::Event,
    checks: &mut Checks,
) -> bool {
    checks.looked(check);
    let name = was.schema().name;
    match (A::abilities().eq_event)(was, read) {
        Some(true) => {}
        Some(false) => {
            let what = format!("`{name}` is another event after it was written and read");
            let (was, read) = (shown(from_ref(was)), shown(from_ref(read)));
            let text = contrast(&what, ("written", &was), ("read", &read));
            checks.find(check, text, hint(check, NOT_KEPT));
            return false;
        }
        None => checks.limit(check, || {
            format!("`{name}` has no `PartialEq`: only its bytes were compared")
        }),
    }
    let again = match encoded(read) {
        Ok(again) => again,
        Err(error) => {
            let text = format!("`{name}` cannot be written again: {}", chain(&error));
            checks.find(check, text, hint(check, NOT_KEPT));
            return false;
        }
    };
    if stored.payload.bytes() == again.payload.bytes() {
        return true;
    }
    if same_json::<A>(stored, &again) && changes_by_chance::<A>(stored) {
        checks.limit(check, || {
            format!("`{name}` is written in another order each time: {NOT_STABLE}")
        });
        return true;
    }
    let first = String::from_utf8_lossy(stored.payload.bytes());
    let again = String::from_utf8_lossy(again.payload.bytes());
    let what = format!("`{name}` is written as other bytes after it was read");
    let text = contrast(&what, ("first", &first), ("again", &again));
    let mend = if same_letters(&first, &again) {
        NOT_STABLE
    } else {
        NOT_KEPT
    };
    checks.find(check, text, hint(check, mend));
    false
}
