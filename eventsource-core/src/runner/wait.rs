//! Reading one's own writes.

use std::{pin::pin, time::Duration};

use crate::{
    runner::{
        ProjectionKind, ProjectionState, StopReason, WaitError,
        handle::{One, RunnerHandle},
        select::{Either, either, or_never},
        shared::{Board, Standing},
    },
    store::{Parked, ParkedQuery, ProjectionStoreError, Receipt},
    stream::{Position, StreamId},
};

/// How often it is looked at what another process has kept.
const LOOK: Duration = Duration::from_millis(100);

impl RunnerHandle {
    /// Waits until every projection that runs here has passed what was appended, whether it lists those events or not:
    /// whatever they have made of it can be read then. Reactions are not waited for, since nothing is read of them.
    ///
    /// Where another process has the lease of one, it is looked ten times a second at what that one has kept.
    ///
    /// Cancel safe: dropping the future changes nothing. A paused projection is waited for like one that is behind.
    ///
    /// # Errors
    ///
    /// [`WaitError`]: at once when a projection has stopped, or has parked a stream of the receipt, and otherwise after
    /// `timeout`.
    pub async fn wait_for(&self, receipt: &Receipt, timeout: Duration) -> Result<(), WaitError> {
        let read = |one: &&One| one.shared.kind != ProjectionKind::Reaction;
        let all = self.all().iter().filter(read);
        self.wait(all, receipt, timeout).await
    }

    /// The same for one projection or reaction by its name.
    ///
    /// # Errors
    ///
    /// [`WaitError`], also when no projection of this name runs here.
    pub async fn wait_for_one(
        &self,
        name: &str,
        receipt: &Receipt,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let one = self.find(name);
        let one = one.ok_or_else(|| WaitError::UnknownName { name: name.into() })?;
        self.wait([one].into_iter(), receipt, timeout).await
    }

    async fn wait<'a>(
        &'a self,
        all: impl Iterator<Item = &'a One> + Send,
        receipt: &Receipt,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let Some(position) = receipt.position() else {
            return Ok(());
        };
        let mut over = pin!(self.tools().sleep(timeout));
        for one in all {
            let waiting = pin!(self.passes(one, receipt, position));
            // What is passed already is passed, also without any time.
            match either(waiting, over.as_mut()).await {
                Either::First(passed) => passed?,
                Either::Second(()) => {
                    let at = |board: &Board| board.live.or(board.elsewhere)?.position;
                    return Err(WaitError::TimedOut {
                        name: one.shared.name.clone(),
                        position,
                        at: one.shared.look(at),
                        timeout,
                    });
                }
            }
        }
        Ok(())
    }

    /// Waits until a projection has passed a position.
    async fn passes(
        &self,
        one: &One,
        receipt: &Receipt,
        position: Position,
    ) -> Result<(), WaitError> {
        loop {
            // Listening comes before looking, so that no change in between is missed.
            let changed = one.shared.changed();
            let (state, here) = one.shared.look(|board| (board.state.clone(), board.live));
            if let ProjectionState::Stopped(reason) = state {
                return Err(stopped(one, reason));
            }
            let is_elsewhere = matches!(state, ProjectionState::WaitingForLease { .. });
            let live = if is_elsewhere { kept(one).await? } else { here };
            let mut looks_again = is_elsewhere;
            if let Some(live) = live {
                match is_parked(one, receipt, live).await {
                    Ok(Some(stream)) => {
                        let name = one.shared.name.clone();
                        return Err(WaitError::Parked { name, stream });
                    }
                    Ok(None) if live.position >= Some(position) => return Ok(()),
                    Ok(None) => {}
                    // Another build is read by now, or the store cannot say.
                    Err(error) if is_passing(&error) => looks_again = true,
                    Err(source) => return Err(unreadable(one, source)),
                }
            }
            let look = looks_again.then(|| self.tools().sleep(LOOK));
            either(changed, or_never(look)).await;
        }
    }
}

fn stopped(one: &One, reason: StopReason) -> WaitError {
    let name = one.shared.name.clone();
    WaitError::Stopped { name, reason }
}

fn unreadable(one: &One, source: ProjectionStoreError) -> WaitError {
    let name = one.shared.name.clone();
    WaitError::Kept { name, source }
}

/// Whether what failed may be looked at again.
fn is_passing(error: &ProjectionStoreError) -> bool {
    error.is_transient() || matches!(error, ProjectionStoreError::NoGeneration { .. })
}

/// Where the build stands that is read, as it is kept.
async fn kept(one: &One) -> Result<Option<Standing>, WaitError> {
    match one.kept().await {
        Ok(live) => Ok(live),
        Err(error) if is_passing(&error) => Ok(None),
        Err(source) => Err(unreadable(one, source)),
    }
}

/// The stream of which an event of a receipt is parked, or waits behind one that is.
async fn is_parked(
    one: &One,
    receipt: &Receipt,
    live: Standing,
) -> Result<Option<StreamId>, ProjectionStoreError> {
    if live.parked == 0 {
        return Ok(None);
    }
    let (keeper, name) = (one.keeper(), &one.shared.name);
    for part in &receipt.streams {
        let query = ParkedQuery::first(1).of(part.stream.clone());
        let parked = keeper.parked(name, live.generation, query).await?;
        let is_part = |first: &Parked| first.position <= part.last_position;
        if parked.first().is_some_and(is_part) {
            return Ok(Some(part.stream.clone()));
        }
    }
    Ok(None)
}
