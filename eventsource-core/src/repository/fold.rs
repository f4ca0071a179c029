//! Folding stored events into a state, whatever its type.

use std::{any::Any, sync::Arc};

use crate::{
    aggregate::{Aggregate, FoldError, ReplayError, Replayed},
    id::EventId,
    record::{Recorded, RecordedEvent},
    repository::{LoadError, Origin, encode::Decisions, engine::Own, form::Form},
    stream::{StreamId, Version},
    time::Timestamp,
};

/// A state that several hold, whatever its type.
pub(super) type Shared = Arc<dyn Any + Send + Sync>;

/// Copies a shared state.
pub(super) type Copy = fn(&Shared) -> Option<Shared>;

/// Copies a state of the type `A`; nothing for a state of another type.
pub(super) fn copy<A: Clone + Send + Sync + 'static>(state: &Shared) -> Option<Shared> {
    let state = state.downcast_ref::<A>()?;
    Some(Arc::new(state.clone()))
}

/// A state to fold a stream into, whatever its type: all of an aggregate that folding has to know.
pub(super) trait Replay: Send {
    /// Makes it the state before the first event.
    fn begin(&mut self);
    /// Makes it a state that others hold, too. A state of another type is none.
    fn adopt(&mut self, state: Shared) -> bool;
    /// Makes it a state that nobody else holds, so that it can be folded into. Where it cannot be, it has to begin anew.
    fn own(&mut self, copy: Option<Copy>) -> bool;
    /// Folds one event, and says whether anything of it is in the state now.
    fn replay(&mut self, event: &RecordedEvent) -> Replayed;
    /// Whether there is a state: not where an event is to create it and none has.
    fn is_living(&self) -> bool;
    /// The state, to be held by others, too.
    fn share(&mut self) -> Option<Shared>;
    /// How its snapshots are written, where it can have some.
    fn form(&self) -> Option<Form>;
}

/// A state of the type `A`.
pub(super) enum Held<A> {
    /// Nobody else holds it.
    Own(Option<A>),
    /// Others may hold it.
    Shared(Arc<A>),
    /// It has become something that is not stored.
    Gone,
}

impl<A: Aggregate> Held<A> {
    pub(super) fn get(&self) -> Option<&A> {
        match self {
            Self::Own(state) => state.as_ref(),
            Self::Shared(state) => Some(state),
            Self::Gone => None,
        }
    }

    /// The state, which this holds, too.
    pub(super) fn shared(&mut self) -> Option<Arc<A>> {
        if let Self::Own(state) = self {
            *self = Self::Shared(Arc::new(state.take()?));
        }
        match self {
            Self::Shared(state) => Some(Arc::clone(state)),
            Self::Own(_) | Self::Gone => None,
        }
    }

    /// Folds what was decided on it, as it is read back.
    pub(super) fn advance(
        &mut self,
        decided: &Decisions<A>,
        own: &mut Own<'_>,
    ) -> Option<&mut dyn Replay> {
        if !own(self) {
            return None;
        }
        let state = self.owned()?;
        let mut events = decided.read_back.iter();
        let fits = events.all(|event| A::fold(state, event).is_ok());
        fits.then_some(self)
    }

    /// The state, where nobody else holds it.
    pub(super) fn owned(&mut self) -> Option<&mut Option<A>> {
        match self {
            Self::Own(state) => Some(state),
            Self::Shared(_) | Self::Gone => None,
        }
    }
}

impl<A: Aggregate> Replay for Held<A> {
    fn begin(&mut self) {
        *self = Self::Own(A::initial());
    }

    fn adopt(&mut self, state: Shared) -> bool {
        match state.downcast() {
            Ok(state) => {
                *self = Self::Shared(state);
                true
            }
            Err(_) => false,
        }
    }

    fn own(&mut self, copy: Option<Copy>) -> bool {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Shared(state) => match Arc::try_unwrap(state) {
                Ok(state) => Self::Own(Some(state)),
                Err(state) => {
                    let copied = copy.and_then(|copy| copy(&(state as Shared)));
                    let copied = copied.and_then(|copied| copied.downcast::<A>().ok());
                    match copied.map(Arc::try_unwrap) {
                        Some(Ok(state)) => Self::Own(Some(state)),
                        _ => Self::Gone,
                    }
                }
            },
            other => other,
        };
        matches!(self, Self::Own(_))
    }

    fn replay(&mut self, event: &RecordedEvent) -> Replayed {
        if !matches!(self, Self::Own(_)) {
            self.begin();
        }
        match self {
            Self::Own(state) => event.replay(state),
            Self::Shared(_) | Self::Gone => unreachable!("it has just begun"),
        }
    }

    fn is_living(&self) -> bool {
        self.get().is_some()
    }

    fn share(&mut self) -> Option<Shared> {
        self.shared().map(|state| state as Shared)
    }

    fn form(&self) -> Option<Form> {
        Form::if_any::<A>()
    }
}

/// How far a stream was folded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// The version of the last stored event, also where it was dropped, and its id.
    pub(crate) last: Option<(Version, EventId)>,
    /// Whether an event is in the state. A stream of which every event was dropped has a version and no state.
    pub(crate) is_begun: bool,
    /// Whether there is a state.
    pub(crate) is_living: bool,
    /// The latest time at which one of the events occurred.
    pub(crate) occurred_to: Timestamp,
    /// Where the state came from, before events were folded into it.
    pub(crate) origin: Origin,
    /// How many events were read from the store for it.
    pub(crate) read: u64,
    /// How many of those were folded.
    pub(crate) replayed: u64,
    /// The version of the last snapshot, and when it was taken.
    pub(crate) snapshot: Option<(Version, Timestamp)>,
    /// A snapshot of another history, by its version and the event with which it ends. It would push out later ones.
    pub(crate) strange: Option<(Version, EventId)>,
}

impl At {
    /// Before the first event.
    pub(crate) const BEGINNING: Self = Self {
        last: None,
        is_begun: false,
        is_living: false,
        occurred_to: Timestamp::MIN,
        origin: Origin::Beginning,
        read: 0,
        replayed: 0,
        snapshot: None,
        strange: None,
    };

    /// The version of the last stored event.
    pub(crate) fn version(&self) -> Option<Version> {
        self.last.map(|(version, _)| version)
    }

    /// The version, where the aggregate exists.
    pub(crate) fn existing(&self) -> Option<Version> {
        self.version().filter(|_| self.is_begun)
    }
}

/// Folds the events of one stream into a state, and refuses what cannot be its history.
pub(super) struct Folding<'a> {
    stream: &'a StreamId,
    pub(super) state: &'a mut dyn Replay,
    pub(super) at: At,
    /// Whether every version has to be there. Of the events that had occurred by a time, later versions may be left out.
    is_dense: bool,
    /// Whether a version before the present one was left out.
    is_sparse: bool,
}

impl<'a> Folding<'a> {
    /// Goes on where a state stands that nobody else holds.
    pub(super) fn on(
        stream: &'a StreamId,
        state: &'a mut dyn Replay,
        at: At,
        is_dense: bool,
    ) -> Self {
        Self {
            stream,
            state,
            at,
            is_dense,
            is_sparse: false,
        }
    }

    /// Folds a page of events, the oldest first. `false` where by the writers' word the aggregate was not there yet.
    pub(super) fn page(&mut self, events: &[Recorded]) -> Result<bool, LoadError> {
        for event in events {
            let last = self.at.version();
            self.is_sparse |= event.version != Version::after(last);
            if self.is_sparse && self.is_dense || Some(event.version) <= last {
                return Err(LoadError::Hole {
                    stream: self.stream.clone(),
                    last,
                    found: event.version,
                });
            }
            match self.state.replay(event) {
                Ok(is_begun) => self.at.is_begun |= is_begun,
                // By the writers' word, something happened to it before it was created: by then it was not there. Where
                // every version is there, nothing has created it, and the stream is damaged.
                Err(ReplayError::Fold {
                    source: FoldError::NotCreated { .. },
                    ..
                }) if self.is_sparse => {
                    self.state.begin();
                    let (origin, read) = (self.at.origin, self.at.read);
                    self.at = At {
                        origin,
                        read,
                        ..At::BEGINNING
                    };
                    return Ok(false);
                }
                Err(error) => return Err(unreadable(event, error)),
            }
            // The versions are those of the stored events, however many parts each has.
            self.at.last = Some((event.version, event.id));
            self.at.occurred_to = self.at.occurred_to.max(event.occurred_at);
        }
        self.at.replayed += events.len() as u64;
        Ok(true)
    }

    /// How far it was folded.
    pub(super) fn end(mut self) -> At {
        self.at.is_living = self.state.is_living();
        self.at
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
