//! The state of one stream: how it begins, and how its events change it.

use std::{any::Any, error::Error, fmt};

use crate::{
    aggregate_id::AggregateId,
    codec::{DecodeError, EncodeError},
    event::EventSchema,
    parts::Parts,
    private::Abilities,
    registry::About,
    table::KnownEvent,
};

/// The state of one stream of events, written by `#[derive(Aggregate)]` on the state struct.
///
/// The derive generates the enum of the listed events ([`Aggregate::Event`]), the conversions into it, its codec by
/// stored name and schema version, and the dispatch to [`Apply`]. The list is closed: an event without `Apply`, an
/// event listed twice, two events of one stored name are compile errors. A retired event is read as others or as none,
/// and cannot be written.
///
/// A state begins as its `Default`, or, with `created_by = Opened`, with the event that creates it (see [`Create`]).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "add `#[derive(Aggregate)]` and `#[aggregate(name = \"..\", id = .., error = .., events(..))]` to `{Self}`"
)]
pub trait Aggregate: Sized + Send + Sync + 'static {
    /// The stored category of the aggregate's streams, which is part of the stored format.
    const CATEGORY: &'static str;
    /// The typed id; together with the category it names the stream.
    type Id: AggregateId;
    /// Why a command is refused.
    type Error: Error + Send + Sync + 'static;
    /// The generated enum of the listed events.
    type Event: AggregateEvent;

    /// The state before the first event; `None` where an event creates it.
    #[doc(hidden)]
    fn initial() -> Option<Self>;
    /// The event that creates the state; `None` where it begins as its `Default`.
    #[doc(hidden)]
    fn created_by() -> Option<EventSchema> {
        None
    }
    /// Folds one event into the state. The state is as it was when this fails.
    #[doc(hidden)]
    fn fold(state: &mut Option<Self>, event: &Self::Event) -> Result<(), FoldError>;
    /// Decodes a stored event and folds it at once, and says whether anything of it is in the state now.
    #[doc(hidden)]
    fn replay(state: &mut Option<Self>, name: &str, version: u32, payload: &[u8]) -> Replayed {
        replay_parts(state, name, version, payload)
    }
    /// What the concrete types can do beyond what is asked of them.
    #[doc(hidden)]
    fn abilities() -> Abilities<Self>;
}

/// The enum of an aggregate's events, written by `#[derive(Aggregate)]`.
pub trait AggregateEvent: Sized + Send + Sync + fmt::Debug + 'static {
    /// The schemas of the listed events, in the order of the list.
    const SCHEMAS: &'static [EventSchema];

    /// The closed table by which stored events are read: the listed events, in the order of the list, then the retired
    /// ones. No stored name leads to two of them.
    const TABLE: &'static [KnownEvent];

    /// More of each event of the table, in its order, for who asks at leisure. Empty where it was written by hand.
    #[doc(hidden)]
    const ABOUT: &'static [About] = &[];

    /// The event itself, out of the enum: what handlers of projections are given by its type.
    fn inner(&self) -> &(dyn Any + Send + Sync);

    /// The stored name and the schema version of this event.
    fn schema(&self) -> EventSchema;

    /// Appends the event's JSON to `out`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when the value has no JSON form.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads a stored event by its stored name and schema version, straight from the stored bytes. A listed event is one
    /// part, under whatever name it was stored; a retired one is as many as its `into` gives.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the pair is not in the closed table, or the payload does not have its shape.
    fn decode(name: &str, version: u32, payload: &[u8]) -> Result<Parts<Self>, DecodeError>;
}

/// How an event changes the state. It cannot refuse: what is stored has happened.
///
/// ```
/// use eventsource_core::Apply;
///
/// #[derive(Default)]
/// struct Jar { coins: u32 }
/// struct Filled { coins: u32 }
///
/// impl Apply<Filled> for Jar {
///     fn apply(&mut self, event: &Filled) {
///         self.coins += event.coins;
///     }
/// }
///
/// let mut jar = Jar::default();
/// jar.apply(&Filled { coins: 3 });
/// assert_eq!(jar.coins, 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "aggregate `{Self}` has no handler for the event `{E}`",
    label = "`{E}` is not handled",
    note = "write `impl Apply<{E}> for {Self} {{ fn apply(&mut self, event: &{E}) {{ .. }} }}`"
)]
pub trait Apply<E> {
    /// Changes the state by `event`.
    fn apply(&mut self, event: &E);
}

/// How an event creates the state, for a state without a meaningful `Default`.
///
/// ```
/// use eventsource_core::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(name = "door.built")]
/// struct Built { width_cm: u32 }
///
/// #[derive(Debug, Aggregate)]
/// #[aggregate(name = "door", id = u64, error = std::convert::Infallible, created_by = Built, events(Built))]
/// struct Door { width_cm: u32 }
///
/// impl Create<Built> for Door {
///     fn create(event: &Built) -> Self { Door { width_cm: event.width_cm } }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "aggregate `{Self}` cannot be created by the event `{E}`",
    label = "`{E}` does not create it",
    note = "write `impl Create<{E}> for {Self} {{ fn create(event: &{E}) -> Self {{ .. }} }}`"
)]
pub trait Create<E>: Sized {
    /// The state right after `event`.
    fn create(event: &E) -> Self;
}

/// An event does not fit the state that it meets. Only aggregates with `created_by` can fail so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FoldError {
    /// An event came before the one that creates the state.
    #[error(
        "the event `{event}` came first, but only `{created_by}` creates the aggregate `{aggregate}`"
    )]
    NotCreated {
        /// The category of the aggregate.
        aggregate: &'static str,
        /// The stored name of the event that came.
        event: &'static str,
        /// The stored name of the event that creates the state.
        created_by: &'static str,
    },
    /// The creating event came, but the state exists.
    #[error("the event `{event}` creates the aggregate `{aggregate}`, which exists already")]
    AlreadyCreated {
        /// The category of the aggregate.
        aggregate: &'static str,
        /// The stored name of the event that came.
        event: &'static str,
    },
}

/// Whether anything of a stored event is in the state now: not where it was dropped.
#[doc(hidden)]
pub type Replayed = Result<bool, ReplayError>;

/// Replays an event over the enum, which takes every event: also a retired one, with all of its parts.
#[doc(hidden)]
pub fn replay_parts<A: Aggregate>(
    state: &mut Option<A>,
    name: &str,
    version: u32,
    payload: &[u8],
) -> Replayed {
    let parts = A::Event::decode(name, version, payload)?;
    for (part, event) in parts.as_slice().iter().enumerate() {
        A::fold(state, event).map_err(|source| ReplayError::Fold { part, source })?;
    }
    Ok(!parts.is_empty())
}

/// Why a stored event did not become part of a state.
#[doc(hidden)]
#[derive(Debug)]
pub enum ReplayError {
    Decode(DecodeError),
    Fold {
        /// Which part of the stored event.
        part: usize,
        source: FoldError,
    },
}

impl From<DecodeError> for ReplayError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

/// Of an event that is its only part.
impl From<FoldError> for ReplayError {
    fn from(source: FoldError) -> Self {
        Self::Fold { part: 0, source }
    }
}
