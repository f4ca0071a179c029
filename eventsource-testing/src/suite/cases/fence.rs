//! What is done under a lease that was lost.

use std::sync::Arc;

use eventsource_core::{
    Fence, FencingToken, Lease, LeaseName, ProjectionStore, ProjectionStoreError,
    fault::{FaultAction, FaultPoint},
};
use tokio::runtime::Handle;

use crate::suite::{
    bench::{Bench, Store},
    cases::{
        kept::{self, Everything, at, balances, begin, build, find, kept, step, take, waiting},
        kept_failures::Change,
        lease::{MICROS, acquire, holder, lease_name, leases, release, with_clock},
    },
    fixture::Setup,
    hooks::{Gate, OpenAtEnd, chance},
};

/// Whether the store claims both checkpoints and leases.
fn has_both(store: &Store) -> bool {
    let has_leases = super::lease::claimed(store).is_some();
    kept::claimed(store).is_some() && has_leases
}

fn lease() -> LeaseName {
    lease_name("projection balances")
}

/// A change that is refused, and changes nothing.
async fn assert_fenced(
    store: &Store,
    (change, fence): (Change, &Fence),
    current: Option<FencingToken>,
    why: &str,
) {
    let before = Everything::of(kept(store), &balances()).await;
    match change.make(kept(store), Some(fence)).await {
        Err(ProjectionStoreError::Fenced {
            projection,
            held,
            current: told,
        }) => assert_eq!((projection, held, told), (balances(), fence.token, current)),
        other => panic!("{change:?} under a lease that {why} ends in {other:?}"),
    }
    let after = Everything::of(kept(store), &balances()).await;
    assert_eq!(after, before, "{change:?} under a lease that {why}");
}

/// Contract 17 and 18.
pub(crate) async fn x_54_what_is_done_under_a_lost_lease_is_refused(bench: Bench) {
    if !has_both(&*bench.store().await) {
        return;
    }
    for change in Change::ALL {
        let (store, clock) = with_clock(&bench).await;
        let (kept, leases) = (kept(&store), leases(&store));
        Change::prepare(kept).await;
        let first = Fence::new(lease(), FencingToken::from_number(1));
        assert_fenced(&store, (change, &first), None, "was never taken").await;
        let old = acquire(leases, &lease(), "old").await.fence();
        // Another lease under the same token is another lease.
        let beside = Fence::new(lease_name("another"), old.token);
        assert_fenced(&store, (change, &beside), None, "is another one").await;
        clock.advance_micros(MICROS);
        let new = acquire(leases, &lease(), "new").await;
        let taken = Some(new.token);
        assert_fenced(&store, (change, &old), taken, "another one has taken").await;
        let wrong = Fence::new(lease(), FencingToken::from_number(new.token.number() + 1));
        assert_fenced(&store, (change, &wrong), taken, "nobody has had yet").await;
        release(leases, &new).await;
        assert_fenced(&store, (change, &new.fence()), None, "was given back").await;
        assert_fenced(&store, (change, &old), None, "was taken and given back").await;
        let last = acquire(leases, &lease(), "old").await;
        let current = Some(last.token);
        assert_fenced(&store, (change, &old), current, "was taken again").await;
        // One that has run out, but that nobody has taken, is still his who has it.
        clock.advance_micros(2 * MICROS);
        let done = change.make(kept, Some(&last.fence())).await;
        done.unwrap_or_else(|error| panic!("{change:?} under a lease that is held: {error:?}"));
    }
    // Who has lost the lease is told that first.
    let store = bench.store().await;
    Change::prepare(kept(&store)).await;
    let never = Fence::new(lease(), FencingToken::from_number(1));
    for (number, from) in [(2, 0), (9, 0)] {
        let late = step(number, from, 20).fenced(never.clone());
        let outcome = kept(&store).advance(late).await;
        assert!(
            matches!(outcome, Err(ProjectionStoreError::Fenced { .. })),
            "a step from {from} of generation {number} under no lease ends in {outcome:?}"
        );
    }
}

/// Takes over on a thread of its own, since a store may hold up whoever asks meanwhile.
fn take_over(store: &Store, old: Lease) -> tokio::task::JoinHandle<Lease> {
    let (store, runtime) = (Arc::clone(store), Handle::current());
    tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            release(leases(&store), &old).await;
            acquire(leases(&store), &lease(), "new").await
        })
    })
}

/// Contract 17 and 18: the old holder is held up in the middle of a step, and another one takes its place.
pub(crate) async fn x_55_a_fence_is_looked_at_in_the_step_that_it_fences(bench: Bench) {
    if !has_both(&*bench.store().await) {
        return;
    }
    for number in 0.. {
        let armed = Arc::new(Held::at(number));
        let setup = Setup::default().with_faults(Arc::clone(&armed) as _);
        let store = bench.store_with(setup).await;
        let _open_at_end = OpenAtEnd(Arc::clone(&armed.gate));
        begin(kept(&store), build()).await;
        let old = acquire(leases(&store), &lease(), "old").await;
        armed.arm();
        let late = step(1, 0, 7)
            .parking([waiting(7, "old")])
            .fenced(old.fence());
        let (writer, runtime) = (Arc::clone(&store), Handle::current());
        let mut late = tokio::task::spawn_blocking(move || {
            runtime.block_on(async { kept(&writer).advance(late).await })
        });
        // A step has so many points; after its last one it is not held up.
        let is_held = tokio::select! {
            () = armed.gate.holds_a_writer() => true,
            ended = &mut late => {
                ended.expect("the step ends").expect("the lease is held");
                false
            }
        };
        if !is_held {
            assert!(
                number >= 2,
                "a store asks its fault hook at two points at the least"
            );
            return;
        }
        let mut taking = take_over(&store, old);
        let taken = chance(&mut taking).await;
        let was_faster = taken.is_some();
        let before = if was_faster {
            let store = Arc::clone(&store);
            Some(checkpoint(kept(&store)).await)
        } else {
            None
        };
        armed.gate.let_go();
        let outcome = late.await.expect("the step ends");
        let new = match taken {
            Some(new) => new,
            None => taking.await,
        };
        let new = new.expect("the other one takes over");
        let after = checkpoint(kept(&store)).await;
        match &outcome {
            Ok(()) => assert_eq!(after, at(7), "a step that was made"),
            Err(ProjectionStoreError::Fenced { .. }) => assert_eq!(after, None, "one that was not"),
            Err(error) => panic!("who has lost the lease is told so, and not: {error:?}"),
        }
        if let Some(before) = before {
            assert_eq!(
                after, before,
                "once another one has the lease, nothing of the old one is done: {outcome:?}"
            );
        }
        let next = step(1, after.map_or(0, eventsource_core::Position::number), 9);
        take(kept(&store), next.fenced(new.fence())).await;
    }
}

async fn checkpoint(kept: &dyn ProjectionStore) -> Option<eventsource_core::Position> {
    let found = find(kept, &balances()).await.expect("it was begun");
    found.generations[0].checkpoint
}

/// Holds up at the fault point of a number, counted from when it is armed.
#[derive(Debug)]
struct Held {
    gate: Arc<Gate>,
    number: usize,
    counts: std::sync::atomic::AtomicBool,
    passed: std::sync::atomic::AtomicUsize,
}

impl Held {
    fn at(number: usize) -> Self {
        Self {
            gate: Gate::at_the_first_point(FaultAction::GoOn),
            number,
            counts: false.into(),
            passed: 0.into(),
        }
    }

    fn arm(&self) {
        self.counts.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

impl eventsource_core::fault::FaultHook for Held {
    fn at(&self, point: FaultPoint) -> FaultAction {
        use std::sync::atomic::Ordering::SeqCst;
        if self.counts.load(SeqCst) && self.passed.fetch_add(1, SeqCst) == self.number {
            return self.gate.at(point);
        }
        FaultAction::GoOn
    }
}

/// Contract 14, 17 and 18.
pub(crate) async fn x_56_two_handles_on_one_place_see_each_others_leases_and_steps(bench: Bench) {
    let store = bench.store().await;
    if !has_both(&store) {
        return;
    }
    let another = store.another().await;
    let (one, other): (&Store, &Store) = (&store, &another);
    begin(kept(one), build().live()).await;
    let mine = leases(one)
        .acquire_lease(&lease(), &holder("one"), HOUR)
        .await;
    let mine = mine.expect("nobody has it");
    let refused = leases(other)
        .acquire_lease(&lease(), &holder("other"), HOUR)
        .await;
    assert!(
        matches!(refused, Err(eventsource_core::LeaseError::Held { lease }) if lease == mine),
        "the other one is told who has it"
    );
    take(
        kept(one),
        step(1, 0, 5)
            .parking([waiting(3, "1")])
            .fenced(mine.fence()),
    )
    .await;
    let seen = Everything::of(kept(other), &balances()).await;
    assert_eq!(
        seen,
        Everything::of(kept(one), &balances()).await,
        "one step"
    );
    assert_eq!(
        seen.parked,
        [[waiting(3, "1")]],
        "what the other one parked"
    );
    let moved = kept(other).advance(step(1, 0, 6)).await;
    assert!(
        matches!(moved, Err(ProjectionStoreError::Moved { actual, .. }) if actual == at(5)),
        "the checkpoint that the other one has moved"
    );
    release(leases(one), &mine).await;
    let theirs = acquire(leases(other), &lease(), "other").await;
    assert!(theirs.token > mine.token, "each taker has a higher token");
    for change in Change::ALL {
        let current = Some(theirs.token);
        assert_fenced(one, (change, &mine.fence()), current, "the other one has").await;
    }
    let theirs = theirs.fence();
    take(kept(other), step(1, 5, 9).fenced(theirs.clone())).await;
    let second = begin(kept(other), build().after(at(9)).fenced(theirs.clone())).await;
    assert_eq!(second.generation.number(), 2);
    let switched = kept(other)
        .switch_to(&balances(), second.generation, Some(&theirs))
        .await;
    switched.expect("it is as far as the one that is read");
    let seen = find(kept(one), &balances()).await.expect("it was begun");
    assert_eq!(
        seen.live(),
        Some(&second),
        "what the other one has switched to"
    );
    assert_eq!(
        seen.generations.len(),
        1,
        "what the other one has let go of"
    );
}

/// Nobody is as slow as this.
const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);
