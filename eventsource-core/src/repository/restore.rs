//! How a state comes out of the store: from a snapshot, or from before the first event, and by the events behind it.

use crate::{
    record::Recorded,
    repository::{
        LoadError, Origin, SnapshotMiss,
        engine::Engine,
        fold::{At, Folding, Replay},
        form::Form,
    },
    signal,
    store::{
        Capability, EventStream, Page, Read, ReadError, SnapshotQuery, StoredSnapshot, Unsupported,
    },
    stream::{StreamId, Version},
    time::Timestamp,
};

/// A state that stands somewhere in its stream, and what is to be read behind it.
pub(super) struct Base {
    pub(super) at: At,
    /// The last event that is wanted.
    pub(super) to_version: Option<Version>,
    pub(super) occurred_to: Option<Timestamp>,
}

/// Whether what was read is the history of the state.
pub(super) enum Behind {
    Folded(At),
    /// The event with which the state ends is not there, or another one is in its place.
    NotThere {
        is_ahead: bool,
    },
}

impl Engine {
    /// The state up to a bound, from the nearest snapshot below it or from the beginning.
    pub(super) async fn load_to(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<At, LoadError> {
        let span = signal::load(stream);
        let loading = self.load_from_store(stream, state, to_version, occurred_to);
        let loaded = signal::within(&span, loading).await;
        signal::loaded(&span, stream, &loaded);
        loaded
    }

    async fn load_from_store(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<At, LoadError> {
        let mut refused: Option<(Option<Version>, LoadError)> = None;
        loop {
            let found = if self.snapshots.is_some() {
                let form = self.form(stream, state);
                let finding = self.find_snapshot(form, stream, to_version, occurred_to);
                Box::pin(finding).await?
            } else {
                None
            };
            let version = match &found {
                Some(Ok(snapshot)) => Some(snapshot.version),
                _ => None,
            };
            // Where the stream was trimmed in the meantime, there is a newer snapshot, too.
            if let Some((before, error)) = refused.take()
                && version <= before
            {
                return Err(error);
            }
            let bounds = (to_version, occurred_to);
            match self.load_from(stream, state, found, bounds).await {
                Err(error @ LoadError::Trimmed { .. }) => refused = Some((version, error)),
                loaded => return loaded,
            }
        }
    }

    async fn load_from(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        found: Option<Result<StoredSnapshot, SnapshotMiss>>,
        (to_version, occurred_to): (Option<Version>, Option<Timestamp>),
    ) -> Result<At, LoadError> {
        let (mut missed, mut seen) = (None, None);
        if let Some(snapshot) = found {
            seen = snapshot.as_ref().ok().map(|it| (it.version, it.event));
            let begun = self.begin_at_snapshot(stream, state, snapshot, to_version, occurred_to);
            match Box::pin(begun).await? {
                Ok(at) => return Ok(at),
                Err(miss) => missed = Some(miss),
            }
        }
        if self.snapshots.is_some() {
            signal::snapshot_missed(stream, missed.as_ref());
        }
        state.begin();
        let strange = match missed {
            Some(SnapshotMiss::Ahead { .. } | SnapshotMiss::OtherHistory { .. }) => seen,
            _ => None,
        };
        let base = Base {
            at: At::BEGINNING,
            to_version,
            occurred_to,
        };
        let at = self.begin_at_first(stream, state, base, missed).await?;
        Ok(At { strange, ..at })
    }

    /// How the snapshots of a stream are written, where this repository uses any. In a decision over two aggregates the
    /// other one may be of another type, and have snapshots of its own repository.
    pub(super) fn form(&self, stream: &StreamId, state: &dyn Replay) -> Option<Form> {
        let own = self.snapshots.as_ref()?.form;
        if own.is_of(stream) {
            Some(own)
        } else {
            state.form()
        }
    }

    pub(super) async fn find_snapshot(
        &self,
        form: Option<Form>,
        stream: &StreamId,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<Option<Result<StoredSnapshot, SnapshotMiss>>, LoadError> {
        let Some(form) = form else {
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
            ..SnapshotQuery::newest(stream.clone(), form.fingerprint)
        };
        Ok(match snapshots.find_snapshot(&query).await {
            Ok(found) => found.map(Ok),
            Err(error) => Some(Err(SnapshotMiss::Store(error))),
        })
    }

    /// The state from a snapshot, or why it is not used.
    pub(super) async fn begin_at_snapshot(
        &self,
        stream: &StreamId,
        state: &mut dyn Replay,
        found: Result<StoredSnapshot, SnapshotMiss>,
        to_version: Option<Version>,
        occurred_to: Option<Timestamp>,
    ) -> Result<Result<At, SnapshotMiss>, LoadError> {
        let form = self.form(stream, state);
        let opened = found.and_then(|snapshot| match (&self.snapshots, form) {
            (Some(own), Some(form)) => Ok((own.open(form, &snapshot)?, snapshot)),
            _ => Err(SnapshotMiss::Damaged {
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
        let is_ahead = match self.behind(stream, state, base).await? {
            Behind::Folded(at) => {
                signal::snapshot_used(stream, version);
                return Ok(Ok(at));
            }
            Behind::NotThere { is_ahead } => is_ahead,
        };
        let first = self.first_version(stream).await?;
        Ok(Err(match is_ahead {
            _ if first > Some(version) => SnapshotMiss::Trimmed { version },
            true => SnapshotMiss::Ahead { version },
            false => SnapshotMiss::OtherHistory { version },
        }))
    }

    /// Folds what comes behind a state. The last event that is in it is read once more, to see that it is still there.
    pub(super) async fn behind(
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
        if !self.own(stream, at.version(), state) {
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

    async fn begin_at_first(
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
            let page = match next_page(stream, &mut events).await {
                Err(LoadError::Trimmed { stream, first, .. }) => {
                    return Err(LoadError::Trimmed {
                        stream,
                        first,
                        missed: missed.map(Box::new),
                    });
                }
                page => page?,
            };
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
    pub(super) async fn refuse_trimmed(
        &self,
        stream: &StreamId,
        missed: Option<SnapshotMiss>,
    ) -> Result<(), LoadError> {
        match self.first_version(stream).await? {
            None | Some(Version::FIRST) => Ok(()),
            Some(first) => Err(LoadError::Trimmed {
                stream: stream.clone(),
                first,
                missed: missed.map(Box::new),
            }),
        }
    }

    /// The version of the first event that is left of a stream; nothing where no event can be gone.
    async fn first_version(&self, stream: &StreamId) -> Result<Option<Version>, LoadError> {
        let Some(trims) = self.store.trims() else {
            return Ok(None);
        };
        let first = trims.first_version(stream).await;
        first.map_err(|source| LoadError::read(stream, source))
    }

    fn events(&self, stream: &StreamId, from: Option<Version>, base: &Base) -> EventStream {
        let mut read = Read::stream(stream.clone());
        read.from_version = from;
        read.to_version = base.to_version;
        read.occurred_to = base.occurred_to;
        self.store.read(read)
    }

    pub(super) async fn recorded_by(
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
