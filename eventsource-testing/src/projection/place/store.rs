//! Read models in a store's own transaction.

use std::{
    any::Any,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use eventsource_core::{
    Envelope, HandlerError, Position, Projection, ReadModel, Table, TransactionalStore,
    projection::{HandlesIn, Source},
    runner::{ByHand, Runs},
};

use super::{Kind, Player, Seen, Stage, World};
use crate::{
    projection::{block::block_on, story::Story},
    scenario::report::text::chain,
};

/// A scenario of a projection in the transaction of a store.
pub struct InStore<P, S> {
    pub(in crate::projection) make: Arc<dyn Fn() -> P + Send + Sync>,
    pub(in crate::projection) store: S,
}

impl<P, S> fmt::Debug for InStore<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InStore").finish_non_exhaustive()
    }
}

pub(in crate::projection) struct StoreStage<'a, P, S> {
    make: Arc<dyn Fn() -> P + Send + Sync>,
    store: Arc<S>,
    look: &'a (dyn Fn(&S) -> Seen + Sync),
    /// Whether the story is in the store.
    is_told: AtomicBool,
}

struct OnStore<'a, P, S> {
    stage: &'a StoreStage<'a, P, S>,
    undo: Undo,
    hand: ByHand,
}

/// After which event the transaction is to be undone.
type Undo = Arc<Mutex<Option<Position>>>;

/// A projection of which a handler fails where it is told to, after its work.
struct Failing<P> {
    projection: P,
    undo: Undo,
}

impl<P: Projection> Projection for Failing<P> {
    const NAME: &'static str = P::NAME;
    const VERSION: u32 = P::VERSION;

    fn sources() -> Vec<Source> {
        P::sources()
    }

    fn listed() -> Vec<&'static str> {
        P::listed()
    }
}

impl<P: ReadModel> ReadModel for Failing<P> {
    const TABLES: &'static [Table] = P::TABLES;
}

impl<T, P: HandlesIn<T>> HandlesIn<T> for Failing<P> {
    fn handle(
        &self,
        event: &dyn Any,
        envelope: &Envelope<'_>,
        tx: &mut T,
    ) -> Result<(), HandlerError> {
        self.projection.handle(event, envelope, tx)?;
        let undo = *self.undo.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = envelope.part() + 1 == envelope.parts();
        if is_last && undo == Some(envelope.position()) {
            return Err(HandlerError::new("the scenario has it undone"));
        }
        Ok(())
    }
}

impl<'a, P, S> StoreStage<'a, P, S>
where
    S: TransactionalStore,
    P: HandlesIn<S::Tx>,
{
    pub(in crate::projection) fn new(
        place: InStore<P, S>,
        look: &'a (dyn Fn(&S) -> Seen + Sync),
    ) -> Self {
        Self {
            make: place.make,
            store: Arc::new(place.store),
            look,
            is_told: AtomicBool::new(false),
        }
    }

    fn process(&self, undo: &Undo) -> Result<ByHand, String> {
        let failing = Failing {
            projection: (self.make)(),
            undo: Arc::clone(undo),
        };
        let ready = failing.ready(&self.store).map_err(|error| chain(&error))?;
        Ok(ByHand::new(ready, Arc::clone(&self.store) as _))
    }
}

impl<P, S> Stage for StoreStage<'_, P, S>
where
    S: TransactionalStore,
    P: HandlesIn<S::Tx>,
{
    fn kind(&self) -> Kind {
        Kind::Transaction
    }

    fn world(&self, story: &Story, before: usize) -> Result<World<'_>, String> {
        let undo = Undo::default();
        let hand = self.process(&undo)?;
        let player = Box::new(OnStore {
            stage: self,
            undo,
            hand,
        });
        if !self.is_told.swap(true, Ordering::Relaxed) {
            if block_on(self.store.head())
                .map_err(|error| chain(&error))?
                .is_some()
            {
                return Err(
                    "the store has events already: give the scenario an empty one".to_owned(),
                );
            }
            return World::begin(player, &*self.store, story, before);
        }
        // The same store: a build in place of what was there is as good as another one.
        let build = block_on(player.hand().reset()).map_err(|error| chain(&error))?;
        World::followed(player, build)
    }
}

impl<P, S> Player for OnStore<'_, P, S>
where
    S: TransactionalStore,
    P: HandlesIn<S::Tx>,
{
    fn hand(&self) -> &ByHand {
        &self.hand
    }

    fn restart(&mut self) -> Result<(), String> {
        self.hand = self.stage.process(&self.undo)?;
        Ok(())
    }

    fn see(&self) -> Seen {
        (self.stage.look)(&self.stage.store)
    }

    fn undo_at(&self, position: Option<Position>) {
        *self.undo.lock().unwrap_or_else(PoisonError::into_inner) = position;
    }
}
