//! How the engine comes by a state: from the cache, from a snapshot, from the beginning; and then by the events behind it.

use crate::{
    record::Recorded,
    repository::{
        AsOf, LoadError, Origin, SnapshotMiss,
        cache::Entry,
        engine::Engine,
        fold::{At, Copy, Folding, Replay},
    },
    signal,
    store::{
        Capability, EventStream, Page, Read, ReadError, SnapshotQuery, StoredSnapshot, Unsupported,
    },
    stream::{StreamId, Version},
    time::Timestamp,
};

/// A state that stands somewhere in its stream, and what is to be read behind it.
struct Base {
    at: At,
    /// The last event that is wanted.
    to_version: Option<Version>,
    occurred_to: Option<Timestamp>,
}

/// Whether what was read is the history of the state.
enum Behind {
    Folded(At),
    /// The event with which the state ends is not there, or another one is in its place.
    NotThere {
        is_ahead: bool,
    },
}

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
            Some(AsOf::Recorded(time)) => match self.recorded_by(stream, time).await? {
                Some(version) => (Some(version), None),
                None => {
                    self.refuse_trimmed(stream, None).await?;
                    state.begin();
                    let is_living = state.is_living();
                    return Ok(At {
                        is_living,
                        ..At::BEGINNING
                    });
                }
            },
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
            None => Ok((self.newest(stream, state).await?, true)),
        }
    }

    /// The state as it is now.
    async fn newest(&self, stream: &StreamId, state: &mut dyn Replay) -> Result<At, LoadError> {
        if let Some(at) = self.cached(stream, state) {
            return self.catch_up(stream, state, at).await;
        }
        let at = self.load_to(stream, state, None, None).await?;
        self.loaded(stream, at, state)
    }

    /// Brings a state that was seen before up to now. It is folded anew only where it is not at hand, or the store has
    /// another history.
    pub(super) async fn catch_up(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        at: At,
    ) -> Result<At, LoadError> {
        let base = Base {
            at,
            to_version: None,
            occurred_to: None,
        };
        if at.last.is_some()
            && let span = signal::catch_up(stream)
            && let Behind::Folded(newer) =
                signal::within(&span, self.behind(stream, state, base)).await?
        {
            signal::caught_up(&span, stream, &at, &newer);
            return self.loaded(stream, newer, state);
        }
        if let Some(cache) = &self.cache {
            cache.remove(stream);
        }
        let at = self.load_to(stream, state, None, None).await?;
        self.loaded(stream, at, state)
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
    fn loaded(
        &self,
        stream: &StreamId,
        mut at: At,
        state: &mut dyn Replay,
    ) -> Result<At, LoadError> {
        self.consider_snapshot(stream, &mut at, state, false);
        self.keep(stream, at, state);
        Ok(at)
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
        if !snapshots.is_due(at, is_saved, now) {
            return;
        }
        if let Some(shared) = state.share() {
            snapshots.take((&self.store, &*self.spawner), stream, at, shared, now);
            at.snapshot = at.version().map(|version| (version, now));
        }
    }

    /// The state up to a bound, from the nearest snapshot below it or from the beginning.
    async fn load_to(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<At, LoadError> {
        let loading = self.load_from_store(stream, state, to_version, occurred_to);
        signal::load(stream, loading).await
    }

    async fn load_from_store(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<At, LoadError> {
        let mut missed = None;
        if let Some(snapshot) = self.find_snapshot(stream, to_version, occurred_to).await? {
            match self
                .from_snapshot(stream, state, snapshot, to_version, occurred_to)
                .await?
            {
                Ok(at) => return Ok(at),
                Err(miss) => missed = Some(miss),
            }
        }
        if self.snapshots.is_some() {
            signal::snapshot_missed(stream, missed.as_ref());
        }
        state.begin();
        let base = Base {
            at: At::BEGINNING,
            to_version,
            occurred_to,
        };
        self.from_beginning(stream, state, base, missed).await
    }

    async fn find_snapshot(
        &self,
        stream: &StreamId,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<Option<Result<StoredSnapshot, SnapshotMiss>>, LoadError> {
        let Some(own) = &self.snapshots else {
            return Ok(None);
        };
        let Some(snapshots) = self.store.snapshots() else {
            return Err(LoadError::Unsupported(Unsupported {
                capability: Capability::Snapshots,
            }));
        };
        let query = SnapshotQuery {
            to_version,
            occurred_to,
            ..SnapshotQuery::newest(stream.clone(), own.form.fingerprint)
        };
        Ok(match snapshots.find_snapshot(&query).await {
            Ok(found) => found.map(Ok),
            Err(error) => Some(Err(SnapshotMiss::Store(error))),
        })
    }

    /// The state from a snapshot, or why it is not used.
    async fn from_snapshot(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        found: Result<StoredSnapshot, SnapshotMiss>,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<Result<At, SnapshotMiss>, LoadError> {
        let opened = found.and_then(|snapshot| match &self.snapshots {
            Some(own) => Ok((own.open(&snapshot)?, snapshot)),
            None => Err(SnapshotMiss::Damaged {
                version: snapshot.version,
            }),
        });
        let (kept, snapshot) = match opened {
            Ok(opened) => opened,
            Err(miss) => return Ok(Err(miss)),
        };
        let version = snapshot.version;
        if snapshot.stream != *stream || !state.adopt(kept) {
            return Ok(Err(SnapshotMiss::Damaged { version }));
        }
        let at = At {
            last: Some((version, snapshot.event)),
            is_begun: true,
            is_living: true,
            occurred_to: snapshot.occurred_to,
            origin: Origin::Snapshot(version),
            snapshot: Some((version, snapshot.taken_at)),
            ..At::BEGINNING
        };
        let base = Base {
            at,
            to_version,
            occurred_to,
        };
        Ok(match self.behind(stream, state, base).await? {
            Behind::Folded(at) => {
                signal::snapshot_used(stream, version);
                Ok(at)
            }
            Behind::NotThere { is_ahead: true } => Err(SnapshotMiss::Ahead { version }),
            Behind::NotThere { is_ahead: false } => Err(SnapshotMiss::OtherHistory { version }),
        })
    }

    /// Folds what comes behind a state. The last event that is in it is read once more, to see that it is still there.
    async fn behind(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        base: Base,
    ) -> Result<Behind, LoadError> {
        let Some((version, id)) = base.at.last else {
            return Ok(Behind::NotThere { is_ahead: false });
        };
        let mut events = self.events(stream, Some(version), &base);
        let first = next_page(stream, &mut events).await?;
        let Some((anchor, rest)) = first.split_first() else {
            return Ok(Behind::NotThere { is_ahead: true });
        };
        if anchor.version != version || anchor.id != id {
            let is_ahead = anchor.version < version;
            return Ok(Behind::NotThere { is_ahead });
        }
        let mut at = At {
            read: base.at.read + first.len() as u64,
            ..base.at
        };
        // Where nothing is behind it, the state may stay with who else holds it.
        if rest.is_empty() {
            let page = next_page(stream, &mut events).await?;
            if page.is_empty() {
                return Ok(Behind::Folded(at));
            }
            at.read += page.len() as u64;
            return self
                .fold_rest(stream, state, at, &base, (&page, events))
                .await;
        }
        self.fold_rest(stream, state, at, &base, (rest, events))
            .await
    }

    async fn fold_rest(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        at: At,
        base: &Base,
        (first, mut events): (&[Recorded], EventStream),
    ) -> Result<Behind, LoadError> {
        if !self.own(stream, state) {
            return Ok(Behind::NotThere { is_ahead: false });
        }
        let mut folding = Folding::on(stream, state, at, base.occurred_to.is_none());
        if folding.page(first)? {
            loop {
                let page = next_page(stream, &mut events).await?;
                folding.at.read += page.len() as u64;
                if page.is_empty() || !folding.page(&page)? {
                    break;
                }
            }
        }
        Ok(Behind::Folded(folding.end()))
    }

    /// How a state is copied that others hold.
    pub(super) fn copy(&self) -> Option<Copy> {
        self.cache.as_ref().map(|cache| cache.copy)
    }

    /// Makes the state one that can be folded into. The cache lets go of it first, so that it need not be copied.
    pub(super) fn own(&self, stream: &StreamId, state: &mut dyn Replay) -> bool {
        if let Some(cache) = &self.cache {
            cache.remove(stream);
        }
        state.own(self.copy())
    }

    async fn from_beginning(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        base: Base,
        mut missed: Option<SnapshotMiss>,
    ) -> Result<At, LoadError> {
        let mut events = self.events(stream, None, &base);
        let mut folding = Folding::on(stream, state, base.at, base.occurred_to.is_none());
        let mut is_first = true;
        loop {
            let page = next_page(stream, &mut events).await?;
            folding.at.read += page.len() as u64;
            // A trimmed stream has no beginning, and a part of a state is none.
            let may_be_trimmed = match page.first() {
                Some(first) => first.version != Version::FIRST,
                // The last event of a stream is always kept, so without a bound there was never one.
                None => base.to_version.is_some() || base.occurred_to.is_some(),
            };
            if is_first && may_be_trimmed {
                self.refuse_trimmed(stream, missed.take()).await?;
            }
            is_first = false;
            if page.is_empty() || !folding.page(&page)? {
                break;
            }
        }
        Ok(folding.end())
    }

    /// Fails where the first events of a stream are gone.
    async fn refuse_trimmed(
        &self,
        stream: &StreamId,
        missed: Option<SnapshotMiss>,
    ) -> Result<(), LoadError> {
        let Some(trims) = self.store.trims() else {
            return Ok(());
        };
        let first = trims.first_version(stream).await;
        match first.map_err(|source| LoadError::read(stream, source))? {
            None | Some(Version::FIRST) => Ok(()),
            Some(first) => Err(LoadError::Trimmed {
                stream: stream.clone(),
                first,
                missed: missed.map(Box::new),
            }),
        }
    }

    fn events(&self, stream: &StreamId, from: Option<Version>, base: &Base) -> EventStream {
        let mut read = Read::stream(stream.clone());
        read.from_version = from;
        read.to_version = base.to_version;
        read.occurred_to = base.occurred_to;
        self.store.read(read)
    }

    async fn recorded_by(
        &self,
        stream: &StreamId,
        time: Timestamp,
    ) -> Result<Option<Version>, LoadError> {
        let read = Read::stream(stream.clone()).recorded_to(time);
        let mut events = self.store.read(read.backward().limit(1));
        let page = next_page(stream, &mut events).await?;
        Ok(page.first().map(|last| last.version))
    }
}

/// The next events of a stream; none where it ends, or has never begun.
async fn next_page(stream: &StreamId, events: &mut EventStream) -> Result<Page, LoadError> {
    match events.next_page().await {
        Ok(page) => {
            signal::read(stream, page.len());
            Ok(page)
        }
        Err(ReadError::StreamNotFound { .. }) => Ok(Page::default()),
        Err(source) => Err(LoadError::read(stream, source)),
    }
}
