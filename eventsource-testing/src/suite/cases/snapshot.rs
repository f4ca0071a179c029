//! Snapshots: which one is found, and which are there.

use std::sync::Arc;

use eventsource_core::{
    Capability, EventStore, Fingerprint, Keep, SnapshotQuery, SnapshotRange, SnapshotStore,
    StoredSnapshot, StreamId, Timestamp,
};

use crate::suite::{
    bench::{Bench, Store},
    kit,
};

/// The fingerprints of the suite: one of them has every bit.
pub(crate) const MINE: Fingerprint = Fingerprint::new(u64::MAX);
pub(crate) const OTHER: Fingerprint = Fingerprint::new(1);

/// The snapshots of a store that claims them; a store that does not claim them has none.
pub(crate) fn claimed(store: &Store) -> Option<&dyn SnapshotStore> {
    let claimed = store.capabilities().has(Capability::Snapshots);
    let part = store.snapshots();
    assert_eq!(
        part.is_some(),
        claimed,
        "a store has snapshots exactly where it claims them"
    );
    part
}

/// A snapshot whose parts all follow from its version, and whose time is the same number of seconds.
pub(crate) fn snapshot(
    stream: &StreamId,
    fingerprint: Fingerprint,
    version: u64,
) -> StoredSnapshot {
    let bytes = format!("the state at {version}").into_bytes();
    of_bytes(stream, fingerprint, version, bytes)
}

pub(crate) fn of_bytes(
    stream: &StreamId,
    fingerprint: Fingerprint,
    version: u64,
    bytes: Vec<u8>,
) -> StoredSnapshot {
    StoredSnapshot::new(
        stream.clone(),
        kit::version(version),
        kit::new_id(),
        fingerprint,
        seconds(version),
        seconds(1_000 + version),
        version
            .is_multiple_of(2)
            .then(|| format!("compression {version}")),
        bytes,
    )
}

pub(crate) fn seconds(count: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(count).expect("a small number") * 1_000_000)
}

pub(crate) async fn save(snapshots: &dyn SnapshotStore, snapshot: &StoredSnapshot, keep: Keep) {
    let saved = snapshots.save_snapshot(snapshot.clone(), keep).await;
    saved.expect("a snapshot is kept");
}

pub(crate) async fn found(
    snapshots: &dyn SnapshotStore,
    query: &SnapshotQuery,
) -> Option<StoredSnapshot> {
    let found = snapshots.find_snapshot(query).await;
    found.expect("snapshots can be looked for")
}

pub(crate) async fn newest(
    snapshots: &dyn SnapshotStore,
    stream: &StreamId,
    fingerprint: Fingerprint,
) -> Option<StoredSnapshot> {
    found(
        snapshots,
        &SnapshotQuery::newest(stream.clone(), fingerprint),
    )
    .await
}

pub(crate) async fn delete_all(snapshots: &dyn SnapshotStore, stream: &StreamId) -> u64 {
    let all = SnapshotRange::all(stream.clone());
    let deleted = snapshots.delete_snapshots(&all).await;
    deleted.expect("snapshots can be deleted")
}

/// The versions of a stream of which there are snapshots of a fingerprint, from the newest on.
pub(crate) async fn versions(
    snapshots: &dyn SnapshotStore,
    stream: &StreamId,
    fingerprint: Fingerprint,
) -> Vec<u64> {
    let (mut versions, mut query) = (
        Vec::new(),
        SnapshotQuery::newest(stream.clone(), fingerprint),
    );
    while let Some(snapshot) = found(snapshots, &query).await {
        // Where there is none of its own, another one comes.
        if snapshot.fingerprint != fingerprint {
            break;
        }
        assert!(
            query.admits(&snapshot),
            "{snapshot:?} is found beyond the bounds of {query:?}"
        );
        let version = snapshot.version.get();
        versions.push(version);
        if version == 1 {
            break;
        }
        query.to_version = Some(kit::version(version - 1));
    }
    versions
}

/// Contract 14.
pub(crate) async fn x_21_a_part_of_a_store_is_there_exactly_where_it_is_declared(bench: Bench) {
    let store = bench.store().await;
    let declared = store.capabilities();
    for (capability, is_there) in [
        (Capability::Snapshots, store.snapshots().is_some()),
        (Capability::Trim, store.trims().is_some()),
        (Capability::Projections, store.projections().is_some()),
        (Capability::Leases, store.leases().is_some()),
    ] {
        let is_declared = declared.has(capability);
        assert_eq!(
            is_there, is_declared,
            "{capability}: declared {is_declared}, there {is_there}"
        );
    }
    // Whoever shares the store finds the same.
    let shared: Arc<Box<dyn EventStore>> = Arc::new(Box::new(Arc::clone(&*store)));
    assert_eq!(shared.snapshots().is_some(), store.snapshots().is_some());
    assert_eq!(shared.trims().is_some(), store.trims().is_some());
    let there = store.projections().is_some();
    assert_eq!(shared.projections().is_some(), there);
    assert_eq!(shared.leases().is_some(), store.leases().is_some());
}

/// Contract 15.
pub(crate) async fn n_01_the_newest_snapshot_that_is_asked_for_is_found(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    assert_eq!(newest(snapshots, &stream, MINE).await, None, "none so far");
    // Not in the order of their versions, and one of another fingerprint is newer.
    let mut all = Vec::new();
    for (fingerprint, version) in [(MINE, 5), (MINE, 10), (OTHER, 12), (MINE, 3), (OTHER, 2)] {
        let one = snapshot(&stream, fingerprint, version);
        save(snapshots, &one, Keep::All).await;
        all.push(one);
    }
    let [five, ten, twelve, three, two] = all.as_slice() else {
        panic!("there are five");
    };
    assert_eq!(
        newest(snapshots, &stream, MINE).await.as_ref(),
        Some(ten),
        "the newest one, as it was saved"
    );
    for (to_version, occurred_to, expected) in [
        (Some(10), None, Some(ten)),
        (Some(9), None, Some(five)),
        (Some(u64::MAX), None, Some(ten)),
        (Some(3), None, Some(three)),
        // There is none of the asked one: that of another one is given, within the same bounds.
        (Some(2), None, Some(two)),
        (Some(1), None, None),
        (None, Some(seconds(10)), Some(ten)),
        (None, Some(Timestamp::from_micros(9_999_999)), Some(five)),
        (None, Some(seconds(2)), Some(two)),
        (None, Some(seconds(1)), None),
        (None, Some(Timestamp::MAX), Some(ten)),
        (None, Some(Timestamp::MIN), None),
        (Some(5), Some(seconds(100)), Some(five)),
        (Some(100), Some(seconds(5)), Some(five)),
        (Some(2), Some(seconds(1)), None),
    ] {
        let mut query = SnapshotQuery::newest(stream.clone(), MINE);
        query.to_version = to_version.map(kit::version);
        query.occurred_to = occurred_to;
        assert_eq!(
            found(snapshots, &query).await.as_ref(),
            expected,
            "{query:?}"
        );
    }
    let unknown = Fingerprint::new(77);
    assert_eq!(
        newest(snapshots, &stream, unknown).await.as_ref(),
        Some(twelve),
        "the newest one of another fingerprint"
    );
    // Versions need not rise with times: a higher one may be out of the question.
    let mut late = snapshot(&stream, MINE, 4);
    late.occurred_to = seconds(50);
    save(snapshots, &late, Keep::All).await;
    let mut query = SnapshotQuery::newest(stream.clone(), MINE);
    (query.to_version, query.occurred_to) = (Some(kit::version(4)), Some(seconds(49)));
    assert_eq!(found(snapshots, &query).await.as_ref(), Some(three));
    // Of two of one version, neither of which was asked for, the later one.
    for fingerprint in [
        Fingerprint::new(9),
        Fingerprint::new(u64::MAX - 1),
        Fingerprint::new(8),
    ] {
        let one = snapshot(&stream, fingerprint, 20);
        save(snapshots, &one, Keep::All).await;
        assert_eq!(
            newest(snapshots, &stream, unknown).await.as_ref(),
            Some(&one),
            "the one that was saved last"
        );
    }
}

/// Contract 15.
pub(crate) async fn n_02_snapshots_are_replaced_and_deleted_as_they_are_told(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let delete = async |fingerprint, from: Option<u64>, to: Option<u64>| {
        let mut range = SnapshotRange::all(stream.clone());
        range.fingerprint = fingerprint;
        range.from_version = from.map(kit::version);
        range.to_version = to.map(kit::version);
        let deleted = snapshots.delete_snapshots(&range).await;
        deleted.expect("snapshots can be deleted")
    };
    assert_eq!(delete(None, None, None).await, 0, "there is nothing yet");
    for version in 1..=8 {
        save(snapshots, &snapshot(&stream, MINE, version), Keep::All).await;
        save(snapshots, &snapshot(&stream, OTHER, version), Keep::All).await;
    }
    let neighbour = kit::stream("2");
    save(snapshots, &snapshot(&neighbour, MINE, 4), Keep::All).await;
    // The same version again, shorter than before.
    let again = of_bytes(&stream, MINE, 8, b"new".to_vec());
    save(snapshots, &again, Keep::All).await;
    assert_eq!(
        newest(snapshots, &stream, MINE).await,
        Some(again),
        "in place of the one before"
    );
    assert_eq!(
        versions(snapshots, &stream, MINE).await,
        [8, 7, 6, 5, 4, 3, 2, 1]
    );
    assert_eq!(delete(Some(MINE), Some(9), None).await, 0, "none is so new");
    assert_eq!(
        delete(Some(MINE), Some(5), Some(4)).await,
        0,
        "none is between"
    );
    assert_eq!(
        delete(Some(MINE), Some(8), Some(8)).await,
        1,
        "the replaced one was one"
    );
    assert_eq!(delete(Some(MINE), Some(4), Some(4)).await, 1);
    assert_eq!(versions(snapshots, &stream, MINE).await, [7, 6, 5, 3, 2, 1]);
    assert_eq!(delete(Some(MINE), Some(5), Some(6)).await, 2);
    assert_eq!(delete(Some(MINE), None, Some(2)).await, 2);
    assert_eq!(
        versions(snapshots, &stream, MINE).await,
        [7, 3],
        "what was not meant"
    );
    assert_eq!(
        versions(snapshots, &stream, OTHER).await,
        [8, 7, 6, 5, 4, 3, 2, 1],
        "those of another fingerprint"
    );
    assert_eq!(delete(None, Some(7), None).await, 3, "of any fingerprint");
    assert_eq!(versions(snapshots, &stream, MINE).await, [3]);
    assert_eq!(delete(None, None, None).await, 7, "all of the stream");
    assert_eq!(newest(snapshots, &stream, MINE).await, None);
    assert_eq!(
        versions(snapshots, &neighbour, MINE).await,
        [4],
        "those of another stream"
    );
    // What was deleted can be kept again.
    save(snapshots, &snapshot(&stream, MINE, 4), Keep::All).await;
    assert_eq!(versions(snapshots, &stream, MINE).await, [4]);
}

/// Contract 15.
pub(crate) async fn n_03_a_large_snapshot_is_found_as_it_was_saved(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let limit = store.limits().snapshot_bytes;
    let any = |size: usize| (0..=255).cycle().take(size.min(limit)).collect();
    let contents: [Vec<u8>; 5] = [
        any(1024 * 1024),
        any(10 * 1024 * 1024),
        b"\xff\xfe\0\x80'".to_vec(),
        vec![0; 3],
        Vec::new(),
    ];
    for (bytes, version) in contents.into_iter().zip(1..) {
        let size = bytes.len();
        let one = of_bytes(&stream, MINE, version, bytes);
        save(snapshots, &one, Keep::All).await;
        let found = newest(snapshots, &stream, MINE).await;
        let found = found.expect("it was saved");
        assert!(found == one, "each part of a snapshot of {size} bytes");
        assert!(found.is_whole(), "its checksum");
    }
    // A store judges nothing: no checksum, no time, no word of another library.
    let mut odd = snapshot(&stream, Fingerprint::new(0), u64::from(u32::MAX) + 1);
    odd.checksum = u64::MAX - 1;
    (odd.occurred_to, odd.taken_at) = (Timestamp::MIN, Timestamp::MAX);
    odd.compression = Some("'; DROP TABLE snapshots; -- \u{1f980}".to_owned());
    for compression in [odd.compression.clone(), Some(String::new()), None] {
        odd.compression = compression;
        save(snapshots, &odd, Keep::All).await;
        let found = newest(snapshots, &stream, odd.fingerprint).await;
        assert_eq!(found.as_ref(), Some(&odd), "each part of it");
    }
}

/// Contract 15.
pub(crate) async fn x_22_no_more_snapshots_are_kept_than_are_to_be(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let neighbour = kit::stream("2");
    for version in 1..=6 {
        save(snapshots, &snapshot(&stream, MINE, version), Keep::All).await;
        save(snapshots, &snapshot(&stream, OTHER, version), Keep::All).await;
        save(snapshots, &snapshot(&neighbour, MINE, version), Keep::All).await;
    }
    assert_eq!(
        versions(snapshots, &stream, MINE).await,
        [6, 5, 4, 3, 2, 1],
        "all"
    );
    for (version, keep, left) in [
        (7, Keep::Latest(10), &[7, 6, 5, 4, 3, 2, 1][..]),
        (8, Keep::Latest(3), &[8, 7, 6]),
        // In place of one that is there.
        (8, Keep::Latest(3), &[8, 7, 6]),
        // It is not one of the newest, once it is there.
        (2, Keep::Latest(3), &[8, 7, 6]),
        (2, Keep::All, &[8, 7, 6, 2]),
        (20, Keep::Latest(1), &[20]),
        (30, Keep::Latest(0), &[30]),
        (40, Keep::Latest(u32::MAX), &[40, 30]),
    ] {
        save(snapshots, &snapshot(&stream, MINE, version), keep).await;
        assert_eq!(
            versions(snapshots, &stream, MINE).await,
            left,
            "after version {version} with {keep:?}"
        );
    }
    for (of, fingerprint) in [(&stream, OTHER), (&neighbour, MINE)] {
        assert_eq!(
            versions(snapshots, of, fingerprint).await,
            [6, 5, 4, 3, 2, 1],
            "those of `{of}` and {fingerprint}, of which none was saved"
        );
    }
}
