//! Defects of snapshots.

use eventsource_core::{
    Append, Capabilities, Capability, EventStore, Expected, Fingerprint, Keep, Limits, MemoryStore,
    ReadError, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, StoredSnapshot,
    StreamId, Version, async_trait,
};

use crate::{broken::Defect, writing::one_event};

type Found = Result<Option<StoredSnapshot>, SnapshotError>;
type Saved = Result<(), SnapshotError>;

/// Defects that only differ in what they do with a save.
macro_rules! saves {
    ($($name:ident |$good:ident, $snapshot:pat_param, $keep:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl Defect for $name {
            async fn save_snapshot(
                &self,
                $good: &MemoryStore,
                $snapshot: StoredSnapshot,
                $keep: Keep,
            ) -> Saved $body
        }
    )*};
}

/// Defects that only differ in what they find.
macro_rules! finds {
    ($($name:ident |$good:ident, $query:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl Defect for $name {
            async fn find_snapshot(&self, $good: &MemoryStore, $query: &SnapshotQuery) -> Found $body
        }
    )*};
}

/// Defects that only differ in what they delete.
macro_rules! deletes {
    ($($name:ident |$good:ident, $range:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl Defect for $name {
            async fn delete_snapshots(
                &self,
                $good: &MemoryStore,
                $range: &SnapshotRange,
            ) -> Result<u64, SnapshotError> $body
        }
    )*};
}

/// All versions of a stream and fingerprint, from the newest on.
async fn versions(good: &MemoryStore, of: &StoredSnapshot) -> Vec<Version> {
    let mut query = SnapshotQuery::newest(of.stream.clone(), of.fingerprint);
    let mut versions = Vec::new();
    while let Ok(Some(found)) = good.find_snapshot(&query).await
        && found.fingerprint == of.fingerprint
    {
        versions.push(found.version);
        query.to_version = Version::new(found.version.get() - 1);
        if query.to_version.is_none() {
            break;
        }
    }
    versions
}

async fn let_go(good: &MemoryStore, of: &StoredSnapshot, version: Version) {
    let mut range = SnapshotRange::all(of.stream.clone());
    range.fingerprint = Some(of.fingerprint);
    (range.from_version, range.to_version) = (Some(version), Some(version));
    drop(good.delete_snapshots(&range).await);
}

saves! {
    KeepsTheFirstOfAVersion |good, snapshot, keep| {
        if versions(good, &snapshot).await.contains(&snapshot.version) {
            return Ok(());
        }
        good.save_snapshot(snapshot, keep).await
    }
    CutsLargeSnapshots |good, mut snapshot, keep| {
        snapshot.bytes.truncate(65_535);
        good.save_snapshot(snapshot, keep).await
    }
    KeepsSnapshotsAsText |good, mut snapshot, keep| {
        snapshot.bytes = String::from_utf8_lossy(&snapshot.bytes).into_owned().into_bytes();
        good.save_snapshot(snapshot, keep).await
    }
    MakesItsOwnChecksum |good, snapshot, keep| {
        let StoredSnapshot { stream, version, event, fingerprint, .. } = snapshot;
        let (occurred, taken) = (snapshot.occurred_to, snapshot.taken_at);
        let (compression, bytes) = (snapshot.compression, snapshot.bytes);
        let mine = StoredSnapshot::new(
            stream, version, event, fingerprint, occurred, taken, compression, bytes,
        );
        good.save_snapshot(mine, keep).await
    }
    TakesAnEmptyCompressionForNone |good, mut snapshot, keep| {
        snapshot.compression = snapshot.compression.filter(|name| !name.is_empty());
        good.save_snapshot(snapshot, keep).await
    }
    KeepsEverySnapshot |good, snapshot, _| {
        good.save_snapshot(snapshot, Keep::All).await
    }
    KeepsOneTooMany |good, snapshot, keep| {
        let keep = keep.most().map_or(Keep::All, |most| Keep::Latest(most.saturating_add(1)));
        good.save_snapshot(snapshot, keep).await
    }
    KeepsTheOneSavedLast |good, snapshot, keep| {
        good.save_snapshot(snapshot.clone(), Keep::All).await?;
        let most = keep.most().map_or(usize::MAX, |most| most as usize);
        let mut all = versions(good, &snapshot).await;
        all.retain(|version| *version != snapshot.version);
        for version in all.into_iter().skip(most - 1) {
            let_go(good, &snapshot, version).await;
        }
        Ok(())
    }
    LetsGoOfOtherFingerprints |good, snapshot, keep| {
        let other = Fingerprint::new(1);
        if keep.most().is_some() && snapshot.fingerprint != other {
            let mut others = SnapshotRange::all(snapshot.stream.clone());
            others.fingerprint = Some(other);
            good.delete_snapshots(&others).await?;
        }
        good.save_snapshot(snapshot, keep).await
    }
    MakesAStreamForASnapshot |good, snapshot, keep| {
        let append = Append::to(snapshot.stream.clone(), Expected::NoStream, [one_event()]);
        drop(good.append(append).await);
        good.save_snapshot(snapshot, keep).await
    }
    SavesThoughItSaysThatItDidNot |good, snapshot, keep| {
        let outcome = good.save_snapshot(snapshot.clone(), keep).await;
        if outcome.is_err() {
            drop(good.save_snapshot(snapshot, keep).await);
        }
        outcome
    }
    SaysUnavailableForALostAnswer |good, snapshot, keep| {
        good.save_snapshot(snapshot, keep).await.map_err(|error| match error {
            SnapshotError::Unknown(source) => SnapshotError::Unavailable { source },
            other => other,
        })
    }
    LetsGoInASecondStep |good, snapshot, keep| {
        good.save_snapshot(snapshot.clone(), Keep::All).await?;
        tokio::task::yield_now().await;
        let most = keep.most().map_or(usize::MAX, |most| most as usize);
        for version in versions(good, &snapshot).await.into_iter().skip(most) {
            let_go(good, &snapshot, version).await;
        }
        Ok(())
    }
    LooksThenLetsGo |good, snapshot, keep| {
        let most = keep.most().map_or(usize::MAX, |most| most as usize);
        let mut all = versions(good, &snapshot).await;
        all.push(snapshot.version);
        all.sort_by(|a, b| b.cmp(a));
        all.dedup();
        tokio::task::yield_now().await;
        good.save_snapshot(snapshot.clone(), Keep::All).await?;
        for version in all.into_iter().skip(most) {
            let_go(good, &snapshot, version).await;
        }
        Ok(())
    }
    RefusesWhatIsNotTheNewest |good, snapshot, keep| {
        if versions(good, &snapshot).await.first() > Some(&snapshot.version) {
            return Ok(());
        }
        good.save_snapshot(snapshot, keep).await
    }
}

/// The same query with other bounds.
fn changed(query: &SnapshotQuery, change: impl FnOnce(&mut SnapshotQuery)) -> SnapshotQuery {
    let mut query = query.clone();
    change(&mut query);
    query
}

finds! {
    IgnoresTheUpperVersion |good, query| {
        good.find_snapshot(&changed(query, |query| query.to_version = None)).await
    }
    TakesTheUpperVersionAsExclusive |good, query| {
        let below = |version: Version| Version::new(version.get() - 1);
        match query.to_version.map(below) {
            Some(None) => Ok(None),
            Some(to) => good.find_snapshot(&changed(query, |query| query.to_version = to)).await,
            None => good.find_snapshot(query).await,
        }
    }
    IgnoresTheTimeOfASnapshot |good, query| {
        good.find_snapshot(&changed(query, |query| query.occurred_to = None)).await
    }
    LooksAtTheNewestSnapshotOnly |good, query| {
        let newest = SnapshotQuery::newest(query.stream.clone(), query.fingerprint);
        Ok(good.find_snapshot(&newest).await?.filter(|newest| query.admits(newest)))
    }
    FindsNoOtherFingerprint |good, query| {
        let found = good.find_snapshot(query).await?;
        Ok(found.filter(|found| found.fingerprint == query.fingerprint))
    }
    TakesEmptyBytesForNoSnapshot |good, query| {
        Ok(good.find_snapshot(query).await?.filter(|found| !found.bytes.is_empty()))
    }
    HidesASnapshotThatIsNotWhole |good, query| {
        Ok(good.find_snapshot(query).await?.filter(StoredSnapshot::is_whole))
    }
    ForgetsWhichWasSavedLast |good, query| {
        let found = good.find_snapshot(query).await?;
        let Some(other) = found.as_ref().filter(|found| found.fingerprint != query.fingerprint) else {
            return Ok(found);
        };
        // The one with the highest fingerprint, of those that the suite has.
        for number in [u64::MAX, u64::MAX - 1, 9, 8] {
            let of = changed(query, |query| query.fingerprint = Fingerprint::new(number));
            let same = good.find_snapshot(&of).await?;
            if same.as_ref().is_some_and(|same| same.version == other.version) {
                return Ok(same);
            }
        }
        Ok(found)
    }
    FindsTheNewestOfAnyFingerprint |good, query| {
        // No snapshot of the suite has it.
        let any = changed(query, |query| query.fingerprint = Fingerprint::new(0xdead));
        good.find_snapshot(&any).await
    }
}

deletes! {
    DeletesTheWholeStream |good, range| {
        good.delete_snapshots(&SnapshotRange::all(range.stream.clone())).await
    }
    DeletesUpToButNotIncluding |good, range| {
        let mut range = range.clone();
        match range.to_version.map(|to| Version::new(to.get() - 1)) {
            Some(None) => return Ok(0),
            Some(below) => range.to_version = below,
            None => {}
        }
        good.delete_snapshots(&range).await
    }
    DeletesEveryFingerprint |good, range| {
        let mut range = range.clone();
        range.fingerprint = None;
        good.delete_snapshots(&range).await
    }
    CountsNothing |good, range| {
        good.delete_snapshots(range).await.map(|_| 0)
    }
}

/// Declares snapshots and has none.
#[derive(Debug, Default)]
pub(crate) struct DeclaresSnapshotsWithoutThem;

impl Defect for DeclaresSnapshotsWithoutThem {
    fn has_snapshots(&self) -> bool {
        false
    }
}

/// Has snapshots and does not declare them.
#[derive(Debug, Default)]
pub(crate) struct HasSnapshotsUndeclared;

impl Defect for HasSnapshotsUndeclared {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().without(Capability::Snapshots)
    }
}

/// Declares trimming and cannot do it.
#[derive(Debug, Default)]
pub(crate) struct DeclaresTrimmingWithoutIt;

impl Defect for DeclaresTrimmingWithoutIt {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().with(Capability::Trim)
    }

    fn has_trims(&self) -> bool {
        false
    }
}

/// Asks its snapshots how far a stream has come.
#[derive(Debug, Default)]
pub(crate) struct SeesAStreamWhereThereIsASnapshot;

#[async_trait]
impl Defect for SeesAStreamWhereThereIsASnapshot {
    async fn stream_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        let any = SnapshotQuery::newest(stream.clone(), Fingerprint::new(0xdead));
        let snapshot = good.find_snapshot(&any).await.ok().flatten();
        let version = good.stream_version(stream).await?;
        Ok(version.or_else(|| Some(snapshot?.version)))
    }
}

/// Takes more than it tells.
#[derive(Debug, Default)]
pub(crate) struct TellsTooLittleForASnapshot;

impl Defect for TellsTooLittleForASnapshot {
    fn limits(&self, good: &MemoryStore) -> Limits {
        good.limits().with_snapshot_bytes(1_000)
    }
}

/// Lets go of what was there, and then finds that the new one is too large.
#[derive(Debug, Default)]
pub(crate) struct MakesRoomBeforeItRefuses;

#[async_trait]
impl Defect for MakesRoomBeforeItRefuses {
    fn limits(&self, good: &MemoryStore) -> Limits {
        good.limits().with_snapshot_bytes(1_000)
    }

    async fn save_snapshot(
        &self,
        good: &MemoryStore,
        snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Saved {
        if keep.most().is_some() {
            good.delete_snapshots(&SnapshotRange::all(snapshot.stream.clone()))
                .await?;
        }
        snapshot.check(&self.limits(good))?;
        good.save_snapshot(snapshot, keep).await
    }
}

/// Knows the streams of its snapshots in small letters.
#[derive(Debug, Default)]
pub(crate) struct FoldsTheStreamsOfSnapshots;

impl FoldsTheStreamsOfSnapshots {
    fn folded(stream: &StreamId) -> StreamId {
        StreamId::in_category(stream.category().clone(), stream.id().to_lowercase())
            .unwrap_or_else(|_| stream.clone())
    }
}

#[async_trait]
impl Defect for FoldsTheStreamsOfSnapshots {
    async fn save_snapshot(
        &self,
        good: &MemoryStore,
        mut snapshot: StoredSnapshot,
        keep: Keep,
    ) -> Saved {
        snapshot.stream = Self::folded(&snapshot.stream);
        good.save_snapshot(snapshot, keep).await
    }

    async fn find_snapshot(&self, good: &MemoryStore, query: &SnapshotQuery) -> Found {
        let folded = changed(query, |query| query.stream = Self::folded(&query.stream));
        let mut found = good.find_snapshot(&folded).await?;
        if let Some(found) = &mut found {
            found.stream = query.stream.clone();
        }
        Ok(found)
    }
}
