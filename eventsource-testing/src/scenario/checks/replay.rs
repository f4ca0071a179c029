//! Replay: the state is what its stored history says.

use eventsource_core::{__private::ReplayError, Aggregate};

use super::{contrast, same_state};
use crate::scenario::{
    check::{Check, Checks},
    journal::Journal,
    report::{state::shown, text::chain},
};

const NOT_REPLAYED: &str = "let only `apply` change the state, let it depend on the state and the event only, and store every \
                            field of the event that it reads";
pub(super) const NOT_FOLDED: &str =
    "let `apply` depend on the state and the event only: no clock, no counter, no chance";

/// Whether folding the same history twice gave the same state.
pub(in crate::scenario) fn folds_alike<A: Aggregate>(
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
pub(in crate::scenario) fn replay<A: Aggregate>(
    journal: &Journal,
    living: Option<&A>,
    checks: &mut Checks,
) {
    checks.looked(Check::Replay);
    let replayed = match load::<A>(journal) {
        Ok(replayed) => replayed,
        Err(why) => {
            let text = format!("the history cannot be loaded: {why}");
            return checks.find(Check::Replay, text, NOT_REPLAYED);
        }
    };
    let why = "states cannot be compared";
    if !same_state(living, replayed.as_ref(), Check::Replay, why, checks) {
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

/// As a repository loads.
fn load<A: Aggregate>(journal: &Journal) -> Result<Option<A>, String> {
    let mut state = A::initial();
    for stored in journal.read()? {
        let (name, payload) = (stored.name.as_str(), stored.payload.bytes());
        let replayed = A::replay(&mut state, name, stored.schema_version, payload);
        replayed.map_err(|error| match error {
            ReplayError::Decode(error) => chain(&error),
            ReplayError::Fold { source, .. } => chain(&source),
        })?;
    }
    Ok(state)
}
