//! Folding a stream into a state.

use std::{fmt, ops::Deref, sync::Arc};

use crate::{
    aggregate::{Aggregate, FoldError, ReplayError},
    record::RecordedEvent,
    repository::LoadError,
    store::{EventStore, Read, ReadError},
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
    version: Option<Version>,
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

    /// The version of the last event in the state; `None` when there is none.
    pub fn version(&self) -> Option<Version> {
        self.version
    }
}

impl<A> Clone for Loaded<A> {
    fn clone(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            version: self.version,
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
            .field("version", &self.version)
            .finish()
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

/// What a stream folds into.
pub(super) struct Folded<A> {
    /// `None` when an event is to create the state and none has.
    pub(super) state: Option<A>,
    /// The version of the last stored event, also where it was dropped.
    pub(super) version: Option<Version>,
    /// Whether an event is in the state. A stream of which every event was dropped has a version and no state.
    pub(super) is_begun: bool,
}

impl<A: Aggregate> Folded<A> {
    fn nothing() -> Self {
        Self {
            state: A::initial(),
            version: None,
            is_begun: false,
        }
    }

    /// The version, where the aggregate exists.
    pub(super) fn existing(&self) -> Option<Version> {
        self.version.filter(|_| self.is_begun)
    }

    pub(super) fn into_loaded(self, stream: &StreamId) -> Result<Loaded<A>, LoadError> {
        match self.state {
            Some(state) => Ok(Loaded {
                state: Arc::new(state),
                version: self.version,
            }),
            None => Err(LoadError::NotFound {
                stream: stream.clone(),
            }),
        }
    }

    fn apply(&mut self, event: &RecordedEvent) -> Result<(), LoadError> {
        let replayed = event.replay(&mut self.state);
        self.is_begun |= replayed.map_err(|error| unreadable(event, error))?;
        // The versions are those of the stored events, however many parts each has.
        self.version = Some(event.version);
        Ok(())
    }
}

#[cold]
fn unreadable(event: &RecordedEvent, error: ReplayError) -> LoadError {
    let (stream, version, position) = (event.stream.clone(), event.version, event.position);
    match error {
        ReplayError::Decode(source) => LoadError::Decode {
            stream,
            version,
            position,
            source,
        },
        ReplayError::Fold(source) => LoadError::Fold {
            stream,
            version,
            position,
            source,
        },
    }
}

pub(super) async fn load<A: Aggregate>(
    store: &dyn EventStore,
    id: &A::Id,
    as_of: Option<AsOf>,
) -> Result<Loaded<A>, LoadError> {
    let stream = StreamId::of::<A>(id)?;
    fold(store, &stream, as_of).await?.into_loaded(&stream)
}

/// Folds the events of a stream, up to a point where one is given.
pub(super) async fn fold<A: Aggregate>(
    store: &dyn EventStore,
    stream: &StreamId,
    as_of: Option<AsOf>,
) -> Result<Folded<A>, LoadError> {
    let mut read = Read::stream(stream.clone());
    match as_of {
        None => {}
        Some(AsOf::Version(version)) => read = read.to_version(version),
        Some(AsOf::Occurred(time)) => read = read.occurred_to(time),
        Some(AsOf::Recorded(time)) => read = read.recorded_to(time),
    }
    // By the writers' word, a later version may have occurred earlier: only then may versions be left out.
    let dense = !matches!(as_of, Some(AsOf::Occurred(_)));
    let mut events = store.read(read);
    let mut folded = Folded::nothing();
    loop {
        let page = match events.next_page().await {
            Ok(page) if page.is_empty() => break,
            Ok(page) => page,
            Err(ReadError::StreamNotFound { .. }) => break,
            Err(source) => {
                return Err(LoadError::Read {
                    stream: stream.clone(),
                    source,
                });
            }
        };
        for event in &page {
            let expected = if dense {
                event.version == Version::after(folded.version)
            } else {
                Some(event.version) > folded.version
            };
            if !expected {
                let (last, found) = (folded.version, event.version);
                return Err(LoadError::Hole {
                    stream: stream.clone(),
                    last,
                    found,
                });
            }
            match folded.apply(event) {
                // By the writers' word, something happened to it before it was created: by then it was not there.
                Err(LoadError::Fold {
                    source: FoldError::NotCreated { .. },
                    ..
                }) if !dense => return Ok(Folded::nothing()),
                applied => applied?,
            }
        }
    }
    if let Some(AsOf::Version(asked)) = as_of
        && folded.version != Some(asked)
    {
        let (stream, last) = (stream.clone(), folded.version);
        return Err(LoadError::NoSuchVersion {
            stream,
            asked,
            last,
        });
    }
    Ok(folded)
}
