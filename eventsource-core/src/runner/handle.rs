//! What is asked of projections that run.

use std::{fmt, sync::Arc};

use crate::{
    runner::{
        CommandError, ProjectionState, Replayed, StopReason,
        command::{Command, Reply, question},
        shared::{Board, Shared, Standing, Wanted},
        target::Target,
        tools::Tools,
    },
    store::{EventStore, ProjectionStore, ProjectionStoreError},
};

/// Projections and reactions that run. Clones are handles on the same; when the last one is dropped, all of them stop after
/// the batch in hand, and nobody waits for that: see [`stop`](Self::stop).
#[derive(Clone)]
pub struct RunnerHandle(Arc<Inner>);

struct Inner {
    store: Arc<dyn EventStore>,
    tools: Tools,
    all: Vec<One>,
}

/// One projection that runs.
pub(super) struct One {
    pub(super) shared: Arc<Shared>,
    target: Arc<dyn Target>,
}

impl One {
    pub(super) fn new(shared: Arc<Shared>, target: Arc<dyn Target>) -> Self {
        Self { shared, target }
    }

    pub(super) fn keeper(&self) -> &dyn ProjectionStore {
        self.target.keeper()
    }

    /// Where the build stands that is read, as it is kept.
    pub(super) async fn kept(&self) -> Result<Option<Standing>, ProjectionStoreError> {
        let stored = self.keeper().find_projection(&self.shared.name).await?;
        let live = stored.as_ref().and_then(|stored| stored.live());
        let live = live.map(Standing::of);
        self.shared.is_kept(live);
        Ok(live)
    }
}

impl RunnerHandle {
    pub(super) fn new(store: Arc<dyn EventStore>, tools: Tools, all: Vec<One>) -> Self {
        Self(Arc::new(Inner { store, tools, all }))
    }

    pub(super) fn store(&self) -> &Arc<dyn EventStore> {
        &self.0.store
    }

    pub(super) fn tools(&self) -> &Tools {
        &self.0.tools
    }

    pub(super) fn all(&self) -> &[One] {
        &self.0.all
    }

    pub(super) fn find(&self, name: &str) -> Option<&One> {
        self.all().iter().find(|one| one.shared.name == name)
    }

    fn named(&self, name: &str) -> Result<&One, CommandError> {
        let one = self.find(name);
        one.ok_or_else(|| CommandError::UnknownName { name: name.into() })
    }

    /// Stops everything after the batches in hand, gives the leases back, and returns when that is done. No checkpoint lies
    /// behind an event that was not handled. What was handled is kept once more, if it could not be kept so far; where the
    /// store fails then, too, it is delivered again at the next start, which is told as the last error.
    ///
    /// A handler that never ends holds this up for ever, since nobody can say what it has done: give what it waits for a time
    /// limit. Nothing is cut off by this call; what is cut off by dropping its runtime is delivered again.
    ///
    /// To stop twice is to stop once. Dropping the future stops all the same; nobody waits for it then.
    pub async fn stop(&self) {
        self.0.ask_to_stop();
        for one in self.all() {
            until(&one.shared, |board| board.ended).await;
        }
    }

    /// Pauses a projection after the batch in hand, and returns when it has. It goes on holding its lease, so that no other
    /// process goes on in its place. One that is paused or has stopped stays as it is.
    ///
    /// What was delivered and could not be kept yet is kept first, if the store can. Otherwise it is kept when the
    /// projection is resumed, and is not delivered again for that.
    ///
    /// Dropping the future pauses it all the same.
    ///
    /// # Errors
    ///
    /// [`CommandError::UnknownName`]; [`CommandError::Resumed`] when it was resumed meanwhile.
    pub async fn pause(&self, name: &str) -> Result<(), CommandError> {
        let one = self.named(name)?;
        one.shared.want(|wanted| match wanted {
            Wanted::Run => Wanted::Pause,
            other => other,
        });
        let rests = |board: &Board| {
            use ProjectionState::{Paused, Stopped};
            matches!(board.state, Paused | Stopped(_))
        };
        loop {
            let changed = one.shared.changed();
            // Before the state: one that rests then does so since it was to.
            let is_resumed = one.shared.wanted() == Wanted::Run;
            if one.shared.look(rests) {
                return Ok(());
            }
            if is_resumed {
                let name = one.shared.name.clone();
                return Err(CommandError::Resumed { name });
            }
            changed.await;
        }
    }

    /// Has a projection go on that is paused, or that has stopped for something which has been mended since. One that runs
    /// goes on running.
    ///
    /// # Errors
    ///
    /// [`CommandError::UnknownName`]; [`CommandError::Stopped`] for one that was stopped for good.
    pub fn resume(&self, name: &str) -> Result<(), CommandError> {
        let one = self.named(name)?;
        if one.shared.wanted() == Wanted::Stop {
            let (name, reason) = (one.shared.name.clone(), stopped(one));
            let reason = reason.unwrap_or(StopReason::Asked);
            return Err(CommandError::Stopped { name, reason });
        }
        one.shared.resume();
        Ok(())
    }

    /// Lets go of what a projection has built, and begins again with the first event, when it is resumed. It has to be
    /// paused, or have stopped.
    ///
    /// Until it has caught up, what is read is incomplete: [`rebuild`](Self::rebuild) avoids that. What is delivered to
    /// outside of the store is delivered again. A rebuild that is under way is let go of, too, and whoever waits for it is
    /// answered [`CommandError::Cancelled`].
    ///
    /// Where events that it takes were [trimmed](crate::TrimStore), it would be without them, and is refused; see
    /// [`with_builds_despite_trims`](crate::RunSettings::with_builds_despite_trims).
    ///
    /// Dropping the future does not take it back.
    ///
    /// # Errors
    ///
    /// [`CommandError`]: it runs; it is a reaction; another process has its lease; a later version of it is read, which newer
    /// code runs; events were trimmed; the store failed. What is read is as it was.
    pub async fn reset(&self, name: &str) -> Result<(), CommandError> {
        self.ask(name, Command::Reset).await
    }

    /// Builds a read model anew, beside the one that is read and goes on being kept up, switches to it in one step when it
    /// has caught up, and returns then. [`status`](Self::status) tells how far it is.
    ///
    /// Where events that it takes were [trimmed](crate::TrimStore), also while it is built, it would be without them, and is
    /// refused; see [`with_builds_despite_trims`](crate::RunSettings::with_builds_despite_trims). A build that a later version
    /// begins stops as [`StopReason::Trimmed`]. Where a read model is to be built anew one day, do not trim what it takes, or
    /// keep it in an event that stays.
    ///
    /// Dropping the future does not take it back. A rebuild that is interrupted, by a crash, too, is gone on with at the
    /// next start.
    ///
    /// # Errors
    ///
    /// [`CommandError`]: it does not run; it is a reaction, or delivered to at least once; a rebuild is under way; an event
    /// could not be delivered, or events were trimmed, and what is read is as it was; the rebuild was cancelled; another process has its lease; it
    /// has stopped; the store failed.
    pub async fn rebuild(&self, name: &str) -> Result<(), CommandError> {
        self.ask(name, Command::Rebuild).await
    }

    /// Lets go of a rebuild that is under way; what is read is as it was. Without one there is nothing to do. Whoever waits
    /// for the rebuild is answered [`CommandError::Cancelled`].
    ///
    /// Dropping the future does not take it back.
    ///
    /// # Errors
    ///
    /// [`CommandError`]: it does not run; the rebuild is what brings it to a later version; another process has its lease;
    /// the store failed, and the rebuild goes on if it is still there: ask again.
    pub async fn cancel_rebuild(&self, name: &str) -> Result<(), CommandError> {
        self.ask(name, Command::CancelRebuild).await
    }

    /// Delivers what is parked, stream by stream, each in its order. What fails again stays, with what follows it.
    ///
    /// New events of these streams go on being parked until everything before them is delivered, so that no event
    /// overtakes another one of its stream. Dropping the future does not take it back.
    ///
    /// # Errors
    ///
    /// [`CommandError`]: it does not run; it has stopped before it was done; the store failed.
    pub async fn replay_parked(&self, name: &str) -> Result<Replayed, CommandError> {
        self.ask(name, Command::Replay).await
    }

    async fn ask<T: Send>(
        &self,
        name: &str,
        command: impl FnOnce(Reply<Result<T, CommandError>>) -> Command + Send,
    ) -> Result<T, CommandError> {
        let one = self.named(name)?;
        let (reply, answer) = question();
        one.shared.ask(command(reply));
        answer.wait().await.unwrap_or_else(|| Err(gone(one)))
    }
}

/// Nobody has answered what was asked.
fn gone(one: &One) -> CommandError {
    let name = one.shared.name.clone();
    match stopped(one) {
        Some(reason) => CommandError::Stopped { name, reason },
        None => CommandError::Interrupted { name },
    }
}

/// Why it has stopped.
fn stopped(one: &One) -> Option<StopReason> {
    one.shared.look(|board| match &board.state {
        ProjectionState::Stopped(reason) => Some(reason.clone()),
        _ => None,
    })
}

/// Waits until what is known of a projection is as it is to be.
async fn until(shared: &Shared, is: impl Fn(&Board) -> bool + Send) {
    loop {
        let changed = shared.changed();
        if shared.look(&is) {
            return;
        }
        changed.await;
    }
}

impl Inner {
    fn ask_to_stop(&self) {
        for one in &self.all {
            one.shared.want(|_| Wanted::Stop);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

impl fmt::Debug for RunnerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.all().iter().map(|one| &one.shared.name);
        f.debug_list().entries(names).finish()
    }
}
