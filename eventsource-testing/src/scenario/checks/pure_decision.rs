//! Pure decision: a handler depends on the state and the command, and changes neither.

use std::any::type_name;

use eventsource_core::{Aggregate, Decision, Recorded};

use super::{contrast, not_equal_to_itself, same_event, same_state, same_stored};
use crate::scenario::{
    check::{Check, Checks},
    journal::stored,
    report::{json::Side, name::short, state::shown, text::chain},
    run::{Made, decoded_one},
};

const NOT_PURE: &str = "let the handler depend on the state and the command only: take times, ids and chance from the command";

/// Two decisions of one command on one state; and that state against its like that no handler has seen.
pub(in crate::scenario) fn pure_decision<A: Aggregate>(
    first: &Decision<A>,
    second: &Decision<A>,
    states: Option<(Option<&A>, Option<&A>)>,
    checks: &mut Checks,
) {
    checks.looked(Check::PureDecision);
    let same = match (first, second) {
        (Ok(first), Ok(second)) => {
            let pairs = first.as_slice().iter().zip(second.as_slice());
            first.len() == second.len() && { pairs }.all(|(one, other)| same_event::<A>(one, other))
        }
        (Err(first), Err(second)) => same_refusal::<A>(first, second, Check::PureDecision, checks),
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
        let hint = "let only `apply` change the state";
        checks.find(Check::PureDecision, text, hint);
    }
}

/// The events that were decided against what a repository stored when it asked for the decision once more.
pub(super) fn decided_by_repository<A: Aggregate>(
    made: &Made<A>,
    again: Result<&[Recorded], &A::Error>,
    checks: &mut Checks,
) {
    if again.is_ok_and(|recorded| same_events(made, recorded)) {
        return;
    }
    if !checks.is_on(Check::PureDecision) {
        return checks.limit(Check::Metadata, || {
            "the handler decided otherwise when a repository asked it".to_owned()
        });
    }
    if checks.has_found(Check::PureDecision) {
        return;
    }
    let first = made.stored.iter().map(|one| Side::of(one).inline());
    let again = match again {
        Err(refusal) => format!("refused: {}", chain(refusal)),
        Ok([]) => "no events".to_owned(),
        Ok(recorded) => { recorded.iter() }
            .map(|one| Side::of(&stored(one)).inline())
            .collect::<Vec<_>>()
            .join("\n"),
    };
    let what = "the handler decided otherwise when a repository asked it";
    let first = first.collect::<Vec<_>>().join("\n");
    let text = contrast(what, ("first", &first), ("repository", &again));
    checks.find(Check::PureDecision, text, NOT_PURE);
}

fn same_events<A: Aggregate>(made: &Made<A>, recorded: &[Recorded]) -> bool {
    let same = |((first, read), again)| {
        let again = stored(again);
        same_stored::<A>(first, &again)
            || decoded_one::<A>(&again).is_ok_and(|again| same_event::<A>(read, &again))
    };
    made.stored.len() == recorded.len() && { made.stored.iter().zip(&made.read).zip(recorded) }
        .all(same)
}

/// The words of a refusal do not tell: what is hashed is shown in another order each time.
pub(super) fn same_refusal<A: Aggregate>(
    first: &A::Error,
    second: &A::Error,
    check: Check,
    checks: &mut Checks,
) -> bool {
    let name = short(type_name::<A::Error>());
    let Some(eq) = A::abilities().eq_error else {
        checks.limit(check, || {
            format!("`{name}` has no `PartialEq`: refusals cannot be compared")
        });
        return true;
    };
    if !eq(first, first) || !eq(second, second) {
        checks.limit(check, || not_equal_to_itself(&name));
        return true;
    }
    eq(first, second)
}
