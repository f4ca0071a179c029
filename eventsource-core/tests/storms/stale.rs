//! States that lie behind: in the cache, and in a unit of work.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use eventsource_core::{
    Append, AppendError, EventStore, MemoryStore, Receipt, Repository, Spawner, Task, Timer,
    Version, async_trait, snapshot::replayed_more_than,
};

use crate::{
    bent::{Bend, Bent},
    domain::{Move, Poor, Purse, plain},
};

/// Another writer comes while a command waits after its conflict.
struct Meanwhile(Mutex<Option<Writer>>);

type Writer = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Meanwhile {
    fn comes(writer: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(Box::pin(writer)))))
    }
}

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meanwhile").finish_non_exhaustive()
    }
}

impl Timer for Meanwhile {
    fn sleep(&self, _: Duration) -> Writer {
        let writer = self.0.lock().expect("not poisoned").take();
        writer.unwrap_or_else(|| Box::pin(std::future::ready(())))
    }
}

/// Purse 1 with 10 haler, and a unit that takes 10 out of it and whose commit conflicts with another writer, who takes 1.
/// While it waits, the cache sees that, and then another writer puts so much in.
async fn overtaken(haler: i64) -> Result<Receipt, Option<Poor>> {
    let store = MemoryStore::new();
    let others = plain(store.clone());
    let purses = plain(store).cache(8);
    others.execute(&1, Move::one(1, 10)).await.expect("put in");
    let writer = {
        let (purses, others) = (purses.clone(), others.clone());
        async move {
            purses.load(&1).await.expect("it is seen");
            let put_in = others.execute(&1, Move::one(4, haler)).await;
            put_in.expect("put in");
        }
    };
    let purses = purses.with_timer(Meanwhile::comes(writer));
    let mut unit = purses.begin(&1).await.expect("a unit");
    unit.execute(Move::one(2, -10)).expect("10 are there");
    let taken = others.execute(&1, Move::one(3, -1)).await;
    taken.expect("taken out");
    let done = unit.commit().await;
    done.map_err(|error| error.refusal().cloned())
}

#[tokio::test]
async fn a_unit_that_is_refused_on_a_state_that_lies_behind_is_decided_again_as_a_whole() {
    let receipt = overtaken(1).await.expect("10 are there again");
    assert_eq!(receipt.version(), Version::new(4));
}

#[tokio::test]
async fn a_unit_that_is_refused_on_every_state_is_refused() {
    // One less is there in the end.
    let refused = overtaken(-1).await.expect_err("8 are there");
    assert_eq!(refused, Some(Poor { missing: 2 }));
}

/// Tells of conflicts without the events that the writer had not seen.
#[derive(Debug)]
struct Terse;

#[async_trait]
impl Bend for Terse {
    async fn append(&self, store: &dyn EventStore, append: Append) -> Result<Receipt, AppendError> {
        store.append(append).await.map_err(|mut error| {
            if let AppendError::Conflict(conflict) = &mut error {
                for stream in &mut conflict.streams {
                    stream.missed.clear();
                }
            }
            error
        })
    }
}

/// As where the events that the cache lacks were trimmed.
#[tokio::test]
async fn a_cached_state_that_lies_behind_is_renewed_where_the_conflict_does_not_bring_what_it_lacks()
 {
    let store = MemoryStore::new();
    let others = plain(store.clone());
    let purses = plain(Bent::new(Arc::new(store), Terse)).cache(8);
    purses.execute(&1, Move::one(1, 10)).await.expect("cached");
    others.execute(&1, Move::one(2, 10)).await.expect("put in");
    let receipt = purses.execute(&1, Move::one(3, -5)).await;
    let receipt = receipt.expect("the second attempt");
    assert_eq!(receipt.version(), Version::new(3));
}

/// Never begins what it is given.
#[derive(Default)]
struct Idle(Mutex<Vec<Task>>);

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}

impl Spawner for Idle {
    fn spawn(&self, task: Task) {
        self.0.lock().expect("not poisoned").push(task);
    }
}

#[tokio::test]
async fn a_unit_is_decided_on_a_state_of_which_a_snapshot_is_on_its_way() {
    let store = MemoryStore::new();
    let others = plain(store.clone());
    let idle = Arc::new(Idle::default());
    let purses: Repository<Purse> = plain(store)
        .snapshot(replayed_more_than(0))
        .with_spawner(idle.clone());
    for command in 1..4 {
        let put_in = others.execute(&1, Move::one(command, 10)).await;
        put_in.expect("put in");
    }
    let mut unit = purses.begin(&1).await.expect("a unit");
    unit.execute(Move::one(4, -10)).expect("30 are there");
    // Its commit conflicts, and it is decided again on a state of which a snapshot is to be taken, too.
    let put_in = others.execute(&1, Move::one(5, 10)).await;
    put_in.expect("put in");
    let receipt = unit.commit().await.expect("40 are there");
    assert_eq!(receipt.version(), Version::new(5));
    assert_eq!(purses.load(&1).await.expect("a purse").haler, 30);
    assert!(!idle.0.lock().expect("not poisoned").is_empty());
}
