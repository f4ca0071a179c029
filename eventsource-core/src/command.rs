//! State and command to events or a refusal. Pure: no clock, no I/O, no change of state.

use crate::{aggregate::Aggregate, events::Events};

/// What a handler returns: events, or the typed reason of a refusal.
pub type Decision<A> = Result<Events<A>, <A as Aggregate>::Error>;

/// Decides a command on a living state.
///
/// The state is borrowed and cannot be changed; only [`Apply`](crate::Apply) changes it, by the events returned here.
#[diagnostic::on_unimplemented(
    message = "aggregate `{Self}` does not handle the command `{C}`",
    label = "`{C}` is not handled",
    note = "write `impl Handle<{C}> for {Self} {{ fn handle(&self, command: &{C}) -> Decision<Self> {{ .. }} }}`"
)]
pub trait Handle<C>: Aggregate {
    /// Decides `command`. It may be called again with a newer state, when another writer was faster.
    ///
    /// # Errors
    ///
    /// The domain's reason for refusing; nothing is stored then.
    fn handle(&self, command: &C) -> Decision<Self>;
}

/// Decides a command where there is no state yet, for aggregates that an event creates (see [`Create`](crate::Create)).
#[diagnostic::on_unimplemented(
    message = "aggregate `{Self}` cannot be created by the command `{C}`",
    label = "`{C}` does not create it",
    note = "write `impl HandleNew<{C}> for {Self} {{ fn handle(command: &{C}) -> Decision<Self> {{ .. }} }}`"
)]
pub trait HandleNew<C>: Aggregate {
    /// Decides `command` where there is no aggregate yet.
    ///
    /// # Errors
    ///
    /// The domain's reason for refusing; nothing is stored then.
    fn handle(command: &C) -> Decision<Self>;
}
