//! Folding a stream into a state.

use std::{fmt, ops::Deref, sync::Arc};

use crate::{
    aggregate::{Aggregate, FoldError, ReplayError, Replayed},
    aggregate_id::AggregateIdError,
    record::RecordedEvent,
    repository::{LoadError, engine::Running},
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
    /// What a stream was folded into.
    pub(super) fn of(stream: &StreamId, at: At, state: Option<A>) -> Result<Self, LoadError> {
        match state {
            Some(state) => Ok(Self {
                state: Arc::new(state),
                version: at.version,
            }),
            None => Err(LoadError::not_found(stream)),
        }
    }

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

/// A state to fold a stream into, whatever its type: all of an aggregate that folding has to know.
pub(super) trait Replay: Send {
    /// Makes it the state before the first event.
    fn begin(&mut self);
    /// Folds one event, and says whether anything of it is in the state now.
    fn replay(&mut self, event: &RecordedEvent) -> Replayed;
    /// Whether there is a state: not where an event is to create it and none has.
    fn is_living(&self) -> bool;
}

impl<A: Aggregate> Replay for Option<A> {
    fn begin(&mut self) {
        *self = A::initial();
    }

    fn replay(&mut self, event: &RecordedEvent) -> Replayed {
        event.replay(self)
    }

    fn is_living(&self) -> bool {
        self.is_some()
    }
}

/// How far a stream was folded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At {
    /// The version of the last stored event, also where it was dropped.
    pub(super) version: Option<Version>,
    /// Whether an event is in the state. A stream of which every event was dropped has a version and no state.
    pub(super) is_begun: bool,
    /// Whether there is a state.
    pub(super) is_living: bool,
}

impl At {
    /// The version, where the aggregate exists.
    pub(super) fn existing(self) -> Option<Version> {
        self.version.filter(|_| self.is_begun)
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
        ReplayError::Fold { part, source } => LoadError::Fold {
            stream,
            version,
            position,
            event: event.name.clone(),
            schema_version: event.schema_version,
            part,
            source,
        },
    }
}

/// Folds the stream of an id. Boxed here, so that the state machine is compiled here.
pub(super) fn load<'a>(
    store: &'a dyn EventStore,
    stream: Result<StreamId, AggregateIdError>,
    as_of: Option<AsOf>,
    state: &'a mut dyn Replay,
) -> Running<'a, Result<(StreamId, At), LoadError>> {
    Box::pin(async move {
        let stream = stream?;
        let at = fold(store, &stream, as_of, state).await?;
        Ok((stream, at))
    })
}

/// Folds the events of a stream, up to a point where one is given.
pub(super) async fn fold(
    store: &dyn EventStore,
    stream: &StreamId,
    as_of: Option<AsOf>,
    state: &mut dyn Replay,
) -> Result<At, LoadError> {
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
    let mut at = At::default();
    // Whether a version before the present one was left out.
    let mut sparse = false;
    state.begin();
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
            sparse |= event.version != Version::after(at.version);
            if sparse && dense || Some(event.version) <= at.version {
                let (last, found) = (at.version, event.version);
                return Err(LoadError::Hole {
                    stream: stream.clone(),
                    last,
                    found,
                });
            }
            match state.replay(event) {
                Ok(is_begun) => at.is_begun |= is_begun,
                // By the writers' word, something happened to it before it was created: by then it was not there. Where
                // every version is there, nothing has created it, and the stream is damaged.
                Err(ReplayError::Fold {
                    source: FoldError::NotCreated { .. },
                    ..
                }) if sparse => {
                    state.begin();
                    return Ok(At::default());
                }
                Err(error) => return Err(unreadable(event, error)),
            }
            // The versions are those of the stored events, however many parts each has.
            at.version = Some(event.version);
        }
    }
    if let Some(AsOf::Version(asked)) = as_of
        && at.version != Some(asked)
    {
        let (stream, last) = (stream.clone(), at.version);
        return Err(LoadError::NoSuchVersion {
            stream,
            asked,
            last,
        });
    }
    at.is_living = state.is_living();
    Ok(at)
}
