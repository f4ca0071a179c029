//! Changes of snapshots that fail, are dropped, or come all at once.

use std::sync::Arc;

use eventsource_core::{
    Keep, SnapshotError, SnapshotQuery, SnapshotRange, SnapshotStore, fault::FaultPoint,
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Open},
    cases::{
        lifecycle::polled,
        snapshot::{MINE, claimed, found, newest, of_bytes, save, snapshot, versions},
    },
    fixture::Setup,
    hooks::Armed,
    kit,
};

/// A store with two snapshots of a stream, whose hook is asked from now on.
async fn with_two(bench: &Bench, armed: &Armed) -> Open {
    let hook = Arc::new(armed.script());
    let store = bench.store_with(Setup::default().with_faults(hook)).await;
    let snapshots = claimed(&store).expect("it claimed them before");
    for version in 1..=2 {
        let one = snapshot(&kit::stream("1"), MINE, version);
        save(snapshots, &one, Keep::All).await;
    }
    armed.arm();
    store
}

/// Replaces the second snapshot and lets go of the first, or lets go of both.
async fn change(snapshots: &dyn SnapshotStore, deletes: bool) -> Result<(), SnapshotError> {
    let stream = kit::stream("1");
    if deletes {
        let all = SnapshotRange::all(stream);
        return snapshots.delete_snapshots(&all).await.map(drop);
    }
    let again = of_bytes(&stream, MINE, 2, b"new".to_vec());
    snapshots.save_snapshot(again, Keep::Latest(1)).await
}

/// Contract 8 and 15.
pub(crate) async fn x_28_a_change_of_snapshots_that_fails_changes_nothing(bench: Bench) {
    if claimed(&*bench.store().await).is_none() {
        return;
    }
    let stream = kit::stream("1");
    for deletes in [false, true] {
        let after: &[u64] = if deletes { &[] } else { &[2] };
        for number in 0.. {
            let armed = Armed::at(number);
            let store = with_two(&bench, &armed).await;
            let snapshots = claimed(&store).expect("it claimed them before");
            let outcome = change(snapshots, deletes).await;
            let struck = armed.struck();
            let there = versions(snapshots, &stream, MINE).await;
            match (struck, &outcome) {
                (Some(FaultPoint::AfterCommit), Err(SnapshotError::Unknown(_))) => {
                    assert_eq!(there, after, "it was done, and nobody was told");
                }
                (
                    Some(_),
                    Err(SnapshotError::Unavailable { .. } | SnapshotError::Engine { .. }),
                ) => {
                    assert_eq!(there, [2, 1], "nothing has changed after {outcome:?}");
                    let newest = newest(snapshots, &stream, MINE).await;
                    assert!(
                        newest.is_some_and(|old| old.bytes != b"new"),
                        "nor replaced"
                    );
                }
                (None, Ok(())) => {
                    assert!(
                        number >= 2,
                        "a store asks its fault hook at two points at the least"
                    );
                    assert_eq!(there, after);
                    break;
                }
                _ => panic!("a failure at {struck:?} ends in {outcome:?}"),
            }
            // Doing it again does no harm, and the store is usable.
            change(snapshots, deletes)
                .await
                .expect("it does not fail again");
            assert_eq!(versions(snapshots, &stream, MINE).await, after);
            kit::put(&store, &stream, 0..1).await;
            kit::assert_only(&store, &stream, 0..1).await;
        }
    }
}

/// Contract 13 and 15.
pub(crate) async fn x_29_a_dropped_save_is_done_whole_or_not_at_all(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let Some(snapshots) = claimed(&store) else {
        return;
    };
    let (mut ended, mut times) = (None, 0);
    while ended.is_none() {
        for version in 1..=2 {
            save(snapshots, &snapshot(&stream, MINE, version), Keep::All).await;
        }
        ended = polled(times, change(snapshots, false)).await;
        times += 1;
        // It may be done at any moment, so what is looked at later may only be further on.
        let is_replaced = async || {
            let newest = newest(snapshots, &stream, MINE).await;
            newest.is_some_and(|newest| newest.bytes == b"new")
        };
        let mut first = SnapshotQuery::newest(stream.clone(), MINE);
        first.to_version = Some(kit::version(1));
        let was_replaced = is_replaced().await;
        let is_first_there = found(snapshots, &first).await.is_some();
        assert!(
            !(was_replaced && is_first_there),
            "it was replaced, and what is not to be kept is there"
        );
        assert!(
            is_first_there || is_replaced().await,
            "what is not to be kept has gone, and nothing was replaced"
        );
        change(snapshots, false)
            .await
            .expect("the store is usable afterwards");
        assert_eq!(versions(snapshots, &stream, MINE).await, [2]);
    }
    assert!(matches!(ended, Some(Ok(()))), "{ended:?}");
}

/// Contract 15.
pub(crate) async fn x_30_of_many_saves_at_once_the_newest_are_left(bench: Bench) {
    const SAVERS: usize = 8;
    let store = bench.store().await;
    if claimed(&store).is_none() {
        return;
    }
    let another = store.another().await;
    for round in 0..Bench::times(10, 300) {
        let stream = kit::stream(&round.to_string());
        let barrier = Arc::new(Barrier::new(SAVERS));
        let mut savers = JoinSet::new();
        for version in (1_u64..).take(SAVERS) {
            let store = Arc::clone(if version.is_multiple_of(2) {
                &store
            } else {
                &another
            });
            let (barrier, stream) = (Arc::clone(&barrier), stream.clone());
            savers.spawn(async move {
                let snapshots = claimed(&store).expect("it claimed them before");
                let one = snapshot(&stream, MINE, version);
                barrier.wait().await;
                save(snapshots, &one, Keep::Latest(3)).await;
                let newest = newest(snapshots, &stream, MINE).await;
                let newest = newest.expect("one was saved").version.get();
                assert!(newest >= version, "{newest} is older than what was saved");
            });
        }
        while let Some(saver) = savers.join_next().await {
            saver.expect("each save succeeds");
        }
        let snapshots = claimed(&store).expect("it claimed them before");
        assert_eq!(
            versions(snapshots, &stream, MINE).await,
            [8, 7, 6],
            "what is left of {SAVERS}"
        );
    }
}
