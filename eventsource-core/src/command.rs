//! State and command to events or a refusal. Pure: no clock, no I/O, no change of state.

use crate::{aggregate::Aggregate, events::Events};

/// What a handler returns: events, or the typed reason of a refusal.
pub type Decision<A> = Result<Events<A>, <A as Aggregate>::Error>;

/// Decides a command on a living state.
///
/// The state is borrowed and cannot be changed; only [`Apply`](crate::Apply) changes it, by the events returned here.
///
/// ```
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.emptied")] struct Emptied;
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = NothingIn, events(Emptied))]
/// # struct Jar { coins: u32 }
/// # impl Apply<Emptied> for Jar { fn apply(&mut self, _: &Emptied) { self.coins = 0; } }
/// #[derive(Debug, PartialEq, thiserror::Error)]
/// #[error("there is nothing in the jar")]
/// struct NothingIn;
///
/// struct Empty;
/// impl Handle<Empty> for Jar {
///     fn handle(&self, _: &Empty) -> Decision<Self> {
///         if self.coins == 0 {
///             return Err(NothingIn);
///         }
///         Ok(Emptied.into())
///     }
/// }
///
/// assert_eq!(Jar { coins: 0 }.handle(&Empty).unwrap_err(), NothingIn);
/// assert_eq!(Jar { coins: 5 }.handle(&Empty).unwrap().len(), 1);
/// ```
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
///
/// ```
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "door.built")] struct Built { cm: u32 }
/// # #[derive(Debug, Aggregate)]
/// # #[aggregate(name = "door", id = u64, error = std::convert::Infallible, created_by = Built, events(Built))]
/// # struct Door { cm: u32 }
/// # impl Create<Built> for Door { fn create(e: &Built) -> Self { Door { cm: e.cm } } }
/// struct Build { cm: u32 }
/// impl HandleNew<Build> for Door {
///     fn handle(command: &Build) -> Decision<Self> {
///         Ok(Built { cm: command.cm }.into())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let doors = Repository::<Door>::new(MemoryStore::new());
/// doors.create(&1, Build { cm: 200 }).await?;
/// assert_eq!(doors.load(&1).await?.cm, 200);
/// assert!(doors.create(&1, Build { cm: 210 }).await.is_err());
/// # Ok(()) }
/// ```
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
