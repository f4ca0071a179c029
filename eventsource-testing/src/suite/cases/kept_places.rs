//! What is kept for projections, and leases, after a close, a kill and a crash.

use std::time::Duration;

use eventsource_core::{FencingToken, Generation, Position, ProjectionStoreError};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::{
        kept::{self, Everything, at, balances, begin, build, find, kept, step, take, waiting},
        lease::{self, acquire, holder, lease_name, leases, release},
        lifecycle::durable,
    },
    child::{self, Work},
    fixture::Setup,
};

/// Contract 14 and 17.
pub(crate) async fn x_57_what_is_kept_is_there_after_a_clean_close(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    if kept::claimed(&store).is_none() || durable(&store).is_none() {
        return;
    }
    begin(kept(&store), build().live()).await;
    begin(kept(&store), build()).await;
    begin(kept(&store), build()).await;
    take(kept(&store), step(1, 0, 9).parking([waiting(4, "1")])).await;
    let poison = waiting(5, "2").failed(3, "no such branch");
    take(
        kept(&store),
        step(2, 0, 9).parking([poison, waiting(6, "2")]),
    )
    .await;
    let dropped = kept(&store).drop_generation(&name, Generation::from_number(3), None);
    dropped.await.expect("it is not read");
    let before = Everything::of(kept(&store), &name).await;
    let store = Open::at(store.close().await, Setup::default()).await;
    let after = Everything::of(kept(&store), &name).await;
    assert_eq!(after, before, "what was kept");
    let next = begin(kept(&store), build()).await.generation;
    assert_eq!(next.number(), 4, "the number of one that was dropped");
    let late = kept(&store).advance(step(1, 8, 10)).await;
    assert!(
        matches!(late, Err(ProjectionStoreError::Moved { .. })),
        "{late:?}"
    );
    let deleted = kept(&store).delete_projection(&name, None).await;
    deleted.expect("it can be deleted");
    let store = Open::at(store.close().await, Setup::default()).await;
    assert_eq!(find(kept(&store), &name).await, None, "what was deleted");
    let next = begin(kept(&store), build()).await.generation;
    assert_eq!(next.number(), 5, "the numbers of what was deleted");
    // Another place knows nothing of it.
    let elsewhere = bench.store().await;
    assert_eq!(find(kept(&elsewhere), &name).await, None);
}

/// Contract 14 and 18.
pub(crate) async fn x_58_a_lease_is_held_after_a_clean_close(bench: Bench) {
    let (store, name) = (bench.store().await, lease_name("a"));
    if lease::claimed(&store).is_none() || durable(&store).is_none() {
        return;
    }
    let hour = Duration::from_secs(3_600);
    let held = leases(&store)
        .acquire_lease(&name, &holder("one"), hour)
        .await;
    let held = held.expect("nobody has it");
    let (gone, beside) = (lease_name("b"), lease_name("c"));
    let given = acquire(leases(&store), &gone, "one").await;
    release(leases(&store), &given).await;
    let store = Open::at(store.close().await, Setup::default()).await;
    let found = leases(&store).find_lease(&name).await;
    assert_eq!(found.expect("it can be found").as_ref(), Some(&held));
    let refused = leases(&store)
        .acquire_lease(&name, &holder("other"), hour)
        .await;
    assert!(refused.is_err(), "who held it holds it still");
    let renewed = leases(&store).renew_lease(&held, hour).await;
    assert_eq!(renewed.expect("it is held").token, held.token);
    let again = acquire(leases(&store), &gone, "other").await;
    assert!(
        again.token > given.token,
        "the token of what was given back before the close rises"
    );
    let first = acquire(leases(&store), &beside, "other").await;
    assert!(first.token > FencingToken::from_number(0));
}

/// What a child has kept is there as a whole, or not at all where that may be, and what comes next can be done.
async fn assert_child(store: &Store, acknowledged: bool) {
    let name = balances();
    let kept = kept(store);
    let there = find(kept, &name).await;
    let first = there.as_ref().and_then(|there| there.live());
    let checkpoint = first.and_then(|first| first.checkpoint);
    let parked = Everything::of(kept, &name).await.parked.concat();
    let last = at(child::STEPS);
    assert!(
        checkpoint == last || !acknowledged,
        "after the process has ended the checkpoint is at {checkpoint:?}; {last:?} was acknowledged"
    );
    // Each step parks the event to which it moves the checkpoint.
    let steps = checkpoint.map_or(0, Position::number);
    let expected: Vec<_> = (1..=steps).map(|number| waiting(number, "child")).collect();
    assert_eq!(parked, expected, "what was parked up to {checkpoint:?}");
    if first.is_none() {
        assert!(there.is_none(), "a build that was begun in part: {there:?}");
        begin(kept, build().live()).await;
    }
    let found = find(kept, &name).await.expect("it was begun");
    let number = found.live().expect("it is read").generation.number();
    take(kept, step(number, steps, 100)).await;
}

/// Contract 3, 14 and 17.
pub(crate) async fn x_59_what_was_kept_outlives_a_killed_and_a_crashed_process(bench: Bench) {
    let store = bench.store().await;
    if kept::claimed(&store).is_none() {
        return;
    }
    let Some(location) = durable(&store) else {
        return;
    };
    let place = store.close().await;
    bench.child().is_killed(&location, Work::Steps);
    assert_child(&*Open::at(place, Setup::default()).await, true).await;
    for point in 0.. {
        let store = bench.store().await;
        let location = durable(&store).expect("the store is durable");
        let place = store.close().await;
        let crashed = bench.child().crashes(&location, point, Work::Steps);
        let store = Open::at(place, Setup::default()).await;
        assert_child(&store, !crashed).await;
        if !crashed {
            assert!(
                point >= 2,
                "a store asks its fault hook at two points at the least"
            );
            break;
        }
    }
}
