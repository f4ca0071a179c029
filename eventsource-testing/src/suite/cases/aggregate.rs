//! A store under a repository that uses what the store keeps: its snapshots, its trims, and what it says of conflicts.

use std::{
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use eventsource_core::{
    Capability, ExecuteError, Fingerprint, Keep, LoadError, Origin, RetryPolicy, Snapshot,
    SnapshotQuery, SnapshotRange, Spawner, StoredSnapshot, Task,
    fault::FaultAction,
    prelude::*,
    snapshot::{never, on_each_save},
};
use serde::{Deserialize, Serialize};

use crate::suite::{
    bench::{Bench, Store},
    cases::snapshot::{claimed, delete_all, found, save},
    fixture::Setup,
    hooks::Script,
    kit,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "tally.counted")]
pub(crate) struct Counted {
    pub(crate) by: i64,
}

/// What was counted, in order: a part of it is not the whole.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "tally", id = u64, error = BelowZero, events(Counted))]
pub(crate) struct Tally {
    counted: Vec<i64>,
    sum: i64,
}

#[derive(Debug, thiserror::Error)]
#[error("below zero")]
pub(crate) struct BelowZero;

impl Apply<Counted> for Tally {
    fn apply(&mut self, event: &Counted) {
        self.counted.push(event.by);
        self.sum += event.by;
    }
}

impl Handle<Counted> for Tally {
    fn handle(&self, command: &Counted) -> Decision<Self> {
        if self.sum + command.by < 0 {
            return Err(BelowZero);
        }
        Ok(command.clone().into())
    }
}

fn tallies(store: &Store) -> Repository<Tally> {
    Repository::new(Arc::clone(store))
}

fn stream() -> StreamId {
    StreamId::of::<Tally>(&1).expect("a legal name")
}

async fn count(tallies: &Repository<Tally>, by: i64) {
    let counted = tallies.execute(&1, Counted { by }).await;
    counted.expect("a command is stored");
}

/// What was counted with the numbers from 1 on.
async fn counts(tallies: &Repository<Tally>, to: i64) {
    for by in 1..=to {
        count(tallies, by).await;
    }
}

async fn loads(tallies: &Repository<Tally>, expected: &[i64], origin: Origin) {
    let loaded = tallies.load(&1).await.expect("a state");
    assert_eq!(loaded.counted, expected, "the state is that of all events");
    assert_eq!(loaded.origin(), origin, "where the state came from");
}

/// A store without snapshots says so where they are wanted, and has the state all the same.
async fn refuses(store: &Store) {
    let error = tallies(store).snapshot(never()).load(&1).await.map(|_| ());
    let error = error.expect_err("a store without snapshots refuses them");
    assert!(
        matches!(&error, LoadError::Unsupported(refused) if refused.capability == Capability::Snapshots),
        "a store without snapshots refuses them: {error:?}"
    );
    counts(&tallies(store), 3).await;
    loads(&tallies(store), &[1, 2, 3], Origin::Beginning).await;
}

/// With three events, the snapshot of the last one, changed.
async fn misses(bench: &Bench, change: impl Fn(StoredSnapshot) -> StoredSnapshot) {
    let store = bench.store().await;
    let Some(snapshots) = claimed(&store) else {
        return refuses(&store).await;
    };
    let kept = tallies(&store).snapshot(on_each_save());
    counts(&kept, 3).await;
    kept.snapshots_settled().await;
    count(&kept, 4).await;
    kept.snapshots_settled().await;
    let query = SnapshotQuery::newest(stream(), Tally::FINGERPRINT);
    let good = found(snapshots, &query).await.expect("one was taken");
    delete_all(snapshots, &stream()).await;
    save(snapshots, &change(good), Keep::All).await;

    loads(&kept, &[1, 2, 3, 4], Origin::Beginning).await;
    count(&kept, 5).await;
    loads(&tallies(&store), &[1, 2, 3, 4, 5], Origin::Beginning).await;
}

/// A state that never was, in a snapshot that is whole.
fn wrong(of: &StoredSnapshot, version: Version, fingerprint: Fingerprint) -> StoredSnapshot {
    let bytes = br#"{"counted":[100],"sum":100}"#.to_vec();
    let (event, taken_at) = (of.event, of.taken_at);
    let stream = of.stream.clone();
    StoredSnapshot::new(
        stream,
        version,
        event,
        fingerprint,
        of.occurred_to,
        taken_at,
        None,
        bytes,
    )
}

/// Contract 15.
pub(crate) async fn n_04_a_snapshot_of_another_fingerprint_is_not_used(bench: Bench) {
    let other = Fingerprint::new(!Tally::FINGERPRINT.number());
    misses(&bench, |good| wrong(&good, good.version, other)).await;
}

/// Contract 1 and 15.
pub(crate) async fn n_05_a_snapshot_that_is_newer_than_its_stream_is_not_used(bench: Bench) {
    misses(&bench, |good| {
        wrong(&good, kit::version(9), Tally::FINGERPRINT)
    })
    .await;
}

/// Contract 15.
pub(crate) async fn n_06_a_damaged_snapshot_is_not_used(bench: Bench) {
    misses(&bench, |good| {
        let mut damaged = wrong(&good, good.version, Tally::FINGERPRINT);
        damaged.checksum = good.checksum;
        damaged
    })
    .await;
}

/// Keeps tasks until they are to be done.
#[derive(Default)]
struct Later(Mutex<Vec<Task>>);

impl Later {
    async fn do_all(&self) {
        let tasks = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.await;
        }
    }
}

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Later").finish_non_exhaustive()
    }
}

impl Spawner for Later {
    fn spawn(&self, task: Task) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task);
    }
}

/// Contract 8 and 15.
pub(crate) async fn n_07_a_snapshot_that_is_not_kept_takes_no_event_with_it(bench: Bench) {
    let fails = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&fails);
    let script = Script::new(move |_| {
        if asked.load(Ordering::SeqCst) {
            FaultAction::Fail
        } else {
            FaultAction::GoOn
        }
    });
    let setup = Setup::default().with_faults(Arc::new(script));
    let store = bench.store_with(setup).await;
    let Some(snapshots) = claimed(&store) else {
        return refuses(&store).await;
    };
    let later = Arc::new(Later::default());
    let spawner: Arc<dyn Spawner> = Arc::<Later>::clone(&later);
    let kept = tallies(&store)
        .snapshot(on_each_save())
        .with_spawner(spawner);
    count(&kept, 1).await;
    fails.store(true, Ordering::SeqCst);
    later.do_all().await;
    fails.store(false, Ordering::SeqCst);
    let query = SnapshotQuery::newest(stream(), Tally::FINGERPRINT);
    assert_eq!(
        found(snapshots, &query).await,
        None,
        "a save that failed keeps nothing"
    );
    loads(&kept, &[1], Origin::Beginning).await;
    count(&kept, 2).await;
    later.do_all().await;
    loads(&kept, &[1, 2], Origin::Snapshot(kit::version(2))).await;
}

/// Contract 10 and 15.
pub(crate) async fn n_08_a_state_from_any_snapshot_is_that_of_all_events(bench: Bench) {
    let store = bench.store().await;
    let Some(snapshots) = claimed(&store) else {
        return refuses(&store).await;
    };
    let kept = tallies(&store)
        .snapshot(on_each_save())
        .keep_snapshots(Keep::All);
    let all: Vec<_> = (1..=12).collect();
    for by in &all {
        count(&kept, *by).await;
        kept.snapshots_settled().await;
    }
    for (number, by) in (1..).zip(&all) {
        let then = AsOf::Version(kit::version(number));
        let loaded = kept.load_as_of(&1, then).await.expect("a state");
        assert_eq!(loaded.counted.last(), Some(by), "as of version {number}");
        let plain = tallies(&store).load_as_of(&1, then).await;
        assert_eq!(
            loaded.state(),
            plain.expect("a state").state(),
            "as of version {number}"
        );
        let origin = Origin::Snapshot(kit::version(number));
        assert_eq!(
            loaded.origin(),
            origin,
            "the snapshot of version {number} is there"
        );
    }
    // The tail behind each, from the last one on.
    let reader = tallies(&store).snapshot(never());
    for number in (1..=12).rev() {
        loads(&reader, &all, Origin::Snapshot(kit::version(number))).await;
        let mut newest = SnapshotRange::all(stream());
        newest.from_version = Some(kit::version(number));
        let deleted = snapshots.delete_snapshots(&newest).await;
        assert_eq!(deleted.expect("it is deleted"), 1);
    }
    loads(&reader, &all, Origin::Beginning).await;
}

/// Contract 2.
pub(crate) async fn c_36_a_state_that_is_kept_hides_no_conflict(bench: Bench) {
    let store = bench.store().await;
    let quick = RetryPolicy::default().with_attempts(u32::MAX);
    let (hot, other) = (
        tallies(&store).cache(16).with_retry(quick),
        tallies(&store.another().await),
    );
    count(&hot, 10).await;
    // What it keeps lies behind, again and again.
    for _ in 0..5 {
        count(&other, -10).await;
        let refused = hot.execute(&1, Counted { by: -1 }).await;
        assert!(
            matches!(refused, Err(ExecuteError::Refused(BelowZero))),
            "there is nothing left: {refused:?}"
        );
        count(&other, 7).await;
        count(&hot, 3).await;
        count(&other, 0).await;
        count(&hot, 0).await;
    }
    let mut all = vec![10];
    for _ in 0..5 {
        all.extend([-10, 7, 3, 0, 0]);
    }
    loads(&other, &all, Origin::Beginning).await;
    let loaded = hot.load(&1).await.expect("a state");
    assert_eq!(loaded.counted, all, "no command is lost or doubled");
}

/// Contract 15 and 16.
pub(crate) async fn d_07_what_was_trimmed_is_a_snapshot_or_a_refusal(bench: Bench) {
    let store = bench.store().await;
    let has_trims = store.capabilities().has(Capability::Trim);
    if claimed(&store).is_none() {
        return refuses(&store).await;
    }
    let kept = tallies(&store).snapshot(on_each_save());
    for by in 1..=5 {
        count(&kept, by).await;
        kept.snapshots_settled().await;
    }
    count(&tallies(&store), 6).await;
    let all = [1, 2, 3, 4, 5, 6];
    if !has_trims {
        let refused = kept.trim(&1).await;
        refused.expect_err("a store that cannot trim refuses it");
        return loads(&tallies(&store), &all, Origin::Beginning).await;
    }
    let trimmed = kept.trim(&1).await.expect("a snapshot stands for them");
    assert_eq!(trimmed.first, kit::version(5));
    loads(&kept, &all, Origin::Snapshot(kit::version(5))).await;

    let plain = tallies(&store);
    for by in [kit::version(1), kit::version(5), kit::version(6)] {
        let part = plain.load_as_of(&1, AsOf::Version(by)).await.map(|_| ());
        is_refused(&part);
    }
    for time in [Timestamp::MIN, Timestamp::MAX] {
        is_refused(&plain.load_as_of(&1, AsOf::Occurred(time)).await.map(|_| ()));
        is_refused(&plain.load_as_of(&1, AsOf::Recorded(time)).await.map(|_| ()));
    }
    is_refused(&plain.load(&1).await.map(|_| ()));
    match plain.execute(&1, Counted { by: 1 }).await {
        Err(ExecuteError::Load(error)) => is_refused(&Err(error)),
        done => panic!("nothing is decided on a part of a state: {done:?}"),
    }
    // A command is decided on what is left, and takes no snapshot; the next one does.
    let reader = tallies(&store).snapshot(never());
    count(&reader, 7).await;
    let all = [1, 2, 3, 4, 5, 6, 7, 8];
    loads(&reader, &all[..7], Origin::Snapshot(kit::version(5))).await;
    count(&kept, 8).await;
    kept.snapshots_settled().await;
    loads(&reader, &all, Origin::Snapshot(kit::version(8))).await;
}

fn is_refused(loaded: &Result<(), LoadError>) {
    assert!(
        matches!(loaded, Err(LoadError::Trimmed { first, .. }) if *first == kit::version(5)),
        "a part of a state is none: {loaded:?}"
    );
}
