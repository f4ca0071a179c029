//! Read models in memory.

use std::{fmt, sync::Arc};

use eventsource_core::{
    InMemory, MemoryStore,
    projection::Handles,
    runner::{ByHand, Runs},
};

use super::{Kind, Player, Seen, Stage, World, memory_store};
use crate::{projection::story::Story, scenario::report::text::chain};

/// A scenario of a projection whose model is the projection itself, in memory.
pub struct Memory<P> {
    pub(in crate::projection) make: Arc<dyn Fn() -> P + Send + Sync>,
}

impl<P> fmt::Debug for Memory<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

pub(in crate::projection) struct InMemoryStage<'a, P> {
    pub(in crate::projection) place: Memory<P>,
    pub(in crate::projection) look: &'a dyn Fn(&P) -> Seen,
}

struct InProcess<'a, P> {
    stage: &'a InMemoryStage<'a, P>,
    store: Arc<MemoryStore>,
    model: InMemory<P>,
    hand: ByHand,
}

impl<P: Handles> InMemoryStage<'_, P> {
    fn process(&self, store: &Arc<MemoryStore>) -> Result<(InMemory<P>, ByHand), String> {
        let make = Arc::clone(&self.place.make);
        let model = InMemory::new(move || make());
        let ready = model.clone().ready(store);
        let ready = ready.map_err(|error| chain(&error))?;
        Ok((model, ByHand::new(ready, Arc::clone(store) as _)))
    }
}

impl<P: Handles> Stage for InMemoryStage<'_, P> {
    fn kind(&self) -> Kind {
        Kind::Memory
    }

    fn world(&self, story: &Story, before: usize) -> Result<World<'_>, String> {
        let memory = Arc::new(memory_store(story));
        let (model, hand) = self.process(&memory)?;
        let player = Box::new(InProcess {
            stage: self,
            store: Arc::clone(&memory),
            model,
            hand,
        });
        World::begin(player, &*memory, story, before)
    }
}

impl<P: Handles> Player for InProcess<'_, P> {
    fn hand(&self) -> &ByHand {
        &self.hand
    }

    fn restart(&mut self) -> Result<(), String> {
        (self.model, self.hand) = self.stage.process(&self.store)?;
        Ok(())
    }

    fn see(&self) -> Seen {
        self.model.read(|state| (self.stage.look)(state))
    }
}
