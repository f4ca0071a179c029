//! What a worker does, step by step by the hand of a test: nothing waits, and a crash is where the test wants it.

use std::{fmt, sync::Arc};

use super::{Halt, Worker};
use crate::{
    projection::Definition,
    record::Recorded,
    runner::{
        CommandError, ProjectionKind, RunSettings, error::told_of, runs::Runnable, tools::Tools,
    },
    store::{
        Advance, AdvanceError, Delivery, EventStore, Generation, ProjectionStoreError,
        StoredGeneration,
    },
};

/// A worker that is moved by hand. It opens, follows, delivers and keeps as one that runs does; only when, is said by
/// whoever has it. Dropping it is a crash.
pub struct ByHand(Worker);

impl ByHand {
    /// A worker of a process of its own.
    pub fn new(ready: Runnable, store: Arc<dyn EventStore>) -> Self {
        let tools = Tools::default();
        let holder = tools.holder();
        let settings = RunSettings::default();
        Self(Worker::new(ready.0, store, settings, (tools, holder)))
    }

    /// What it takes.
    pub fn definition(&self) -> &Definition {
        self.0.target.definition()
    }

    /// What is kept of the projection: how a start finds it.
    ///
    /// # Errors
    ///
    /// Why it cannot start, in words.
    pub async fn open(&self) -> Result<StoredGeneration, String> {
        let opened = self.0.open(None).await.map_err(|halt| told(&halt))?;
        opened
            .live
            .ok_or_else(|| "what is kept is of another version".to_owned())
    }

    /// Begins anew in place of what is there.
    ///
    /// # Errors
    ///
    /// [`CommandError`], as a reset is refused.
    pub async fn reset(&self) -> Result<StoredGeneration, CommandError> {
        if let Some(refusal) = self.0.no_reset() {
            return Err(refusal);
        }
        self.0.begin_again(None).await
    }

    /// Begins a rebuild beside what is there.
    ///
    /// # Errors
    ///
    /// [`CommandError`], as a rebuild is refused.
    pub async fn rebuild(&self) -> Result<StoredGeneration, CommandError> {
        if let Some(refusal) = self.0.no_rebuild() {
            return Err(refusal);
        }
        self.0.no_build().await?;
        let begun = self.0.begin_beside(None).await;
        begun.map_err(|error| self.kept(error))
    }

    /// Makes a build what is read.
    ///
    /// # Errors
    ///
    /// [`ProjectionStoreError`], as the store refuses it.
    pub async fn switch_to(&self, generation: Generation) -> Result<(), ProjectionStoreError> {
        let name = self.definition().name();
        let keeper = self.0.target.keeper();
        keeper.switch_to(name, generation, None).await?;
        self.0.target.switched(generation);
        Ok(())
    }

    /// What waits behind the checkpoint of a build, up to the head of the store.
    ///
    /// # Errors
    ///
    /// Why it cannot be followed, in words.
    pub async fn waiting(&self, build: &StoredGeneration) -> Result<Vec<Recorded>, String> {
        let track = self.0.track(build).await;
        let mut track = track.map_err(|halt| told(&halt))?;
        let mut events = Vec::new();
        loop {
            match track.subscription.next().await {
                Ok(Delivery::Event(event)) => events.push(event),
                Ok(Delivery::CaughtUp) => return Ok(events),
                Ok(Delivery::Checkpoint(_) | Delivery::FellBehind) => {}
                Err(error) => return Err(told_of(&error)),
            }
        }
    }

    /// Delivers a batch, and moves the checkpoint of the build behind it.
    ///
    /// # Errors
    ///
    /// [`AdvanceError`], as for one that runs; the checkpoint is where it was.
    pub async fn deliver(
        &self,
        build: &mut StoredGeneration,
        batch: &[Recorded],
    ) -> Result<(), AdvanceError> {
        let advance = self.advance(build, batch);
        let target = &self.0.target;
        target.deliver(batch, &advance, &|| true).await?;
        let to = advance.to;
        if !target.advances() {
            target.keeper().advance(advance).await?;
        }
        build.checkpoint = to;
        Ok(())
    }

    /// Delivers a batch up to where the checkpoint would move, and does not move it: what a crash leaves.
    ///
    /// # Errors
    ///
    /// [`AdvanceError`], as for one that runs.
    ///
    /// # Panics
    ///
    /// Where the two are one step.
    pub async fn deliver_only(
        &self,
        build: &StoredGeneration,
        batch: &[Recorded],
    ) -> Result<(), AdvanceError> {
        assert!(!self.0.target.advances(), "nothing is between the two");
        let advance = self.advance(build, batch);
        let delivered = self.0.target.deliver(batch, &advance, &|| true).await;
        delivered.map(drop)
    }

    fn advance(&self, build: &StoredGeneration, batch: &[Recorded]) -> Advance {
        let last = batch.last().map(|event| event.position);
        let to = last.or(build.checkpoint);
        let name = self.definition().name().clone();
        Advance::new(name, build.generation, (build.checkpoint, to))
    }

    fn kept(&self, source: ProjectionStoreError) -> CommandError {
        let name = self.definition().name().clone();
        CommandError::Kept { name, source }
    }
}

impl Worker {
    /// Why it is not begun anew, where it never is.
    pub(super) fn no_reset(&self) -> Option<CommandError> {
        let name = self.shared.name.clone();
        let is_reaction = self.target.kind() == ProjectionKind::Reaction;
        is_reaction.then_some(CommandError::Reaction { name })
    }

    /// Why nothing is built beside what is there, where it never is.
    pub(super) fn no_rebuild(&self) -> Option<CommandError> {
        let name = self.shared.name.clone();
        match self.target.kind() {
            ProjectionKind::Reaction => Some(CommandError::Reaction { name }),
            ProjectionKind::AtLeastOnce => Some(CommandError::NotBeside { name }),
            _ => None,
        }
    }
}

fn told(halt: &Halt) -> String {
    match halt {
        Halt::Passing(why) => why.clone(),
        Halt::Stop(reason) => told_of(reason),
        Halt::Asked | Halt::Lost => "another one has moved it".to_owned(),
    }
}

impl fmt::Debug for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ByHand")
            .field(self.definition().name())
            .finish()
    }
}
