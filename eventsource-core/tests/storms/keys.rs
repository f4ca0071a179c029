//! The same command more than once, named by its id.

use eventsource_core::{
    CommandId, Context, EventStore, EventStoreExt, ExecuteError, IdSource, UuidV7,
};
use tokio::sync::Barrier;

use crate::{
    domain::{Move, Poor, Store, cached, moved, plain, version},
    unknown::rival,
};

fn some_id() -> Context {
    Context::new().with_command_id(CommandId::new(UuidV7.next_id()))
}

async fn stored(store: &Store) -> Vec<u64> {
    let all = store.read_all().await.expect("a read");
    all.iter().map(|event| moved(event).command).collect()
}

pub(crate) async fn the_same_id_again_is_told_that_it_is_applied(open: impl AsyncFn() -> Store) {
    let (store, context) = (open().await, some_id());
    let purses = cached(store.clone());
    let first = purses
        .within(context.clone())
        .execute(&1, Move::one(1, 10))
        .await;
    let first = first.expect("put in");
    // Another state is there by now, on which it would decide otherwise, or not at all.
    purses
        .execute(&1, Move::one(2, -10))
        .await
        .expect("taken out");
    for another in [purses, plain(store.clone())] {
        let again = another.within(context.clone());
        let again = again
            .execute(&1, Move::one(1, 10))
            .await
            .expect("its receipt");
        assert!(first.is_first() && !again.is_first());
        assert_eq!(again.streams, first.streams);
    }
    assert_eq!(stored(&store).await, [1, 2]);
    let all = store.read_all().await.expect("a read");
    let id = context.command_id.expect("it was given");
    assert_eq!(all[0].causation_id, Some(id.into()));
}

pub(crate) async fn an_id_answers_although_the_command_would_be_refused_by_now(
    open: impl AsyncFn() -> Store,
) {
    let (store, context) = (open().await, some_id());
    let purses = cached(store.clone());
    purses.execute(&1, Move::one(1, 10)).await.expect("put in");
    let take = purses.within(context);
    let first = take
        .execute(&1, Move::one(2, -10))
        .await
        .expect("taken out");
    let again = take
        .execute(&1, Move::one(2, -10))
        .await
        .expect("its receipt");
    assert_eq!((again.is_first(), &again.streams), (false, &first.streams));
    assert_eq!(stored(&store).await, [1, 2]);
}

pub(crate) async fn of_many_tasks_with_one_id_one_is_the_first(open: impl AsyncFn() -> Store) {
    let (store, context) = (open().await, some_id());
    let (one, two) = (cached(store.clone()), cached(store.clone()));
    let barrier = std::sync::Arc::new(Barrier::new(16));
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let purses = if number % 2 == 0 { &one } else { &two };
            let (named, barrier) = (purses.within(context.clone()), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                named
                    .execute(&1, Move::one(1, 10))
                    .await
                    .expect("a receipt")
            })
        })
        .collect();
    let mut firsts = 0;
    for task in tasks {
        let receipt = task.await.expect("the task ends");
        assert_eq!(receipt.version(), Some(version(1)));
        firsts += u32::from(receipt.is_first());
    }
    assert_eq!((firsts, stored(&store).await), (1, vec![1]));
}

pub(crate) async fn an_id_of_another_aggregate_is_refused_and_stores_nothing(
    open: impl AsyncFn() -> Store,
) {
    let (store, context) = (open().await, some_id());
    let once = cached(store.clone()).within(context);
    let first = once.execute(&1, Move::one(1, 10)).await.expect("put in");
    let reused = once.execute(&2, Move::one(1, 10)).await;
    let told = match reused.expect_err("the id is taken") {
        ExecuteError::KeyReused { first, .. } => *first,
        other => panic!("{other:?}"),
    };
    assert_eq!((told.is_first(), &told.streams), (false, &first.streams));
    let mut unit = once.begin(&1).await.expect("a unit of its own");
    unit.execute(Move::one(1, 10)).expect("nothing is decided");
    assert!(!unit.commit().await.expect("the first receipt").is_first());
    let both = once.decide_both(&2, &3, |_: &_, _: &_| Ok::<_, Poor>((rich(), rich())));
    let reused = both.await.expect_err("the id is taken");
    assert!(
        matches!(reused, ExecuteError::KeyReused { .. }),
        "{reused:?}"
    );
    assert_eq!(stored(&store).await, [1]);
}

fn rich() -> eventsource_core::Events<crate::domain::Purse> {
    Move::one(1, 1)
        .decide(&crate::domain::Purse::default())
        .expect("it can")
}

pub(crate) async fn a_refused_command_leaves_its_id_free(open: impl AsyncFn() -> Store) {
    let (store, context) = (open().await, some_id());
    let purses = cached(store.clone());
    let once = purses.within(context);
    for _ in 0..2 {
        let refused = once.execute(&1, Move::one(1, -1)).await;
        let refused = refused.expect_err("nothing is in it");
        assert_eq!(refused.refusal(), Some(&Poor { missing: 1 }));
    }
    assert!(stored(&store).await.is_empty());
    // Another writer puts one in, which the cache does not know of.
    store.append(rival(1)).await.expect("put in");
    let receipt = once.execute(&1, Move::one(1, -1)).await;
    let receipt = receipt.expect("one is there");
    assert!(receipt.is_first());
    assert_eq!(stored(&store).await, [99, 1]);
}

/// All of them, for a store that `$open` gives.
macro_rules! commands_with_ids {
    ($open:path) => {
        $crate::keys::commands_with_ids! { $open:
            the_same_id_again_is_told_that_it_is_applied,
            an_id_answers_although_the_command_would_be_refused_by_now,
            of_many_tasks_with_one_id_one_is_the_first,
            an_id_of_another_aggregate_is_refused_and_stores_nothing,
            a_refused_command_leaves_its_id_free,
        }
    };
    ($open:path: $($case:ident),* $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::keys::$case($open).await;
        })*
    };
}
pub(crate) use commands_with_ids;
