//! Side effects: what is to be done once for an event, and never again for being rebuilt.

use std::{any::Any, fmt, future::Future};

use uuid::{Builder, Uuid};

use super::{Envelope, HandlerError, Handling, Source};

/// What is done for events outside of the store: a mail, a call, a command elsewhere. Written by `#[derive(Reaction)]`.
///
/// It begins with what is appended after its first start, goes on behind its checkpoint at every later one, and cannot be
/// rebuilt. After a failure or a crash an event may come again; the [`ReactionId`] is then the same, so that what is
/// reached by it can tell.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reaction",
    label = "not a reaction",
    note = "add `#[derive(Reaction)]` and `#[reaction(name = \"..\", from(..), events(..))]` to `{Self}`"
)]
pub trait Reaction: Send + Sync + 'static {
    /// The name by which its checkpoint is kept, and by which its ids are made.
    const NAME: &'static str;

    /// What it takes from which aggregates.
    #[doc(hidden)]
    fn sources() -> Vec<Source>;
    /// The stored names today of the events that it lists.
    #[doc(hidden)]
    fn listed() -> Vec<&'static str>;
}

/// Does something for an event.
#[diagnostic::on_unimplemented(
    message = "reaction `{Self}` has no handler for the event `{E}`",
    label = "`{E}` is not handled",
    note = "write `impl React<{E}> for {Self} {{ async fn react(&self, event: &{E}, envelope: &Envelope<'_>, id: ReactionId) -> Result<(), HandlerError> {{ .. }} }}`, or name the event in `ignores(..)`"
)]
pub trait React<E> {
    /// Does it. `id` is the same whenever the same event comes.
    ///
    /// # Errors
    ///
    /// Whatever went wrong: the event is tried again, and then the reaction stops or the event is parked, as is configured.
    fn react(
        &self,
        event: &E,
        envelope: &Envelope<'_>,
        id: ReactionId,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// The generated dispatch of a reaction.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reaction",
    label = "not a reaction",
    note = "add `#[derive(Reaction)]` and `#[reaction(name = \"..\", from(..), events(..))]` to `{Self}`"
)]
pub trait Reacts: Reaction {
    fn handle<'a>(
        &'a self,
        event: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
        id: ReactionId,
    ) -> Handling<'a>;
}

/// The id of what a reaction does for an event: the same for the same reaction, event and part, and another one for any
/// other. What is done downstream under an id that it has seen need not be done again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReactionId(Uuid);

impl ReactionId {
    /// The id for an event.
    ///
    /// It is a UUID of version 8 over 128 bits of FNV-1a, of the reaction's name, a zero byte, the event's id and the part
    /// as 8 bytes, the lowest first. Systems downstream keep it, so it never changes.
    pub fn of(reaction: &str, envelope: &Envelope<'_>) -> Self {
        let part = (envelope.part() as u64).to_le_bytes();
        let bytes = reaction
            .bytes()
            .chain([0])
            .chain(*envelope.id.as_uuid().as_bytes())
            .chain(part);
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in bytes {
            hash =
                (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        Self(Builder::from_custom_bytes(hash.to_be_bytes()).into_uuid())
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl fmt::Display for ReactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ReactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
