//! How the engine comes by a state: from the cache, from a snapshot, from the beginning; and then by the events behind it.

use crate::{
    repository::{
        AsOf, LoadError, Origin,
        cache::Entry,
        engine::{Engine, Running},
        fold::{At, Copy, Replay},
        restore::{Base, Behind},
    },
    signal,
    stream::{StreamId, Version},
};

impl Engine {
    /// The state as it is, or as it was.
    pub(super) async fn load(
        &self,
        stream: &StreamId,
        as_of: Option<AsOf>,
        state: &mut dyn Replay,
    ) -> Result<At, LoadError> {
        let (to_version, occurred_to) = match as_of {
            None => return self.newest(stream, state).await,
            Some(AsOf::Version(version)) => (Some(version), None),
            Some(AsOf::Occurred(time)) => (None, Some(time)),
            // The store's clock never falls along a stream, so a time is a version.
            Some(AsOf::Recorded(time)) => {
                let Some(version) = self.recorded_by(stream, time).await? else {
                    self.refuse_trimmed(stream, None).await?;
                    state.begin();
                    let is_living = state.is_living();
                    return Ok(At {
                        is_living,
                        ..At::BEGINNING
                    });
                };
                (Some(version), None)
            }
        };
        let at = self.load_to(stream, state, to_version, occurred_to).await?;
        if let Some(AsOf::Version(asked)) = as_of
            && at.version() != Some(asked)
        {
            let (stream, last) = (stream.clone(), at.version());
            return Err(LoadError::NoSuchVersion {
                stream,
                asked,
                last,
            });
        }
        Ok(at)
    }

    /// The state for a command: as it was last seen, where it is in the cache. Says whether the store was asked.
    pub(super) async fn seen(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
    ) -> Result<(At, bool), LoadError> {
        match self.cached(stream, state) {
            Some(at) => Ok((at, false)),
            // Boxed: a command on a cached state needs no room for it.
            None => Ok((Box::pin(self.anew(stream, state)).await?, true)),
        }
    }

    /// The state as it is now.
    pub(super) async fn newest(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
    ) -> Result<At, LoadError> {
        if let Some(at) = self.cached(stream, state) {
            return self.catch_up(stream, state, at).await;
        }
        self.anew(stream, state).await
    }

    /// The state as it is now, where the cache does not have it.
    async fn anew(&self, stream: &StreamId, state: &mut dyn Replay) -> Result<At, LoadError> {
        let at = self.load_to(stream, state, None, None).await?;
        Ok(self.loaded(stream, at, state))
    }

    /// Brings a state that was seen before up to now. It is folded anew only where it is not at hand, or the store has
    /// another history.
    pub(super) fn catch_up<'a>(
        &'a self,
        stream: &'a StreamId,
        state: &'a mut dyn Replay,
        at: At,
    ) -> Running<'a, Result<At, LoadError>> {
        Box::pin(async move {
            let base = Base {
                at,
                to_version: None,
                occurred_to: None,
            };
            if at.last.is_some() {
                let span = signal::catch_up(stream);
                match signal::within(&span, self.behind(stream, state, base)).await {
                    Ok(Behind::Folded(newer)) => {
                        signal::caught_up(&span, stream, &at, &newer);
                        return Ok(self.loaded(stream, newer, state));
                    }
                    // Where it was trimmed in the meantime, a snapshot stands for what is gone.
                    Ok(Behind::NotThere { .. }) | Err(LoadError::Trimmed { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            self.forget(stream);
            self.anew(stream, state).await
        })
    }

    fn cached(&self, stream: &StreamId, state: &mut dyn Replay) -> Option<At> {
        let cache = self.cache.as_ref()?;
        let entry = cache.get(stream);
        signal::cache_asked(stream, entry.as_ref().and_then(|entry| entry.at.version()));
        let Entry { state: kept, at } = entry?;
        let version = at.version()?;
        state.adopt(kept).then_some(At {
            origin: Origin::Cache(version),
            read: 0,
            replayed: 0,
            ..at
        })
    }

    /// What is kept of a state that was read.
    pub(super) fn loaded(&self, stream: &StreamId, mut at: At, state: &mut dyn Replay) -> At {
        self.consider_snapshot(stream, &mut at, state, false);
        self.keep(stream, at, state);
        at
    }

    /// Puts a state into the cache.
    pub(super) fn keep(&self, stream: &StreamId, at: At, state: &mut dyn Replay) {
        if let Some(cache) = &self.cache
            && at.is_begun
            && let Some(state) = state.share()
        {
            cache.put(stream, Entry { state, at });
        }
    }

    /// Lets the cache go of a state.
    pub(super) fn forget(&self, stream: &StreamId) {
        if let Some(cache) = &self.cache {
            cache.remove(stream);
        }
    }

    /// Takes a snapshot where the policy says so.
    pub(super) fn consider_snapshot(
        &self,
        stream: &StreamId,
        at: &mut At,
        state: &mut dyn Replay,
        is_saved: bool,
    ) {
        let Some(snapshots) = &self.snapshots else {
            return;
        };
        let now = self.clock.now();
        // How many are kept of another type, and when they are taken, is not for this repository to say.
        if !snapshots.form.is_of(stream) || !snapshots.is_due(at, is_saved, now) {
            return;
        }
        // One that is left out is due again with the next save.
        if let Some(shared) = state.share()
            && snapshots.take((&self.store, &*self.spawner), stream, at, shared, now)
        {
            at.snapshot = at.version().map(|version| (version, now));
            at.replayed = 0;
            at.strange = None;
        }
    }

    /// How a state is copied that others hold.
    pub(super) fn copy(&self) -> Option<Copy> {
        self.cache.as_ref().map(|cache| cache.copy)
    }

    /// Makes the state of this version one that can be folded into. The cache lets go of it first, so that it need not be
    /// copied; a later one stays there, and one that is not at hand is not the cache's.
    pub(super) fn own(
        &self,
        stream: &StreamId,
        version: Option<Version>,
        state: &mut dyn Replay,
    ) -> bool {
        if let Some(cache) = &self.cache
            && state.is_living()
        {
            cache.remove_to(stream, version);
        }
        state.own(self.copy())
    }

    /// The same after an append to where the state stood. What is kept is older now, or of another history.
    pub(super) fn own_appended(&self, stream: &StreamId, state: &mut dyn Replay) -> bool {
        self.forget(stream);
        state.own(self.copy())
    }
}
