//! Read models: what is made of events so that it can be asked.

mod definition;
pub(crate) mod derived;
pub(crate) mod dispatch;
mod envelope;
mod failure;
mod handlers;
mod live;
mod reaction;
mod read_model;
pub(crate) mod tables;

pub use self::{
    definition::{Decoded, Definition, Source, Wanted},
    envelope::Envelope,
    failure::{DeliveryError, DeliveryFailure, HandlerError},
    handlers::{Handles, HandlesAsync, HandlesIn, Handling, Project, ProjectAsync, ProjectIn},
    live::{Folded, Live, LiveError},
    reaction::{React, Reaction, ReactionId, Reacts},
    read_model::{Index, ReadModel, Table},
};

/// A read model that is kept up with events, written by `#[derive(Projection)]`.
///
/// The derive generates the dispatch from stored events to the handlers: events are decoded through the closed tables of
/// the aggregates that the projection names, so that they arrive as they are today, whatever name and shape they were
/// stored in. Each event of these aggregates is either listed, and then has a handler, or ignored in so many words.
///
/// Where a projection lives says which trait its handlers have:
///
/// | attribute | handlers | delivered |
/// |---|---|---|
/// | nothing more | [`Project`], in memory | exactly once to each state, from the first event on at each start |
/// | `transaction = SqliteTx` | [`ProjectIn`], in the store's own transaction | exactly once |
/// | `at_least_once` | [`ProjectAsync`], anywhere else | at least once |
///
/// One in memory can be folded when it is asked for, and be kept nowhere:
/// [`EventStoreExt::live`](crate::EventStoreExt::live). A side effect is no read model: see [`Reaction`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    label = "not a projection",
    note = "add `#[derive(Projection)]` and `#[projection(name = \"..\", version = 1, from(..), events(..))]` to `{Self}`"
)]
pub trait Projection: Send + Sync + 'static {
    /// The name by which its checkpoint and its read model are kept.
    const NAME: &'static str;
    /// Rises whenever what the handlers make of events changes. The read model is then built anew, beside the one that is
    /// read.
    const VERSION: u32;

    /// What it takes from which aggregates.
    #[doc(hidden)]
    fn sources() -> Vec<Source>;
    /// The stored names today of the events that it lists.
    #[doc(hidden)]
    fn listed() -> Vec<&'static str>;
}
