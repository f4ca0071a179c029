//! Building a read model beside the one that is read, and the switch.

use super::{
    Halt, Worker,
    active::{Active, Which},
    track::Track,
};
use crate::{
    runner::{
        CommandError, FailedEvent, OnFailure, RebuildProgress, StopReason, command::Reply,
        error::told_of, signal,
    },
    store::{Generation, ProjectionStoreError},
    stream::StreamId,
    text::ProjectionName,
};

type Answer = Result<(), CommandError>;

/// A rebuild that was asked for. It outlives troubles with the store.
pub(super) struct Asked {
    reply: Reply<Answer>,
    /// The build, where it is known that it was begun.
    generation: Option<Generation>,
    /// The event by which it ends. It may be gone before there was time to say so.
    ends_by: Option<Box<FailedEvent>>,
}

impl Asked {
    pub(super) fn fail(self, error: CommandError) {
        self.reply.give(Err(error));
    }

    /// Why it was not done, when the build is gone.
    fn why_gone(&self, name: ProjectionName) -> CommandError {
        match self.ends_by.clone() {
            Some(event) => CommandError::Failed { name, event },
            None => CommandError::Cancelled { name },
        }
    }
}

impl Worker {
    /// All builds are gone but one that has just begun.
    pub(super) fn forget_builds(&self) {
        self.jobs().unkept = None;
        self.forget_rebuild();
    }

    /// The build that is under way is gone.
    fn forget_rebuild(&self) {
        let asked = self.jobs().rebuild.take();
        if let Some(asked) = asked {
            let name = self.shared.name.clone();
            asked.fail(CommandError::Cancelled { name });
        }
    }

    /// What would be built would be without what was trimmed of a stream.
    pub(super) fn refuse_rebuild(&self, stream: StreamId) {
        let asked = self.jobs().rebuild.take();
        if let Some(asked) = asked {
            let name = self.shared.name.clone();
            asked.fail(CommandError::Trimmed { name, stream });
        }
    }

    /// An event could not be delivered to the build that is under way, and will not be tried again.
    pub(super) fn rebuild_ends_by(&self, event: &FailedEvent) {
        let is_torn = self.is_torn_by(&event.error);
        let ends = self.settings.on_failure == OnFailure::Stop || is_torn;
        if let Some(asked) = self.jobs().rebuild.as_mut().filter(|_| ends) {
            asked.ends_by = Some(Box::new(event.clone()));
        }
    }
}

impl Active<'_> {
    pub(super) fn progress(&self, track: &Track) -> RebuildProgress {
        RebuildProgress {
            generation: track.generation,
            from: track.from,
            to: None,
            position: track.position(),
            events_per_second: self.meter.rate(self.worker.tools.now()),
        }
    }

    /// Begins a rebuild, or says why not.
    pub(super) async fn rebuild(&mut self, reply: Reply<Answer>) -> Result<(), Halt> {
        let name = self.worker.shared.name.clone();
        let refusal = self.worker.no_rebuild().or_else(|| {
            let generation = self.next.as_ref()?.generation;
            Some(CommandError::Rebuilding { name, generation })
        });
        if let Some(refusal) = refusal {
            reply.give(Err(refusal));
            return Ok(());
        }
        self.worker.jobs().rebuild = Some(Asked {
            reply,
            generation: None,
            ends_by: None,
        });
        self.go_on_with_rebuild().await
    }

    /// Goes on with a rebuild that was asked for, wherever it was interrupted. Who asked for it is found by whoever ends it,
    /// also while this waits for the store.
    pub(super) async fn go_on_with_rebuild(&mut self) -> Result<(), Halt> {
        let worker = self.worker;
        let is = |track: &Option<Track>| track.as_ref().map(|track| track.generation);
        let (live, next) = (is(&self.live), is(&self.next));
        let known = match &mut worker.jobs().rebuild {
            Some(asked) => {
                asked.generation = asked.generation.or(next);
                asked.generation
            }
            None => return Ok(()),
        };
        match known {
            Some(_) if next.is_some() => {}
            Some(begun) => {
                if let Some(asked) = worker.jobs().rebuild.take() {
                    if live == Some(begun) {
                        asked.reply.give(Ok(()));
                    } else {
                        let why = asked.why_gone(worker.shared.name.clone());
                        asked.fail(why);
                    }
                }
            }
            None => {
                if let Some(stream) = worker.missing(None).await? {
                    worker.refuse_rebuild(stream);
                    return Ok(());
                }
                let begun = worker.begin_beside(self.fence).await?;
                if let Some(asked) = &mut worker.jobs().rebuild {
                    asked.generation = Some(begun.generation);
                }
                self.next = Some(worker.track(&begun).await?);
                self.publish();
            }
        }
        Ok(())
    }

    /// Ends a rebuild before it is done. What is read is as it was.
    pub(super) async fn cancel_rebuild(&mut self, reply: Reply<Answer>) -> Result<(), Halt> {
        let worker = self.worker;
        let name = worker.shared.name.clone();
        if self.live.is_none() {
            reply.give(Err(CommandError::Needed { name }));
            return Ok(());
        }
        let Some(generation) = self.next.as_ref().map(|next| next.generation) else {
            reply.give(Ok(()));
            return Ok(());
        };
        // Where nobody can say whether it is gone, it was this that has ended it.
        if let Some(asked) = &mut worker.jobs().rebuild {
            asked.ends_by = None;
        }
        worker.jobs().in_hand = Some(reply);
        let dropped = worker.drop_build(generation, self.fence).await;
        let (answer, done) = match dropped {
            Ok(()) => {
                self.next = None;
                self.publish();
                worker.forget_rebuild();
                (Ok(()), Ok(()))
            }
            Err(error) if error.is_transient() => {
                // It is looked at what is kept: what is there is gone on with.
                let halt = Halt::Passing(told_of(&error));
                let source = error;
                (Err(CommandError::Kept { name, source }), Err(halt))
            }
            // Nothing that was asked is done then, and that is told.
            Err(error) => return Err(error.into()),
        };
        let reply = worker.jobs().in_hand.take();
        if let Some(reply) = reply {
            reply.give(answer);
        }
        done
    }

    /// Switches to the build that has caught up, if it has.
    pub(super) async fn switch_when_ready(&mut self) -> Result<(), Halt> {
        let worker = self.worker;
        let Some(next) = &self.next else {
            return Ok(());
        };
        if !next.batch.is_empty() || next.pending.is_some() {
            return Ok(());
        }
        let has_caught_up = match &self.live {
            Some(live) => next.passed >= live.checkpoint,
            None => next.is_live,
        };
        if !has_caught_up {
            return Ok(());
        }
        if next.checkpoint < next.passed {
            self.keep_passed(Which::Next).await?;
        }
        // What was trimmed since it has begun it may have passed, or not.
        if let Some(stream) = worker.missing(None).await? {
            return self.trimmed_meanwhile(stream).await;
        }
        let Some(next) = self.next.take_if(|next| next.pending.is_none()) else {
            return Ok(());
        };
        let name = worker.target.definition().name();
        let switched = worker.target.keeper();
        let switched = switched.switch_to(name, next.generation, self.fence).await;
        match switched {
            Ok(()) => {}
            Err(ProjectionStoreError::Behind { .. }) => {
                self.next = Some(next);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        worker.target.switched(next.generation);
        signal::switched(&worker.shared, next.generation);
        self.live = Some(next);
        self.publish();
        if let Some(asked) = worker.jobs().rebuild.take() {
            asked.reply.give(Ok(()));
        }
        Ok(())
    }

    /// What was built may be without events that were trimmed meanwhile. A rebuild beside what is read ends by it, everything
    /// else stops.
    async fn trimmed_meanwhile(&mut self, stream: StreamId) -> Result<(), Halt> {
        if self.live.is_none() {
            return Err(Halt::Stop(StopReason::Trimmed { stream }));
        }
        if let Some(next) = &self.next {
            let (generation, fence) = (next.generation, self.fence);
            self.worker.end_without(generation, stream, fence).await?;
            self.next = None;
            self.publish();
        }
        Ok(())
    }

    /// An event cannot be delivered. A rebuild beside what is read ends by it, everything else stops.
    pub(super) async fn failed_for_good(
        &mut self,
        which: Which,
        event: FailedEvent,
    ) -> Result<(), Halt> {
        if which == Which::Live || self.live.is_none() {
            return Err(Halt::Stop(event.into()));
        }
        let worker = self.worker;
        if let Some(next) = self.next.take() {
            worker.drop_build(next.generation, self.fence).await?;
            self.publish();
        }
        if let Some(asked) = worker.jobs().rebuild.take() {
            let (name, event) = (worker.shared.name.clone(), Box::new(event));
            asked.fail(CommandError::Failed { name, event });
        }
        Ok(())
    }
}
