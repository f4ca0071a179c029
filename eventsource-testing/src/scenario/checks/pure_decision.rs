//! Pure decision: a handler depends on the state and the command, and changes neither.

use std::any::type_name;

use eventsource_core::{Aggregate, Decision};

use super::{contrast, not_equal_to_itself, same_event, same_state};
use crate::scenario::{
    check::{Check, Checks},
    report::{name::short, state::shown},
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
