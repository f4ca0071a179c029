//! The audit trail of one aggregate: what happened, who and why, and what it did to the state.

mod bound;
mod entries;
mod states;
mod walk;

use std::{fmt, future::IntoFuture, pin::Pin, sync::Arc};

use serde::Serialize;

use self::{bound::Bounds, walk::Walk};
use crate::{
    aggregate::Aggregate,
    difference::{Difference, DifferenceError},
    repository::{AsOf, LoadError, Loaded, Repository},
    stream::StreamId,
};
pub use bound::Bound;
pub use entries::{Entries, HistoryEntry};
pub use states::{StateChange, States};

impl<A: Aggregate> Repository<A> {
    /// The history of an aggregate: every stored event with its envelope, in the order of versions. Nothing is read
    /// before it is awaited, or its first entry is.
    pub fn history(&self, id: &A::Id) -> History<A> {
        History {
            repository: self.clone(),
            id: id.clone(),
            bounds: Bounds::default(),
        }
    }

    /// What differs between the states as of two points, field by field. Where an event creates the aggregate and none
    /// had by one of them, the whole state was added or removed.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use eventsource_core::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
    /// # struct Filled { coins: u32 }
    /// # #[derive(Debug, Default, Serialize, Aggregate)]
    /// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
    /// # struct Jar { coins: u32 }
    /// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
    /// # struct Fill(u32);
    /// # impl Handle<Fill> for Jar {
    /// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
    /// # }
    /// let jars = Repository::<Jar>::new(MemoryStore::new());
    /// jars.execute(&7, Fill(3)).await?;
    /// jars.execute(&7, Fill(2)).await?;
    /// let difference = jars.difference(&7, Version::FIRST, Timestamp::MAX).await?;
    /// assert_eq!(difference.to_string(), "coins: 3 -> 5");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`DifferenceError::Load`] as [`Repository::load_as_of`], with [`LoadError::NotFound`] where there was no aggregate
    /// at either point; the others where a state has no JSON form.
    pub async fn difference(
        &self,
        id: &A::Id,
        before: impl Into<AsOf> + Send,
        after: impl Into<AsOf> + Send,
    ) -> Result<Difference, DifferenceError>
    where
        A: Serialize,
    {
        let (before, after) = (before.into(), after.into());
        let before = self.load_as_of(id, before).await;
        let after = self.load_as_of(id, after).await;
        match (before, after) {
            (Err(LoadError::NotFound { .. }), Ok(after)) => {
                Difference::between_any(None, Some(after.state()))
            }
            (Ok(before), Err(LoadError::NotFound { .. })) => {
                Difference::between_any(Some(before.state()), None)
            }
            // Of two errors, the one that says more.
            (Err(LoadError::NotFound { .. }), Err(error)) => Err(error.into()),
            (before, after) => {
                let (before, after): (Loaded<A>, Loaded<A>) = (before?, after?);
                Difference::between(before.state(), after.state())
            }
        }
    }
}

/// The history of one aggregate, all of it or a part. Awaited, it gives the entries in a `Vec`;
/// [`entries`](History::entries) gives them in bounded memory, [`states`](History::states) with the states around them.
///
/// Entries come in the order of versions, also where a later one had occurred earlier. Where no event has ever been
/// stored there are none, or, where an event has to create the aggregate, [`LoadError::NotFound`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar { coins: u32 }
/// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
/// # struct Fill(u32);
/// # impl Handle<Fill> for Jar {
/// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
/// # }
/// use eventsource_core::Actor;
///
/// let jars = Repository::<Jar>::new(MemoryStore::new());
/// let ann = Context::new().by(Actor::new("ann")?);
/// jars.within(ann).execute(&7, Fill(3)).await?;
/// jars.execute(&7, Fill(2)).await?;
///
/// for entry in jars.history(&7).await? {
///     println!("{} {}: {:?} by {:?}", entry.version, entry.occurred_at, entry.events(), entry.actor);
/// }
/// let today = jars.history(&7).between(.., Timestamp::parse_inclusive("9999-12-31")?).await?;
/// assert_eq!(today.len(), 2);
/// assert_eq!(today[0].actor.as_ref().map(Actor::as_str), Some("ann"));
/// assert_eq!(jars.history(&7).since(Version::new(2)).await?.len(), 1);
/// # Ok(()) }
/// ```
#[must_use = "nothing is read before a history is awaited"]
pub struct History<A: Aggregate> {
    repository: Repository<A>,
    id: A::Id,
    bounds: Bounds,
}

impl<A: Aggregate> History<A> {
    /// From one version or time to another, both inclusive; `..` leaves an end open. Bounds add up: an entry is within
    /// all that were given.
    ///
    /// Times are those at which events occurred, by the writers' word; with [`AsOf::Recorded`] those at which the store
    /// recorded them. Of a date, [`Timestamp::parse_inclusive_from`](crate::Timestamp::parse_inclusive_from) is where it
    /// begins and [`Timestamp::parse_inclusive`](crate::Timestamp::parse_inclusive) where it ends. A version or time
    /// beyond the last event is no error, as everything up to it is there; an end before its beginning is
    /// [`LoadError::Reversed`].
    pub fn between(mut self, from: impl Into<Bound>, to: impl Into<Bound>) -> Self {
        self.bounds.narrow(from.into(), to.into());
        self
    }

    /// From a version or time on, inclusive.
    pub fn since(self, from: impl Into<Bound>) -> Self {
        self.between(from, ..)
    }

    /// Up to a version or time, inclusive.
    pub fn until(self, to: impl Into<Bound>) -> Self {
        self.between(.., to)
    }

    /// The entries one after the other, or page by page, in bounded memory.
    pub fn entries(self) -> Entries<A> {
        let bounds = self.bounds;
        Entries::new(self.walk(bounds))
    }

    /// The entries one after the other, each with the state before and after it: those of the versions, as
    /// [`AsOf::Version`] gives them. The stream is read once, from its beginning, also where the entries begin later; with
    /// [`Repository::snapshot`] from a snapshot below the version that they begin at.
    pub fn states(self) -> States<A> {
        let bounds = self.bounds;
        // What is reversed is to be refused, so it is read as it is.
        let of_states = if bounds.is_reversed() {
            bounds
        } else {
            bounds.of_states()
        };
        let walk = self.walk(of_states);
        States::new(walk, bounds, self.repository, self.id)
    }

    fn walk(&self, bounds: Bounds) -> Result<Walk, LoadError> {
        let store = Arc::clone(self.repository.store());
        let stream = StreamId::of::<A>(&self.id)?;
        let has_to_exist = A::created_by().is_some();
        Ok(Walk::new(store, stream, bounds, has_to_exist))
    }
}

impl<A: Aggregate> IntoFuture for History<A> {
    type Output = Result<Vec<HistoryEntry<A>>, LoadError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// All entries. Mind the memory: a history may be long.
    fn into_future(self) -> Self::IntoFuture {
        let mut entries = self.entries();
        Box::pin(async move {
            let mut all = Vec::new();
            while let Some(entry) = entries.next().await? {
                all.push(entry);
            }
            Ok(all)
        })
    }
}

impl<A: Aggregate> fmt::Debug for History<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("aggregate", &A::CATEGORY)
            .field("id", &self.id)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}
