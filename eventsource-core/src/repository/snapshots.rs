//! The repository's side of snapshots: which one is used, and how one is taken beside the work.

use std::{
    any::Any,
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use event_listener::Event;

use crate::{
    id::EventId,
    repository::{
        fold::{At, Shared},
        form::Form,
        spawn::Spawner,
    },
    signal,
    snapshot::{Compression, Fingerprint, Moment, SnapshotCodecError, SnapshotPolicy},
    store::{
        EventStore, Keep, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore,
        StoredSnapshot,
    },
    stream::{StreamId, Version},
    time::Timestamp,
};

/// How many bytes a state may have that was compressed.
const LARGEST: usize = 1 << 30;

/// How many snapshots may be on their way at once. Beyond that one is left out, and said so.
const PENDING: usize = 1_024;

/// A snapshot is there and is not used. The state is then folded from the first event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotMiss {
    /// It was written by code that sees the state or its events otherwise.
    #[error(
        "the snapshot of version {version} has the fingerprint {found}, and this code has {expected}"
    )]
    Fingerprint {
        /// Its version.
        version: Version,
        /// Its fingerprint.
        found: Fingerprint,
        /// The fingerprint of this code.
        expected: Fingerprint,
    },
    /// It is not what was written.
    #[error("the snapshot of version {version} is damaged")]
    Damaged {
        /// Its version.
        version: Version,
    },
    /// It was compressed by something that this repository was not given.
    #[error(
        "the snapshot of version {version} is compressed by `{compression}`, which this repository does not have"
    )]
    Compression {
        /// Its version.
        version: Version,
        /// What compressed it.
        compression: String,
    },
    /// Its bytes are not a state.
    #[error("the snapshot of version {version} could not be decoded")]
    Undecodable {
        /// Its version.
        version: Version,
        /// Why.
        #[source]
        source: SnapshotCodecError,
    },
    /// The stream ends before it: the events are an older copy.
    #[error("the snapshot of version {version} is newer than its stream")]
    Ahead {
        /// Its version.
        version: Version,
    },
    /// The stream has another event in its place: it is the snapshot of another history.
    #[error("the snapshot of version {version} belongs to another history of its stream")]
    OtherHistory {
        /// Its version.
        version: Version,
    },
    /// The event with which it ends was trimmed, so that nobody can tell whether it is of this stream. Only one with a later
    /// version stands for what was trimmed.
    #[error("the event with which the snapshot of version {version} ends was trimmed")]
    Trimmed {
        /// Its version.
        version: Version,
    },
    /// The store could not be asked for it.
    #[error("the store could not be asked for a snapshot")]
    Store(#[source] SnapshotError),
}

/// A snapshot was to be taken and was not. No command failed for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotFailure {
    /// The state could not be written, or not be made smaller.
    #[error("the state could not be encoded")]
    Encode(#[source] SnapshotCodecError),
    /// The store did not keep it.
    #[error("the store did not keep it")]
    Store(#[source] SnapshotError),
    /// Too many others are on their way.
    #[error("{PENDING} others are on their way")]
    Busy,
    /// The task that was to take it was dropped, or panicked.
    #[error("the task that was to take it ended before it was taken")]
    Dropped,
}

/// What a repository does about snapshots.
#[derive(Debug, Clone)]
pub(super) struct Snapshots {
    pub(super) form: Form,
    pub(super) policy: SnapshotPolicy,
    pub(super) keep: Keep,
    pub(super) compression: Option<Arc<dyn Compression>>,
    pub(super) pending: Arc<Pending>,
}

impl Snapshots {
    pub(super) fn new(form: Form, policy: SnapshotPolicy) -> Self {
        Self {
            form,
            policy,
            keep: Keep::Latest(2),
            compression: None,
            pending: Arc::default(),
        }
    }

    /// The state in a snapshot, if this code can use it. Whether it belongs to the stream is another question.
    pub(super) fn open(
        &self,
        form: Form,
        snapshot: &StoredSnapshot,
    ) -> Result<Shared, SnapshotMiss> {
        let version = snapshot.version;
        if snapshot.fingerprint != form.fingerprint {
            let (found, expected) = (snapshot.fingerprint, form.fingerprint);
            return Err(SnapshotMiss::Fingerprint {
                version,
                found,
                expected,
            });
        }
        if !snapshot.is_whole() {
            return Err(SnapshotMiss::Damaged { version });
        }
        let undecodable = |source| SnapshotMiss::Undecodable { version, source };
        let Some(name) = &snapshot.compression else {
            return (form.decode)(&snapshot.bytes).map_err(undecodable);
        };
        match &self.compression {
            Some(compression) if compression.name() == name => {
                let bytes = compression.decompress(&snapshot.bytes, LARGEST);
                let state = bytes.and_then(|bytes| (form.decode)(&bytes));
                state.map_err(undecodable)
            }
            _ => Err(SnapshotMiss::Compression {
                version,
                compression: name.clone(),
            }),
        }
    }

    /// Whether the policy wants a snapshot of a state.
    pub(super) fn is_due(&self, at: &At, is_saved: bool, now: Timestamp) -> bool {
        let Some((version, _)) = at.last else {
            return false;
        };
        // Where every event was dropped, there is a version and nothing to keep.
        at.is_begun
            && at.is_living
            && self.policy.is_due(&Moment {
                version,
                last: at.snapshot,
                replayed: at.replayed,
                is_saved,
                now,
            })
    }

    /// Takes a snapshot beside the work, and says whether it does. One at a time of each stream.
    pub(super) fn take(
        &self,
        (store, spawner): (&Arc<dyn EventStore>, &dyn Spawner),
        stream: &StreamId,
        at: &At,
        state: Shared,
        now: Timestamp,
    ) -> bool {
        let Some((version, event)) = at.last else {
            return false;
        };
        let pending = match Pending::add(&self.pending, stream, version) {
            Ok(pending) => pending,
            Err(Refused::SameStream) => return false,
            Err(Refused::Full) => {
                signal::snapshot_failed(stream, version, &SnapshotFailure::Busy);
                return false;
            }
        };
        let (store, stream, occurred_to) = (Arc::clone(store), stream.clone(), at.occurred_to);
        let (form, keep, compression) = (self.form, self.keep, self.compression.clone());
        let strange = at.strange;
        let span = signal::snapshot(&stream, version);
        spawner.spawn(Box::pin(signal::within(&span, async move {
            let made = make(form, compression.as_deref(), &*state);
            drop(state);
            let saved = match (made, store.snapshots()) {
                (Err(error), _) => Err(SnapshotFailure::Encode(error)),
                // A load would have said so.
                (Ok(_), None) => return,
                (Ok((compression, bytes)), Some(snapshots)) => {
                    let length = bytes.len();
                    let snapshot = StoredSnapshot::new(
                        stream.clone(),
                        version,
                        event,
                        form.fingerprint,
                        occurred_to,
                        now,
                        compression,
                        bytes,
                    );
                    let saved = save(snapshots, strange, snapshot, keep).await;
                    saved.map(|()| length).map_err(SnapshotFailure::Store)
                }
            };
            pending.end(saved);
        })));
        true
    }
}

/// Keeps a snapshot. The one of another history goes before: its version would push it out. Only that one, if it is still
/// there: what others have saved since may stand for events that are gone.
async fn save(
    snapshots: &dyn SnapshotStore,
    strange: Option<(Version, EventId)>,
    snapshot: StoredSnapshot,
    keep: Keep,
) -> Result<(), SnapshotError> {
    if let Some((version, event)) = strange {
        let stream = snapshot.stream.clone();
        let mut query = SnapshotQuery::newest(stream.clone(), snapshot.fingerprint);
        query.to_version = Some(version);
        let found = snapshots.find_snapshot(&query).await?;
        let is_there = |found: StoredSnapshot| {
            (found.version, found.event, found.fingerprint)
                == (version, event, snapshot.fingerprint)
        };
        if found.is_some_and(is_there) {
            let mut range = SnapshotRange::all(stream);
            range.fingerprint = Some(snapshot.fingerprint);
            (range.from_version, range.to_version) = (Some(version), Some(version));
            snapshots.delete_snapshots(&range).await?;
        }
    }
    snapshots.save_snapshot(snapshot, keep).await
}

type Made = (Option<String>, Vec<u8>);

fn make(
    form: Form,
    compression: Option<&dyn Compression>,
    state: &(dyn Any + Send + Sync),
) -> Result<Made, SnapshotCodecError> {
    let mut bytes = Vec::new();
    (form.encode)(state, &mut bytes)?;
    Ok(match compression {
        None => (None, bytes),
        Some(compression) => {
            let smaller = compression.compress(&bytes)?;
            (Some(compression.name().to_owned()), smaller)
        }
    })
}

/// The snapshots that are on their way.
#[derive(Debug, Default)]
pub(super) struct Pending {
    streams: Mutex<HashSet<StreamId>>,
    fewer: Event,
}

enum Refused {
    SameStream,
    Full,
}

impl Pending {
    fn add(this: &Arc<Self>, stream: &StreamId, version: Version) -> Result<OnItsWay, Refused> {
        let mut streams = this.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if streams.len() >= PENDING {
            return Err(Refused::Full);
        }
        if !streams.insert(stream.clone()) {
            return Err(Refused::SameStream);
        }
        Ok(OnItsWay {
            pending: Arc::clone(this),
            stream: stream.clone(),
            version,
            is_told: false,
        })
    }

    /// Waits until none is on its way.
    pub(super) async fn none(&self) {
        loop {
            // Listening comes before looking, so that none that ends in between is missed.
            let fewer = self.fewer.listen();
            if self.is_empty() {
                return;
            }
            fewer.await;
        }
    }

    fn is_empty(&self) -> bool {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.is_empty()
    }
}

/// Ends however the task ends: also where its runtime drops it.
struct OnItsWay {
    pending: Arc<Pending>,
    stream: StreamId,
    version: Version,
    /// Whether it was told what came of it.
    is_told: bool,
}

impl OnItsWay {
    /// What came of it: so many bytes are kept, or none.
    fn end(mut self, saved: Result<usize, SnapshotFailure>) {
        match saved {
            Ok(bytes) => signal::snapshot_saved(&self.stream, self.version, bytes),
            Err(failure) => signal::snapshot_failed(&self.stream, self.version, &failure),
        }
        self.is_told = true;
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        if !self.is_told {
            signal::snapshot_failed(&self.stream, self.version, &SnapshotFailure::Dropped);
        }
        let mut streams = self
            .pending
            .streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        streams.remove(&self.stream);
        drop(streams);
        self.pending.fewer.notify(usize::MAX);
    }
}
