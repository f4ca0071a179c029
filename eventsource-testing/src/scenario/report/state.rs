//! States, where they can be shown.

use std::{any::type_name, fmt};

use eventsource_core::Aggregate;

use super::name::short;

/// A state longer than this is shown on several lines.
const ONE_LINE: usize = 100;

/// A state as its `Debug` shows it, or why it is not shown.
pub(in crate::scenario) fn shown<A: Aggregate>(state: Option<&A>) -> String {
    let Some(state) = state else {
        return "none: no event has created it".to_owned();
    };
    match A::abilities().debug_state {
        None => format!("not shown: `{}` has no `Debug`", short(type_name::<A>())),
        Some(debug) => one_or_several_lines(&Shown(state, debug)),
    }
}

fn one_or_several_lines(shown: &dyn fmt::Debug) -> String {
    let line = format!("{shown:?}");
    if line.len() <= ONE_LINE {
        line
    } else {
        format!("{shown:#?}")
    }
}

struct Shown<'a, A>(&'a A, fn(&A, &mut fmt::Formatter<'_>) -> fmt::Result);

impl<A> fmt::Debug for Shown<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1(self.0, f)
    }
}
