//! What a load gives, and as of when.

use std::{fmt, ops::Deref, sync::Arc};

use crate::{
    aggregate::Aggregate,
    repository::{
        LoadError,
        fold::{At, Held},
    },
    stream::{StreamId, Version},
    time::Timestamp,
};

/// A state and its version. Cheap to clone: clones are handles on the same state.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar { coins: u32 }
/// # impl Apply<Filled> for Jar { fn apply(&mut self, e: &Filled) { self.coins += e.coins; } }
/// # struct Fill(u32);
/// # impl Handle<Fill> for Jar {
/// #     fn handle(&self, command: &Fill) -> Decision<Self> { Ok(Filled { coins: command.0 }.into()) }
/// # }
/// let jar = Repository::<Jar>::new(MemoryStore::new()).load(&7).await?;
/// assert_eq!((jar.coins, jar.version()), (0, None));
/// # Ok(()) }
/// ```
pub struct Loaded<A> {
    state: Arc<A>,
    at: At,
}

/// Where a state came from, before events were folded into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// From before the first event.
    Beginning,
    /// From a snapshot of this version.
    Snapshot(Version),
    /// From the repository's cache, where it stood at this version.
    Cache(Version),
}

impl<A: Aggregate> Loaded<A> {
    /// What a stream was folded into.
    pub(super) fn of(stream: &StreamId, at: At, state: &mut Held<A>) -> Result<Self, LoadError> {
        match state.shared() {
            Some(state) => Ok(Self { state, at }),
            None => Err(LoadError::not_found(stream)),
        }
    }
}

impl<A> Loaded<A> {
    /// The state.
    pub fn state(&self) -> &A {
        &self.state
    }

    /// The state, shared with the other handles on it.
    pub fn into_state(self) -> Arc<A> {
        self.state
    }

    /// The version of the last stored event that was read for the state, also where it was dropped; `None` when there is
    /// none.
    pub fn version(&self) -> Option<Version> {
        self.at.version()
    }

    /// Where the state came from, before events were folded into it.
    pub fn origin(&self) -> Origin {
        self.at.origin
    }

    /// How many stored events were read for it. Behind a snapshot or the cache the first one is the last event of what is
    /// there already: that it is still the same one is asked each time.
    pub fn events_read(&self) -> u64 {
        self.at.read
    }
}

impl<A> Clone for Loaded<A> {
    fn clone(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            at: self.at,
        }
    }
}

impl<A> Deref for Loaded<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.state
    }
}

impl<A: fmt::Debug> fmt::Debug for Loaded<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("state", &self.state)
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// A point in the past of an aggregate, inclusive.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
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
/// assert_eq!(jars.load_as_of(&7, AsOf::Version(Version::FIRST)).await?.coins, 3);
/// let long_ago = AsOf::Occurred(Timestamp::parse_inclusive("1994-03-30")?);
/// assert_eq!(jars.load_as_of(&7, long_ago).await?.version(), None);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AsOf {
    /// Right after the event of this version.
    Version(Version),
    /// With the events that had occurred by this time, by the writers' word.
    Occurred(Timestamp),
    /// With the events that the store had recorded by this time.
    Recorded(Timestamp),
}
