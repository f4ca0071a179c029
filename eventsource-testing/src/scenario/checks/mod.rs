//! The checks themselves: each looks at what was played and notes what it finds.

pub(super) mod concurrent;
pub(super) mod cuts;
pub(super) mod event;
pub(crate) mod fold;
pub(super) mod metadata;
pub(super) mod pure_decision;
pub(super) mod replay;
pub(super) mod retry;

use std::any::type_name;

use eventsource_core::Aggregate;
use serde_json::Value;

use super::{
    check::{Check, Checks},
    content::settled,
    journal::Stored,
    report::{Block, name::short},
    run::{decoded_one, encoded},
};
use crate::exact::{same, tree};

/// Whether two states are the same, as far as that can be known; where it cannot, the check is limited.
fn same_state<A: Aggregate>(
    one: Option<&A>,
    other: Option<&A>,
    check: Check,
    consequence: &str,
    checks: &mut Checks,
) -> bool {
    match (one, other, A::abilities().eq_state) {
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

fn not_equal_to_itself(name: &str) -> String {
    format!("this `{name}` is not equal to itself, as a NaN is not: it cannot be compared")
}

/// Whether two events are the same: by `PartialEq`, or as they are stored where they have none or a NaN is in them.
pub(super) fn same_event<A: Aggregate>(one: &A::Event, other: &A::Event) -> bool {
    let eq = A::abilities().eq_event;
    if eq(one, one) == Some(true) && eq(other, other) == Some(true) {
        return eq(one, other) == Some(true);
    }
    match (encoded(one), encoded(other)) {
        (Ok(one), Ok(other)) => same_stored::<A>(&one, &other),
        // That they cannot be stored is found elsewhere.
        (one, other) => one.is_err() == other.is_err(),
    }
}

/// Whether two events are stored alike, but for what changes its order by chance.
pub(super) fn same_stored<A: Aggregate>(one: &Stored, other: &Stored) -> bool {
    let is_named_alike =
        one.name.as_str() == other.name.as_str() && one.schema_version == other.schema_version;
    let (first, second) = (one.payload.bytes(), other.payload.bytes());
    is_named_alike && (first == second || same_json::<A>(one, other))
}

/// Whether two payloads are the same JSON, but for the order that is left to chance.
pub(super) fn same_json<A: Aggregate>(one: &Stored, other: &Stored) -> bool {
    same(settled_json::<A>(one), settled_json::<A>(other))
}

/// The payload without the order that is left to chance; `None` where it is no JSON.
pub(super) fn settled_json<A: Aggregate>(stored: &Stored) -> Option<Value> {
    let again: Vec<Value> = rewritten::<A>(stored)
        .filter_map(|again| tree(again.payload.bytes()))
        .collect();
    settled(stored.payload.bytes(), &again)
}

/// So often an event is read and written to find out whether it is written alike. A hashed collection of two elements
/// that is written in another order than before would have to come out in that order each time to be taken for a fault.
const READS: u32 = 64;

/// The event, read and written again and again.
fn rewritten<A: Aggregate>(stored: &Stored) -> impl Iterator<Item = Stored> {
    (0..READS).filter_map(|_| encoded(&decoded_one::<A>(stored).ok()?).ok())
}

/// Whether the bytes that an event is written as depend on more than the bytes that it was read from, which is what the
/// random order of hashed collections leads to. That is no fault that a test could require to be mended or to show.
fn changes_by_chance<A: Aggregate>(stored: &Stored) -> bool {
    let mut all = rewritten::<A>(stored).map(|again| again.payload);
    let first = all.next();
    all.any(|another| Some(another) != first)
}

/// Says what is wrong, and shows both under their labels.
fn contrast(what: &str, one: (&str, &str), other: (&str, &str)) -> Block {
    let width = one.0.len().max(other.0.len()) + 1;
    let line = |(label, shown): (&str, &str)| {
        let label = format!("{label}:");
        // What follows on further lines stands below its beginning.
        let below = format!("\n{:indent$}", "", indent = width + 3);
        format!("  {label:<width$} {}", shown.replace('\n', &below))
    };
    let mut block = Block::from(what.to_owned());
    block.add(line(one));
    block.add_wrong(line(other));
    block
}
