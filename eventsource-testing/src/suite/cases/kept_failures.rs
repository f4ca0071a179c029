//! Changes of what is kept for projections that fail, are dropped, or come all at once.

use std::sync::Arc;

use eventsource_core::{
    Generation, ProjectionStore, ProjectionStoreError, StoredProjection, fault::FaultPoint,
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::{
        kept::{
            Everything, at, balances, begin, build, claimed, find, generation, kept, position,
            step, take, waiting,
        },
        lifecycle::polled,
    },
    fixture::Setup,
    hooks::Armed,
    kit,
};

/// Everything that can be changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Begin,
    Reset,
    Advance,
    Switch,
    Drop,
    Delete,
}

impl Change {
    pub(crate) const ALL: [Self; 6] = [
        Self::Begin,
        Self::Reset,
        Self::Advance,
        Self::Switch,
        Self::Drop,
        Self::Delete,
    ];

    /// A build that is read, and another one beside it, which is as far.
    pub(crate) async fn prepare(kept: &dyn ProjectionStore) {
        begin(kept, build().live()).await;
        begin(kept, build()).await;
        take(kept, step(1, 0, 10).parking([waiting(4, "1")])).await;
        take(
            kept,
            step(2, 0, 10).parking([waiting(5, "1"), waiting(6, "2")]),
        )
        .await;
    }

    pub(crate) async fn make(
        self,
        kept: &dyn ProjectionStore,
        fence: Option<&eventsource_core::Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let (name, second) = (balances(), generation(2));
        let fenced = build().fenced(fence.cloned());
        match self {
            Self::Begin => kept.begin_generation(fenced).await.map(drop),
            Self::Reset => kept.begin_generation(fenced.live()).await.map(drop),
            Self::Advance => {
                let step = step(2, 10, 11).parking([waiting(11, "1"), waiting(12, "3")]);
                let step = step.unparking([position(5), position(6)]);
                kept.advance(step.fenced(fence.cloned())).await
            }
            Self::Switch => kept.switch_to(&name, second, fence).await,
            Self::Drop => kept.drop_generation(&name, second, fence).await,
            Self::Delete => kept.delete_projection(&name, fence).await,
        }
    }

    /// Everything before the change, and after it.
    pub(crate) async fn both(self, bench: &Bench) -> [Everything; 2] {
        let (store, name) = (bench.store().await, balances());
        let kept = kept(&store);
        Self::prepare(kept).await;
        let before = Everything::of(kept, &name).await;
        let changed = self.make(kept, None).await;
        changed.unwrap_or_else(|error| panic!("{self:?} fails: {error:?}"));
        let after = Everything::of(kept, &name).await;
        assert_ne!(before, after, "{self:?} changes nothing");
        [before, after]
    }
}

/// Contract 8 and 17.
pub(crate) async fn x_45_a_change_of_what_is_kept_that_fails_changes_nothing(bench: Bench) {
    if claimed(&*bench.store().await).is_none() {
        return;
    }
    let name = balances();
    for change in Change::ALL {
        let [before, after] = change.both(&bench).await;
        for number in 0.. {
            let armed = Armed::at(number);
            let hook = Arc::new(armed.script());
            let store = bench.store_with(Setup::default().with_faults(hook)).await;
            Change::prepare(kept(&store)).await;
            armed.arm();
            let outcome = change.make(kept(&store), None).await;
            let struck = armed.struck();
            let there = Everything::of(kept(&store), &name).await;
            match (struck, &outcome) {
                (Some(FaultPoint::AfterCommit), Err(ProjectionStoreError::Unknown(_))) => {
                    assert_eq!(there, after, "{change:?} was done, and nobody was told");
                }
                (
                    Some(_),
                    Err(
                        ProjectionStoreError::Unavailable { .. }
                        | ProjectionStoreError::Engine { .. },
                    ),
                ) => assert_eq!(there, before, "{change:?} has failed: {outcome:?}"),
                (None, Ok(())) => {
                    assert!(
                        number >= 2,
                        "a store asks its fault hook at two points at the least"
                    );
                    assert_eq!(there, after, "{change:?} was done");
                    break;
                }
                _ => panic!("{change:?}: a failure at {struck:?} ends in {outcome:?}"),
            }
            assert_usable(&store).await;
        }
    }
}

/// Both the events and what is kept can be changed again.
async fn assert_usable(store: &Open) {
    kit::put(store, &kit::stream("1"), 0..1).await;
    kit::assert_only(store, &kit::stream("1"), 0..1).await;
    let kept = kept(store);
    let begun = begin(kept, build()).await.generation;
    take(kept, step(begun.number(), 0, 7)).await;
    let found = find(kept, &balances()).await.expect("it was begun");
    let begun = found.generation(begun).expect("it was begun");
    assert_eq!(begun.checkpoint, at(7));
}

/// Contract 13 and 17.
pub(crate) async fn x_46_a_dropped_change_of_what_is_kept_is_done_whole_or_not_at_all(
    bench: Bench,
) {
    if claimed(&*bench.store().await).is_none() {
        return;
    }
    let name = balances();
    for change in Change::ALL {
        let [before, after] = change.both(&bench).await;
        for times in 0.. {
            let store = bench.store().await;
            let kept = kept(&store);
            Change::prepare(kept).await;
            let ended = polled(times, change.make(kept, None)).await;
            // It may be done at any moment, so what is looked at later may only be further on. What one look gives is of
            // one moment.
            let mut is_done = ended.is_some();
            for _ in 0..3 {
                let there: Option<StoredProjection> = find(kept, &name).await;
                assert!(
                    there == after.found || there == before.found && !is_done,
                    "{change:?}, dropped, has left {there:?}"
                );
                is_done |= there == after.found;
            }
            if let Some(outcome) = ended {
                outcome.unwrap_or_else(|error| panic!("{change:?} fails: {error:?}"));
                assert_eq!(Everything::of(kept, &name).await, after);
                break;
            }
            assert_usable(&store).await;
        }
    }
}

/// Contract 17.
pub(crate) async fn x_47_of_many_that_move_a_checkpoint_one_does(bench: Bench) {
    const MOVERS: usize = 8;
    let store = bench.store().await;
    if claimed(&store).is_none() {
        return;
    }
    let another = store.another().await;
    begin(kept(&store), build()).await;
    // What all of them deliver, and only one can have delivered.
    take(kept(&store), step(1, 0, 0).parking([waiting(1, "all")])).await;
    let (mut from, mut parked) = (0, Vec::new());
    for round in 0..Bench::times(20, 500) as u64 {
        let barrier = Arc::new(Barrier::new(MOVERS));
        let mut movers = JoinSet::new();
        for number in (1_u64..).take(MOVERS) {
            let store: &Store = if number % 2 == 0 { &store } else { &another };
            let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
            movers.spawn(async move {
                let to = from + number;
                let mine = waiting(1_000 * (round + 1) + number, "mine");
                let step = step(1, from, to).parking([mine.clone()]);
                barrier.wait().await;
                match kept(&store).advance(step).await {
                    Ok(()) => Some((to, mine)),
                    Err(ProjectionStoreError::Moved { .. }) => None,
                    Err(error) => panic!("who is late is told so, and not: {error:?}"),
                }
            });
        }
        let mut moved = Vec::new();
        while let Some(mover) = movers.join_next().await {
            moved.extend(mover.expect("a mover ends"));
        }
        assert_eq!(
            moved.len(),
            1,
            "of {MOVERS} movers one has moved it: {moved:?}"
        );
        let (to, mine) = moved.remove(0);
        parked.push(mine);
        let found = find(kept(&store), &balances()).await.expect("it was begun");
        let first = found.generation(Generation::FIRST).expect("it was begun");
        assert_eq!(first.checkpoint, at(to), "where the one has moved it");
        from = to;
    }
    let mut there = Everything::of(kept(&store), &balances())
        .await
        .parked
        .concat();
    assert_eq!(there.remove(0), waiting(1, "all"));
    assert_eq!(there, parked, "who did not move it has parked nothing");
    // Of many that replay one event, one does.
    let barrier = Arc::new(Barrier::new(MOVERS));
    let mut players = JoinSet::new();
    for number in (1_u64..).take(MOVERS) {
        let store: &Store = if number % 2 == 0 { &store } else { &another };
        let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
        players.spawn(async move {
            let replay = step(1, from, from).unparking([position(1)]);
            barrier.wait().await;
            kept(&store).advance(replay).await.is_ok()
        });
    }
    let replayed = players.join_all().await;
    let replayed = replayed.into_iter().filter(|is_mine| *is_mine).count();
    assert_eq!(replayed, 1, "of {MOVERS} that replay an event, one does");
}
