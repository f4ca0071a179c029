//! The handlers of a projection: one trait for each place where a read model can live.

use std::{any::Any, future::Future, pin::Pin};

use super::{Envelope, HandlerError, Projection, ReadModel};

/// Takes an event into a read model in memory. It cannot fail: what is stored has happened.
#[diagnostic::on_unimplemented(
    message = "projection `{Self}` has no handler for the event `{E}`",
    label = "`{E}` is not handled",
    note = "write `impl Project<{E}> for {Self} {{ fn project(&mut self, event: &{E}, envelope: &Envelope<'_>) {{ .. }} }}`, or name the event in `ignores(..)`"
)]
pub trait Project<E> {
    /// Takes the event in.
    fn project(&mut self, event: &E, envelope: &Envelope<'_>);
}

/// Takes an event into a read model that lives in the store's own transaction of type `T`.
///
/// What it writes is committed with the checkpoint, or not at all. It has no state of its own: a transaction that is undone
/// could not undo that.
#[diagnostic::on_unimplemented(
    message = "projection `{Self}` has no handler for the event `{E}` in a transaction of type `{T}`",
    label = "`{E}` is not handled",
    note = "write `impl ProjectIn<{T}, {E}> for {Self} {{ fn project(&self, event: &{E}, envelope: &Envelope<'_>, tx: &mut {T}) -> Result<(), HandlerError> {{ .. }} }}`, or name the event in `ignores(..)`"
)]
pub trait ProjectIn<T, E> {
    /// Takes the event in.
    ///
    /// # Errors
    ///
    /// Whatever went wrong: the event is tried again, and then the projection stops or the event is parked, as is
    /// configured. Nothing of what was written for it is left.
    fn project(&self, event: &E, envelope: &Envelope<'_>, tx: &mut T) -> Result<(), HandlerError>;
}

/// Takes an event to anywhere else. The same event may come again after a failure or a crash, so what it does has to be
/// done once by what it is done to: the position, or the event's id, is what to tell it by.
#[diagnostic::on_unimplemented(
    message = "projection `{Self}` has no handler for the event `{E}`",
    label = "`{E}` is not handled",
    note = "write `impl ProjectAsync<{E}> for {Self} {{ async fn project(&self, event: &{E}, envelope: &Envelope<'_>) -> Result<(), HandlerError> {{ .. }} }}`, or name the event in `ignores(..)`"
)]
pub trait ProjectAsync<E> {
    /// Takes the event in.
    ///
    /// # Errors
    ///
    /// Whatever went wrong: the event is tried again, and then the projection stops or the event is parked, as is
    /// configured.
    fn project(
        &self,
        event: &E,
        envelope: &Envelope<'_>,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// What an async handler does.
#[doc(hidden)]
pub type Handling<'a> = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'a>>;

/// The generated dispatch of a projection in memory.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection in memory",
    note = "remove `transaction = ..` or `at_least_once` from `#[projection(..)]`"
)]
pub trait Handles: Projection {
    fn handle(&mut self, event: &dyn Any, envelope: &Envelope<'_>);
}

/// The generated dispatch of a projection in transactions of type `T`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection in transactions of type `{T}`",
    note = "write `#[projection(.., transaction = {T})]`"
)]
pub trait HandlesIn<T>: Projection + ReadModel {
    fn handle(
        &self,
        event: &dyn Any,
        envelope: &Envelope<'_>,
        tx: &mut T,
    ) -> Result<(), HandlerError>;
}

/// The generated dispatch of a projection to anywhere else.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection that is delivered to at least once",
    note = "write `#[projection(.., at_least_once)]`"
)]
pub trait HandlesAsync: Projection {
    fn handle<'a>(
        &'a self,
        event: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a>;
}
