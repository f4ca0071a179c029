//! Snapshots beside other things: other streams, events, other handles.

use eventsource_core::{
    Append, Expected, Keep, ReadError, SnapshotError, StoredSnapshot, StreamId,
};

use crate::suite::{
    bench::{Bench, Open},
    cases::{
        envelope::HOSTILE,
        lifecycle::durable,
        snapshot::{MINE, OTHER, claimed, delete_all, newest, save, seconds, snapshot, versions},
    },
    fixture::Setup,
    kit,
};

/// Contract 12 and 15.
pub(crate) async fn x_23_a_snapshot_is_never_seen_for_another_stream(bench: Bench) {
    let store = bench.store().await;
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let mut streams: Vec<_> = HOSTILE.iter().map(|id| kit::stream(id)).collect();
    let alike = [
        "abc",
        "ABC",
        "abc ",
        " abc",
        "\u{e9}",
        "e\u{301}",
        "\u{1f980}",
        "1",
        "1-1",
        "01",
        "\u{131}",
    ];
    streams.extend(alike.map(kit::stream));
    streams.push(kit::stream(&"x".repeat(StreamId::MAX_ID_BYTES)));
    streams.push(kit::stream(&"x".repeat(StreamId::MAX_ID_BYTES - 1)));
    // The same id in categories that begin alike.
    for category in ["accoun", "accounts", "order"] {
        streams.push(StreamId::new(category, "1").expect("a legal name"));
    }
    streams.sort();
    streams.dedup();
    let mut all = Vec::new();
    for (stream, version) in streams.iter().zip(1..) {
        assert_eq!(
            newest(snapshots, stream, MINE).await,
            None,
            "of `{stream}` there is none so far"
        );
        let one = snapshot(stream, MINE, version);
        save(snapshots, &one, Keep::Latest(1)).await;
        all.push(one);
    }
    for one in &all {
        assert_eq!(
            newest(snapshots, &one.stream, MINE).await.as_ref(),
            Some(one),
            "that of `{}`",
            one.stream
        );
    }
    let (first, rest) = all.split_first().expect("there are some");
    assert_eq!(delete_all(snapshots, &first.stream).await, 1);
    for one in rest {
        assert!(
            newest(snapshots, &one.stream, OTHER).await.is_some(),
            "that of `{}` after another one was deleted",
            one.stream
        );
    }
}

/// Contract 1, 2, 5, 10 and 15.
pub(crate) async fn x_24_a_snapshot_is_no_event(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let mut waiting = Box::pin(store.wait_beyond(None));
    // Of a stream that does not exist, as after a backup was restored.
    save(snapshots, &snapshot(&stream, MINE, 7), Keep::All).await;
    assert!(
        kit::poll_once(&mut waiting).await.is_none(),
        "a snapshot wakes nobody"
    );
    assert_eq!(kit::head(&store).await, None, "the head of the store");
    assert_eq!(kit::all(&store).await, [], "the events of the store");
    assert_eq!(
        kit::current(&store, &stream).await,
        None,
        "a snapshot makes no stream"
    );
    let read = store.read(eventsource_core::Read::stream(stream.clone()));
    assert!(
        matches!(read.collect().await, Err(ReadError::StreamNotFound { .. })),
        "a stream of which there is a snapshot only does not exist"
    );
    let exists = Append::to(stream.clone(), Expected::Exists, []);
    kit::assert_conflict(store.append(exists).await, &stream, Expected::Exists, 0);
    let first = Append::to(stream.clone(), Expected::NoStream, kit::events(0..3));
    let receipt = store.append(first).await.expect("it does not exist");
    assert_eq!(
        receipt.version(),
        Some(kit::version(3)),
        "versions begin at 1"
    );
    let head = kit::head(&store).await;
    for version in 1..=3 {
        save(snapshots, &snapshot(&stream, MINE, version), Keep::All).await;
    }
    kit::assert_only(&store, &stream, 0..3).await;
    assert_eq!(kit::head(&store).await, head, "no position was used");
    assert_eq!(
        versions(snapshots, &stream, MINE).await,
        [7, 3, 2, 1],
        "events take no snapshot away"
    );
    assert_eq!(delete_all(snapshots, &stream).await, 4);
    kit::assert_only(&store, &stream, 0..3).await;
    kit::put(&store, &stream, 3..4).await;
    kit::assert_only(&store, &stream, 0..4).await;
}

/// Contract 12 and 15.
pub(crate) async fn x_25_the_limit_of_a_snapshot_is_the_one_that_the_store_tells(bench: Bench) {
    /// Larger ones are not tried, whatever the store says that it takes.
    const TRIED: usize = 256 * 1024 * 1024;
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let most = store.limits().snapshot_bytes;
    if most > TRIED {
        return;
    }
    let old = snapshot(&stream, MINE, 1);
    save(snapshots, &old, Keep::All).await;
    let sized = |version, size| {
        // Without its checksum, which takes long and no store asks for.
        StoredSnapshot::as_stored(
            (stream.clone(), kit::version(version), kit::new_id()),
            MINE,
            (seconds(1), seconds(2)),
            None,
            vec![b'x'; size],
            0,
        )
    };
    let refused = snapshots.save_snapshot(sized(2, most + 1), Keep::Latest(1));
    match refused.await {
        Err(SnapshotError::TooLarge { limit, actual }) => {
            assert_eq!((limit, actual), (most, most + 1));
        }
        other => panic!("one byte more than the limit must be too large, not {other:?}"),
    }
    assert_eq!(
        newest(snapshots, &stream, MINE).await,
        Some(old),
        "what was there before the refusal"
    );
    let greatest = sized(3, most);
    save(snapshots, &greatest, Keep::Latest(1)).await;
    let found = newest(snapshots, &stream, MINE).await;
    assert!(found == Some(greatest), "the greatest snapshot is kept");
}

/// Contract 14 and 15.
pub(crate) async fn x_26_snapshots_are_there_after_a_clean_close(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    if durable(&store).is_none() {
        return;
    }
    let mut all = Vec::new();
    for version in 1..=4 {
        let one = snapshot(&stream, MINE, version);
        save(snapshots, &one, Keep::Latest(2)).await;
        all.push(one);
    }
    let store = Open::at(store.close().await, Setup::default()).await;
    let snapshots = claimed(&store).expect("it claimed them before");
    assert_eq!(
        versions(snapshots, &stream, MINE).await,
        [4, 3],
        "what was kept"
    );
    assert_eq!(
        newest(snapshots, &stream, MINE).await.as_ref(),
        all.last(),
        "each part of the newest one"
    );
    save(snapshots, &snapshot(&stream, MINE, 5), Keep::Latest(2)).await;
    assert_eq!(versions(snapshots, &stream, MINE).await, [5, 4]);
    // Another place knows nothing of it.
    let elsewhere = bench.store().await;
    let elsewhere = claimed(&elsewhere).expect("it claimed them before");
    assert_eq!(newest(elsewhere, &stream, MINE).await, None);
}

/// Contract 14 and 15.
pub(crate) async fn x_27_two_handles_on_one_place_see_each_others_snapshots(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let another = store.another().await;
    let (Some(one), Some(other)) = (claimed(&store), claimed(&another)) else {
        return;
    };
    assert_eq!(newest(other, &stream, MINE).await, None);
    let first = snapshot(&stream, MINE, 1);
    save(one, &first, Keep::All).await;
    assert_eq!(
        newest(other, &stream, MINE).await,
        Some(first),
        "the one that came through the other handle"
    );
    save(other, &snapshot(&stream, MINE, 2), Keep::Latest(1)).await;
    assert_eq!(
        versions(one, &stream, MINE).await,
        [2],
        "what the other one has kept"
    );
    assert_eq!(delete_all(one, &stream).await, 1);
    assert_eq!(
        newest(other, &stream, MINE).await,
        None,
        "what the other one has deleted"
    );
}
