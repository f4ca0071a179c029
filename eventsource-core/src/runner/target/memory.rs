//! Read models in memory.

use std::{
    collections::BTreeMap,
    fmt,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use super::{GoesOn, Target, decoded::decode};
use crate::{
    clock::SystemClock,
    projection::{Definition, DeliveryError, DeliveryFailure, Handles},
    record::Recorded,
    runner::ProjectionKind,
    store::{Advance, AdvanceError, Generation, Keeper, ProjectionStore, ProjectionStoreError},
    stream::Position,
    text::TextError,
};

/// A read model in memory: a [`Projection`](crate::projection::Projection) whose handlers take `&mut self`. Clones are
/// handles on the same; one is given to the runner, another is kept to read it.
///
/// It is built from the first event on at each start of a runner. Readers wait while a batch is taken in, and see
/// whole batches only.
///
/// ```
/// # use eventsource_core::{InMemory, Projection, prelude::*, projection::{Envelope, Project}};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "jar.filled")]
/// # struct Filled { coins: u32 }
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
/// # struct Jar;
/// # impl Apply<Filled> for Jar { fn apply(&mut self, _: &Filled) {} }
/// # #[derive(Debug, Default, Projection)]
/// # #[projection(name = "savings", version = 1, from(Jar), events(Filled))]
/// # struct Savings { coins: u32 }
/// # impl Project<Filled> for Savings {
/// #     fn project(&mut self, event: &Filled, _: &Envelope<'_>) { self.coins += event.coins; }
/// # }
/// let savings = InMemory::new(Savings::default);
/// let (coins, position) = savings.read(|savings| (savings.coins, savings.position()));
/// assert_eq!((coins, position), (0, None), "nothing was taken in yet");
/// ```
pub struct InMemory<P>(Arc<Shared<P>>);

struct Shared<P> {
    empty: Box<dyn Fn() -> P + Send + Sync>,
    /// What is read. While nothing runs, it is the last one, or an empty one.
    live: RwLock<Arc<Build<P>>>,
    builds: RwLock<BTreeMap<Generation, Arc<Build<P>>>>,
    in_use: AtomicBool,
}

type Build<P> = RwLock<InMemoryState<P>>;

/// The state of a read model in memory, and how far it has come.
#[derive(Debug)]
pub struct InMemoryState<P> {
    state: P,
    position: Option<Position>,
    is_torn: bool,
}

impl<P> InMemoryState<P> {
    fn new(state: P) -> Self {
        Self {
            state,
            position: None,
            is_torn: false,
        }
    }

    /// The furthest event that was taken in; `None` before the first one. What is not listed is passed without it. It does
    /// not go back when an event is delivered that was parked.
    pub const fn position(&self) -> Option<Position> {
        self.position
    }

    fn has_come_to(&mut self, events: &[Recorded]) {
        let last = events.last().map(|event| event.position);
        self.position = self.position.max(last);
    }

    /// Whether a handler panicked, so that half of an event may be in it. The projection has stopped then; when it is
    /// resumed, the state is built anew.
    pub const fn is_torn(&self) -> bool {
        self.is_torn
    }
}

/// It reads as the state.
impl<P> Deref for InMemoryState<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.state
    }
}

impl<P: Handles> InMemory<P> {
    /// A read model that begins with what `empty` gives, at each start and for each rebuild.
    pub fn new(empty: impl Fn() -> P + Send + Sync + 'static) -> Self {
        let first = Arc::new(RwLock::new(InMemoryState::new(empty())));
        Self(Arc::new(Shared {
            empty: Box::new(empty),
            live: RwLock::new(first),
            builds: RwLock::default(),
            in_use: AtomicBool::new(false),
        }))
    }

    /// Reads it: the state, and how far it has come. Nothing is taken in meanwhile, so keep it short.
    pub fn read<R>(&self, read: impl FnOnce(&InMemoryState<P>) -> R) -> R {
        let live = Arc::clone(&self.0.live.read().unwrap_or_else(PoisonError::into_inner));
        read(&look(&live))
    }
}

impl<P> Shared<P> {
    fn build(&self, generation: Generation) -> Option<Arc<Build<P>>> {
        let builds = self.builds.read().unwrap_or_else(PoisonError::into_inner);
        builds.get(&generation).cloned()
    }
}

/// A handler's panic is caught under the lock, which then does not know of it.
fn look<P>(build: &Build<P>) -> RwLockReadGuard<'_, InMemoryState<P>> {
    build.read().unwrap_or_else(PoisonError::into_inner)
}

impl<P> Clone for InMemory<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P> fmt::Debug for InMemory<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemory").finish_non_exhaustive()
    }
}

/// A read model in memory as a runner sees it.
pub(in crate::runner) struct OfMemory<P: Handles> {
    model: InMemory<P>,
    definition: Definition,
    /// How far it has come is kept where it is: in this process.
    keeper: Keeper,
    /// Whether it is this one that builds it.
    is_building: AtomicBool,
}

impl<P: Handles> OfMemory<P> {
    /// `None` where another runner builds it.
    pub(in crate::runner) fn new(model: InMemory<P>) -> Result<Option<Self>, TextError> {
        let definition = Definition::of::<P>(&[])?;
        if model.0.in_use.swap(true, Ordering::SeqCst) {
            return Ok(None);
        }
        Ok(Some(Self {
            model,
            definition,
            keeper: Keeper::new(Arc::new(SystemClock)),
            is_building: AtomicBool::new(true),
        }))
    }

    fn take_in(&self, build: &Build<P>, events: &[Recorded]) -> Result<(), DeliveryFailure> {
        // Not under the lock: readers need not wait for it.
        let (decoded, unreadable) = decode(&self.definition, events);
        let mut state = build.write().unwrap_or_else(PoisonError::into_inner);
        for event in &decoded {
            let handled = catch_unwind(AssertUnwindSafe(|| {
                for (part, envelope) in event.parts() {
                    state.state.handle(part, &envelope);
                }
            }));
            if handled.is_err() {
                state.is_torn = true;
                state.has_come_to(&events[..event.index()]);
                return Err(DeliveryFailure::after(
                    event.index(),
                    DeliveryError::Panicked,
                ));
            }
        }
        let done = unreadable
            .as_ref()
            .map_or(events.len(), |failure| failure.done);
        state.has_come_to(&events[..done]);
        unreadable.map_or(Ok(()), Err)
    }
}

/// Also where it was never run.
impl<P: Handles> Drop for OfMemory<P> {
    fn drop(&mut self) {
        self.ended();
    }
}

#[async_trait]
impl<P: Handles> Target for OfMemory<P> {
    fn kind(&self) -> ProjectionKind {
        ProjectionKind::InMemory
    }

    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn keeper(&self) -> &dyn ProjectionStore {
        &self.keeper
    }

    async fn deliver(
        &self,
        events: &[Recorded],
        advance: &Advance,
        _: GoesOn<'_>,
    ) -> Result<usize, AdvanceError> {
        let Some(build) = self.model.0.build(advance.generation) else {
            // What is kept may know of it all the same, and would pass what nobody has taken in.
            return Err(AdvanceError::Store(ProjectionStoreError::NoGeneration {
                projection: advance.projection.clone(),
                generation: advance.generation,
            }));
        };
        self.take_in(&build, events)?;
        Ok(events.len())
    }

    fn begun(&self, generation: Generation) {
        let shared = &self.model.0;
        let build = Arc::new(RwLock::new(InMemoryState::new((shared.empty)())));
        let mut builds = shared
            .builds
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        builds.insert(generation, build);
    }

    fn switched(&self, generation: Generation) {
        let shared = &self.model.0;
        let mut builds = shared
            .builds
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        builds.retain(|other, _| *other == generation);
        if let Some(build) = builds.get(&generation) {
            let mut live = shared.live.write().unwrap_or_else(PoisonError::into_inner);
            *live = Arc::clone(build);
        }
    }

    fn dropped(&self, generation: Generation) {
        let builds = self.model.0.builds.write();
        let dropped = builds
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&generation);
        // Not under the lock: it may be large, and its parts may be anybody's.
        drop(dropped);
    }

    fn ended(&self) {
        // Once: another one may build it by the next time.
        if self.is_building.swap(false, Ordering::SeqCst) {
            self.model.0.in_use.store(false, Ordering::SeqCst);
        }
    }

    fn is_torn(&self, generation: Generation) -> bool {
        let shared = &self.model.0;
        let build = shared.build(generation);
        build.is_none_or(|build| look(&build).is_torn)
    }
}
