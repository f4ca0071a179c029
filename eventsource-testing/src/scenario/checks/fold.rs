//! Folding, with an eye on panics.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use eventsource_core::{Aggregate, FoldError};

use crate::scenario::report::text::chain;

/// Why an event could not be folded. The state is then of no use any more.
pub(in crate::scenario) enum Stop {
    Misfit(FoldError),
    /// `apply` panicked with this text.
    Panic(String),
}

impl Stop {
    pub(in crate::scenario) fn says(&self) -> String {
        match self {
            Self::Misfit(misfit) => chain(misfit),
            Self::Panic(text) => format!("`apply` panicked: {text}"),
        }
    }
}

/// Folds events; a panic is caught.
pub(in crate::scenario) fn fold<A: Aggregate>(
    state: &mut Option<A>,
    events: &[&A::Event],
) -> Result<(), Stop> {
    // The state is not looked at any more after a panic.
    let folded = catch_unwind(AssertUnwindSafe(|| {
        events.iter().try_for_each(|event| A::fold(state, event))
    }));
    match folded {
        Ok(folded) => folded.map_err(Stop::Misfit),
        Err(panic) => Err(Stop::Panic(text_of(&*panic))),
    }
}

/// What a panic says.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("with a value that is no text").to_owned()
}
