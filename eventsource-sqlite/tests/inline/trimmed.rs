//! A read model is to be built of events of which some were trimmed.

use std::path::Path;

use eventsource_core::{
    Append, AppendError, EventStore, EventStoreExt, Expected, Generation, Rejection, TrimError,
    TrimStore, Version,
};
use eventsource_sqlite::{OpenError, SqliteStore};

use crate::{
    common::{folder, open, stream},
    domain::{Balances, Tens, balance, live, moved, name, open_with, raw, try_open_with, with},
};

async fn trim(store: &SqliteStore, id: &str, before: u64) {
    let before = Version::new(before).unwrap();
    store.trim(&stream(id), before).await.unwrap();
}

async fn opens_despite_trims(path: &Path) -> SqliteStore {
    let options = with(path, Tens).with_inline_despite_trims();
    SqliteStore::open_with(options).await.unwrap()
}

#[tokio::test]
async fn a_later_version_is_not_built_without_what_was_trimmed_unless_that_is_wanted() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [100, 200])).await.unwrap();
    store.append(moved("b", [400])).await.unwrap();
    trim(&store, "a", 2).await;
    store.close().await;
    let refused = try_open_with(&path, Tens)
        .await
        .expect_err("a part is gone");
    assert!(
        matches!(
            &refused,
            OpenError::Trimmed { projection, stream: of, .. }
                if *projection == name() && *of == stream("a")
        ),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("with_inline_despite_trims"));
    // What is read is as it was, and goes on.
    assert_eq!(balance(&path), 700);
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [100])).await.unwrap();
    assert_eq!(
        (balance(&path), live(&store).await),
        (800, (Generation::FIRST, true))
    );
    store.close().await;
    let store = opens_despite_trims(&path).await;
    let second = Generation::from_number(2);
    assert_eq!((balance(&path), live(&store).await), (70, (second, true)));
    store.close().await;
    // It is needed for the build only.
    let store = open_with(&path, Tens).await;
    store.append(moved("a", [100])).await.unwrap();
    assert_eq!(balance(&path), 80);
}

#[tokio::test]
async fn what_was_trimmed_of_other_categories_stands_in_no_way() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    let other = [raw("{\"haler\":1}"), raw("{\"haler\":1}")];
    let order = Append::to("order-1".parse().unwrap(), Expected::Any, other);
    store.append(order).await.unwrap();
    store.append(moved("a", [100])).await.unwrap();
    let of = "order-1".parse().unwrap();
    store.trim(&of, Version::new(2).unwrap()).await.unwrap();
    store.close().await;
    open_with(&path, Tens).await;
    assert_eq!(balance(&path), 10);
}

#[tokio::test]
async fn what_others_append_and_trim_before_it_is_seen_is_told() {
    let (_folder, path) = folder();
    let (store, other) = (open_with(&path, Balances).await, open(&path).await);
    store.append(moved("a", [100, 100])).await.unwrap();
    // What was seen may go.
    trim(&other, "a", 2).await;
    other.append(moved("b", [1])).await.unwrap();
    store.append(moved("b", [1])).await.unwrap();
    assert_eq!(balance(&path), 202);
    other.append(moved("b", [1, 1])).await.unwrap();
    trim(&other, "b", 4).await;
    let refused = store.append(moved("c", [1])).await;
    let Err(AppendError::Rejected(Rejection::ReadModel { reason, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert!(reason.contains("account-b"), "{reason}");
    store.close().await;
    let refused = try_open_with(&path, Balances)
        .await
        .expect_err("a part is gone");
    assert!(matches!(refused, OpenError::Trimmed { .. }), "{refused:?}");
    let options = with(&path, Balances).with_inline_despite_trims();
    let store = SqliteStore::open_with(options).await.unwrap();
    store.append(moved("c", [1])).await.unwrap();
    assert_eq!((balance(&path), live(&store).await.1), (204, true));
}

#[tokio::test]
async fn what_it_has_not_seen_yet_is_delivered_before_a_trim_of_its_own() {
    let (_folder, path) = folder();
    let (store, other) = (open_with(&path, Balances).await, open(&path).await);
    store.append(moved("a", [100])).await.unwrap();
    other.append(moved("b", [1, 1, 1])).await.unwrap();
    trim(&store, "b", 3).await;
    assert_eq!((balance(&path), live(&store).await.1), (103, true));
    store.append(moved("c", [1])).await.unwrap();
    // Also where it is more than goes with a change.
    other.append(moved("b", [1; 1200])).await.unwrap();
    trim(&store, "b", 1203).await;
    assert_eq!((balance(&path), live(&store).await.1), (1304, true));
    // What cannot be delivered is not trimmed, and what is not trimmed needs no delivery.
    other.append(moved("b", [-10_000, 1])).await.unwrap();
    let beyond = Version::new(2000).unwrap();
    let refused = store.trim(&stream("b"), beyond).await;
    assert!(
        matches!(refused, Err(TrimError::BeyondEnd { .. })),
        "{refused:?}"
    );
    let refused = store
        .trim(&stream("b"), Version::new(1205).unwrap())
        .await
        .expect_err("it would be lost");
    assert!(format!("{refused:?}").contains("ProjectionBehind"));
    assert_eq!(balance(&path), 1304);
    let left = store.read_stream(&stream("b")).await.unwrap();
    assert_eq!(left.len(), 3);
}

#[tokio::test]
async fn what_was_seen_before_it_was_trimmed_is_not_missing() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [100])).await.unwrap();
    store.close().await;
    let other = open(&path).await;
    other.append(moved("a", [1])).await.unwrap();
    let both = [raw("{\"haler\":1}"), raw("{\"haler\":1}")];
    let order = Append::to("order-1".parse().unwrap(), Expected::Any, both);
    other.append(order).await.unwrap();
    trim(&other, "a", 2).await;
    let of = "order-1".parse().unwrap();
    other.trim(&of, Version::new(2).unwrap()).await.unwrap();
    // The one that is left of the account is beyond the checkpoint, and so is what is gone of the order.
    let store = open_with(&path, Balances).await;
    assert_eq!((balance(&path), live(&store).await.1), (101, true));
}
