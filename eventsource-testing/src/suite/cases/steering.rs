//! What is asked of a runner: to pause, to go on, to stop, to begin again, to take over.

use std::sync::Arc;

use eventsource_core::{
    Lease, LeaseStore, ProjectionState, Spawner,
    runner::{CommandError, StartError, StopReason, WaitError},
};

use crate::suite::{
    bench::{Bench, Store},
    cases::{
        kept::{claimed, find, name},
        lease::{self, acquire, holder, lease_name, release, with_clock},
        running::{
            FOREVER, FOREVER_MICROS, Mirror, RENEWAL, Sums, Tasks, Told, Waits, add, add_all,
            begin, checkpoint, passes, refuses, runner, settings, status, sums, until, waits_for,
        },
    },
};

/// Contract 17 and 18.
pub(crate) async fn s_10_pause_resume_stop_and_cancel_may_be_asked_twice_and_a_name_runs_once(
    bench: Bench,
) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return refuses(&store).await;
    };
    let (waits, told, sums) = (Arc::default(), Told::default(), sums());
    let both = || {
        runner(&store, &waits)
            .with_settings(Mirror::<1>(told.clone()), settings())
            .with_settings(sums.clone(), settings())
    };
    let running = begin(both());
    let first = add(&store, 1, 1).await;
    passes(&running, &first).await;
    for name in ["mirror", "sums"] {
        for _ in 0..2 {
            running.pause(name).await.expect("it runs here");
            let paused = status(&running, name).await.state;
            assert!(matches!(paused, ProjectionState::Paused), "{paused:?}");
        }
    }
    let second = add(&store, 1, 2).await;
    assert_eq!(told.of(1), [1], "one that is paused takes nothing in");
    assert_eq!(checkpoint(kept).await, first.position());
    for name in ["mirror", "sums"] {
        for _ in 0..2 {
            running.resume(name).expect("it runs here");
        }
    }
    passes(&running, &second).await;
    assert_eq!(told.of(1), [1, 2], "what came meanwhile, once");
    for _ in 0..2 {
        running.rebuild("sums").await.expect("it can be built anew");
        let cancelled = running.cancel_rebuild("sums").await;
        cancelled.expect("there is nothing to cancel");
    }
    assert_eq!(sums.read(|sums| sums.counted.clone()), [1, 2]);
    // A name runs once.
    let twice = both().start();
    assert!(matches!(twice, Err(StartError::InUse { .. })), "{twice:?}");
    let mirror = || Mirror::<1>(told.clone());
    let twice = runner(&store, &waits).with(mirror()).with(mirror()).start();
    let is_refused = matches!(twice, Err(StartError::NameTwice { .. }));
    assert!(is_refused, "{twice:?}");
    for _ in 0..2 {
        running.stop().await;
    }
    for name in ["mirror", "sums"] {
        let stopped = status(&running, name).await.state;
        assert!(
            matches!(stopped, ProjectionState::Stopped(StopReason::Asked)),
            "{stopped:?}"
        );
        running.pause(name).await.expect("it rests already");
        let refused = running.resume(name);
        assert!(
            matches!(refused, Err(CommandError::Stopped { .. })),
            "what was stopped for good stays stopped: {refused:?}"
        );
    }
    if let Some(leases) = lease::claimed(&store) {
        let held = leases.find_lease(&lease_name("projection mirror")).await;
        let held = held.expect("a lease can be found");
        assert_eq!(held, None, "who has stopped gives the lease back");
    }
    // The name is free again.
    let next = begin(both());
    let third = add(&store, 1, 3).await;
    passes(&next, &third).await;
    assert_eq!(told.of(1), [1, 2, 3], "the next one goes on");
    next.stop().await;
}

/// Contract 17.
pub(crate) async fn s_26_what_was_built_is_not_taken_for_what_would_be_built_now(bench: Bench) {
    let store = bench.store().await;
    let Some(kept) = claimed(&store) else {
        return refuses(&store).await;
    };
    let (waits, told) = (Arc::default(), Told::default());
    let first = add(&store, 1, 1).await;
    for coming in [first, add(&store, 1, 2).await] {
        let same = Mirror::<1>(told.clone());
        let same = begin(runner(&store, &waits).with_settings(same, settings()));
        let passed = same.wait_for(&coming, FOREVER).await;
        assert!(passed.is_ok(), "the same definition goes on: {passed:?}");
        same.stop().await;
    }
    assert_eq!(told.of(1), [1, 2]);
    let before = checkpoint(kept).await;

    // It takes other events under the same version.
    let last = add(&store, 1, 3).await;
    let other = Mirror::<1, true>(told.clone());
    let other = begin(runner(&store, &waits).with_settings(other, settings()));
    let error = other.wait_for(&last, FOREVER).await;
    let is_refused = |error: &Result<(), WaitError>, is: fn(&StopReason) -> bool| match error {
        Err(WaitError::Stopped { reason, .. }) => is(reason),
        _ => false,
    };
    assert!(
        is_refused(&error, |reason| matches!(
            reason,
            StopReason::Redefined { version: 1 }
        )),
        "another definition under the same version is refused: {error:?}"
    );
    other.stop().await;
    assert_eq!((told.of(1), checkpoint(kept).await), (vec![1, 2], before));

    // Under another version it is built from the first event on, in place of what was read.
    let anew = Told::default();
    let raised = Mirror::<2, true>(anew.clone());
    let raised = begin(runner(&store, &waits).with_settings(raised, settings()));
    passes(&raised, &last).await;
    assert_eq!(anew.of(1), [1, 2, 3], "a later version is built anew");
    raised.stop().await;
    let found = find(kept, &name("mirror")).await.expect("it is kept");
    let builds: Vec<_> = found.generations.iter().map(|one| one.version).collect();
    assert_eq!(builds, [2], "what nobody reads any more is gone");

    // Code that is older must not touch it.
    let older = Mirror::<1>(told.clone());
    let older = begin(runner(&store, &waits).with_settings(older, settings()));
    let error = older.wait_for(&last, FOREVER).await;
    assert!(
        is_refused(&error, |reason| matches!(
            reason,
            StopReason::Superseded { stored: 2, code: 1 }
        )),
        "older code does not touch what later code has built: {error:?}"
    );
    older.stop().await;
}

/// Contract 10 and 17.
pub(crate) async fn k_08_a_reset_waits_for_a_pause_and_builds_the_same_again(bench: Bench) {
    let store = bench.store().await;
    let (waits, sums, told) = (Arc::default(), sums(), Told::default());
    let mut building = runner(&store, &waits).with_settings(sums.clone(), settings());
    let mut names = vec!["sums"];
    if claimed(&store).is_some() {
        building = building.with_settings(Mirror::<1>(told.clone()), settings());
        names.push("mirror");
    }
    let running = begin(building);
    let receipts = add_all(&store, 1..=3).await;
    let last = &receipts[2];
    passes(&running, last).await;
    let before = sums.read(|sums| (**sums).clone());
    for name in &names {
        let refused = running.reset(name).await;
        assert!(
            matches!(refused, Err(CommandError::Running { .. })),
            "`{name}` is reset while it runs: {refused:?}"
        );
        running.pause(name).await.expect("it runs here");
        running.reset(name).await.expect("it is paused");
        let reset = status(&running, name).await;
        assert_eq!(reset.position, None, "`{name}` begins again");
    }
    assert_eq!(sums.read(|sums| (**sums).clone()), Sums::default());
    if let Some(kept) = claimed(&store) {
        assert_eq!(checkpoint(kept).await, None, "it begins again");
    }
    for name in &names {
        running.resume(name).expect("it runs here");
    }
    passes(&running, last).await;
    assert_eq!(sums.read(|sums| (**sums).clone()), before, "the same again");
    if names.len() > 1 {
        assert_eq!(told.of(1), [1, 2, 3, 1, 2, 3], "each event again, in order");
    }
    running.stop().await;
}

/// A runner of the mirror under a name.
fn named(
    store: &Store,
    waits: &Arc<Waits>,
    (told, by): (&Told, &str),
) -> eventsource_core::Runner<Store> {
    runner(store, waits)
        .with_settings(Mirror::<1>(told.clone()), settings())
        .with_holder(holder(by))
}

/// Contract 17 and 18.
pub(crate) async fn s_11_of_two_runners_one_is_active_and_the_other_takes_over(bench: Bench) {
    let (store, clock) = with_clock(&bench).await;
    if claimed(&store).is_none() {
        return refuses(&store).await;
    }
    let Some(leases) = lease::claimed(&store) else {
        return;
    };
    stops_for_another(&bench).await;

    // One that is killed gives nothing back: its lease has to run out.
    let (waits, tasks) = (Arc::default(), Arc::new(Tasks::default()));
    let (one, two) = (Told::default(), Told::default());
    let killed = named(&store, &waits, (&one, "one"));
    let killed = begin(killed.with_spawner(Arc::clone(&tasks) as Arc<dyn Spawner>));
    passes(&killed, &add(&store, 1, 1).await).await;
    let next = begin(named(&store, &waits, (&two, "two")));
    until(&next, "mirror", |status| waits_for(status, "one")).await;
    tasks.kill().await;
    let last = add(&store, 1, 2).await;
    clock.advance_micros(FOREVER_MICROS - 1);
    let held = mirrors_lease(leases).await.holder;
    assert_eq!(held, holder("one"), "up to its last microsecond");
    clock.advance_micros(1);
    passes(&next, &last).await;
    let seen = (one.of(1), two.of(1));
    assert_eq!(seen, (vec![1], vec![2]), "when the first one was killed");
    next.stop().await;
}

/// Of two runners on two handles the second one waits until the first one stops.
async fn stops_for_another(bench: &Bench) {
    let store = bench.store().await;
    let (waits, another) = (Arc::default(), store.another().await);
    let (one, two) = (Told::default(), Told::default());
    let first = begin(named(&store, &waits, (&one, "one")));
    passes(&first, &add(&store, 1, 1).await).await;
    let second = begin(named(&another, &waits, (&two, "two")));
    let waiting = until(&second, "mirror", |status| {
        waits_for(status, "one") || status.state.is_live()
    });
    let waiting = waiting.await.state;
    assert!(
        matches!(waiting, ProjectionState::WaitingForLease { .. }),
        "of two runners one is active: {waiting:?}"
    );
    // Who waits sees what the active one has kept.
    passes(&second, &add(&another, 1, 2).await).await;
    assert_eq!((one.of(1), two.of(1)), (vec![1, 2], vec![]));
    first.stop().await;
    passes(&second, &add(&store, 1, 3).await).await;
    let seen = (one.of(1), two.of(1));
    assert_eq!(
        seen,
        (vec![1, 2], vec![3]),
        "when the first one has stopped"
    );
    second.stop().await;
}

async fn mirrors_lease(leases: &dyn LeaseStore) -> Lease {
    let held = leases.find_lease(&lease_name("projection mirror")).await;
    held.expect("a lease can be found").expect("it is held")
}

/// Contract 17 and 18.
pub(crate) async fn s_12_who_has_lost_its_lease_keeps_nothing_and_stops(bench: Bench) {
    let (store, clock) = with_clock(&bench).await;
    let Some(kept) = claimed(&store) else {
        return refuses(&store).await;
    };
    let Some(leases) = lease::claimed(&store) else {
        return;
    };
    let waits = Arc::<Waits>::default();
    let (one, two) = (Told::held(), Told::held());
    let first = begin(named(&store, &waits, (&one, "one")));
    one.go_on(1);
    let before = add(&store, 1, 1).await;
    passes(&first, &before).await;
    one.arrives().await;
    let doubtful = add(&store, 1, 2).await;
    one.arrives().await;
    // It is held up in its handler until its lease has run out, and the next one is in the same handler.
    clock.advance_micros(FOREVER_MICROS);
    let others = Arc::<Waits>::default();
    let second = begin(named(&store, &others, (&two, "two")));
    two.arrives().await;
    one.go_on(1);
    let is_past = |status: &eventsource_core::ProjectionStatus| {
        waits_for(status, "two") || status.position == doubtful.position()
    };
    until(&first, "mirror", is_past).await;
    assert_eq!(
        checkpoint(kept).await,
        before.position(),
        "who has lost its lease moves no checkpoint"
    );
    two.go_on(1);
    passes(&second, &doubtful).await;
    assert_eq!((one.of(1), two.of(1)), (vec![1, 2], vec![2]));

    first.stop().await;

    // One that learns it when it would renew its lease stops as well.
    release(leases, &mirrors_lease(leases).await).await;
    let third = acquire(leases, &lease_name("projection mirror"), "three").await;
    others.ring(RENEWAL);
    until(&second, "mirror", |status| waits_for(status, "three")).await;
    let last = add(&store, 1, 3).await;
    assert_eq!(checkpoint(kept).await, doubtful.position());
    assert_eq!(
        two.of(1),
        [2],
        "who has lost its lease is delivered nothing"
    );
    two.go_on(1);
    release(leases, &third).await;
    passes(&second, &last).await;
    assert_eq!(two.of(1), [2, 3], "it has its lease again");
    second.stop().await;
}
