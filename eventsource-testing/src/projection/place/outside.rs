//! Read models outside of the store, and side effects: a fake stands for what is there.

use std::{fmt, sync::Arc};

use eventsource_core::{
    MemoryStore,
    runner::{ByHand, Runnable, StartError},
};

use super::{Kind, Player, Seen, Stage, World, memory_store};
use crate::{projection::story::Story, scenario::report::text::chain};

/// A scenario of a projection that is delivered to at least once, with a fake of what it is delivered to.
pub struct Outside<P, F> {
    pub(in crate::projection) fake: Box<dyn Fn() -> F + Send + Sync>,
    pub(in crate::projection) make: Box<dyn Fn(&F) -> P + Send + Sync>,
}

/// A scenario of a reaction, with a fake of what it acts on.
pub struct Reacting<R, F> {
    pub(in crate::projection) fake: Box<dyn Fn() -> F + Send + Sync>,
    pub(in crate::projection) make: Box<dyn Fn(&F) -> R + Send + Sync>,
}

impl<P, F> fmt::Debug for Outside<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}

impl<R, F> fmt::Debug for Reacting<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reacting").finish_non_exhaustive()
    }
}

/// Makes what runs on a fake ready.
type Ready<'a, F> = dyn Fn(&F, &Arc<MemoryStore>) -> Result<Runnable, StartError> + Sync + 'a;

pub(in crate::projection) struct OutsideStage<'a, F> {
    pub(in crate::projection) kind: Kind,
    pub(in crate::projection) fake: &'a (dyn Fn() -> F + Sync),
    /// What runs on a fake.
    pub(in crate::projection) ready: &'a Ready<'a, F>,
    pub(in crate::projection) look: &'a (dyn Fn(&F) -> Seen + Sync),
}

struct WithFake<'a, F> {
    stage: &'a OutsideStage<'a, F>,
    store: Arc<MemoryStore>,
    fake: F,
    hand: ByHand,
}

impl<F> OutsideStage<'_, F> {
    fn process(&self, fake: &F, store: &Arc<MemoryStore>) -> Result<ByHand, String> {
        let ready = (self.ready)(fake, store).map_err(|error| chain(&error))?;
        Ok(ByHand::new(ready, Arc::clone(store) as _))
    }
}

impl<F> Stage for OutsideStage<'_, F> {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn untouched(&self) -> Option<Seen> {
        Some((self.look)(&(self.fake)()))
    }

    fn world(&self, story: &Story, before: usize) -> Result<World<'_>, String> {
        let memory = Arc::new(memory_store(story));
        let fake = (self.fake)();
        let hand = self.process(&fake, &memory)?;
        let player = Box::new(WithFake {
            stage: self,
            store: Arc::clone(&memory),
            fake,
            hand,
        });
        World::begin(player, &*memory, story, before)
    }
}

impl<F> Player for WithFake<'_, F> {
    fn hand(&self) -> &ByHand {
        &self.hand
    }

    fn restart(&mut self) -> Result<(), String> {
        // The fake is what is outside of the process.
        self.hand = self.stage.process(&self.fake, &self.store)?;
        Ok(())
    }

    fn see(&self) -> Seen {
        (self.stage.look)(&self.fake)
    }
}
