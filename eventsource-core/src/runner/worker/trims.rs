//! Whether what a read model is built of is still there.

use super::{Halt, Worker};
use crate::{
    runner::{CommandError, ProjectionKind, StopReason, error::told_of},
    store::{Fence, Generation, ReadError},
    stream::{Position, StreamId},
};

impl Worker {
    /// A stream of which events were trimmed that a build would be without which goes on behind this checkpoint. It is not
    /// asked where that is wanted, nor for a reaction: what it has not done by then is no part of a state.
    pub(super) async fn missing(
        &self,
        checkpoint: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        if self.settings.builds_despite_trims || self.target.kind() == ProjectionKind::Reaction {
            return Ok(None);
        }
        let Some(trims) = self.store.trims() else {
            return Ok(None);
        };
        // With a name that cannot be one there was never an event, and following it says so.
        let Ok(categories) = self.target.definition().categories() else {
            return Ok(None);
        };
        trims.trimmed_beyond(&categories, checkpoint).await
    }

    /// Stops where a build would be without what was trimmed.
    pub(super) async fn look_for_trims(&self, checkpoint: Option<Position>) -> Result<(), Halt> {
        match self.missing(checkpoint).await? {
            Some(stream) => Err(Halt::Stop(StopReason::Trimmed { stream })),
            None => Ok(()),
        }
    }

    /// Lets go of a build beside what is read, since it would be without what was trimmed of a stream.
    pub(super) async fn end_without(
        &self,
        generation: Generation,
        stream: StreamId,
        fence: Option<&Fence>,
    ) -> Result<(), Halt> {
        self.drop_build(generation, fence).await?;
        self.note(told_of(&StopReason::Trimmed {
            stream: stream.clone(),
        }));
        self.refuse_rebuild(stream);
        Ok(())
    }

    /// Why nothing is built from the first event on, where something of that is gone.
    pub(super) async fn no_build(&self) -> Result<(), CommandError> {
        let name = self.shared.name.clone();
        match self.missing(None).await {
            Ok(None) => Ok(()),
            Ok(Some(stream)) => Err(CommandError::Trimmed { name, stream }),
            Err(source) => Err(CommandError::Events { name, source }),
        }
    }
}
