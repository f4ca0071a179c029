//! What other processes append that do not have the projection.

use eventsource_core::{AppendError, EventStore, Position, Rejection};
use eventsource_sqlite::{OpenError, SqliteOptions, SqliteStore};

use crate::{
    common::{folder, open},
    domain::{Balances, balance, live, moved, open_with},
};

#[tokio::test]
async fn what_others_have_appended_comes_first_up_to_a_bound() {
    let (_folder, path) = folder();
    let (store, other) = (open_with(&path, Balances).await, open(&path).await);
    other.append(moved("a", [1; 500])).await.unwrap();
    assert_eq!(balance(&path), 0);
    store.append(moved("b", [1000])).await.unwrap();
    assert_eq!((balance(&path), live(&store).await.1), (1500, true));
    // One that cannot be taken stands in the way.
    other.append(moved("a", [-10_000])).await.unwrap();
    let refused = store.append(moved("b", [1])).await;
    assert!(
        matches!(&refused, Err(AppendError::Rejected(Rejection::ProjectionBehind { version, .. })) if version.get() == 501),
        "{refused:?}"
    );
    assert_eq!(store.head().await.unwrap(), Position::from_number(502));
    other.append(moved("a", [1; 500])).await.unwrap();
    let refused = store.append(moved("b", [1])).await;
    assert!(
        matches!(
            &refused,
            Err(AppendError::Rejected(Rejection::ReadModel { .. }))
        ),
        "{refused:?}"
    );
    store.close().await;
    let options = SqliteOptions::new(&path).with_inline(Balances).unwrap();
    let refused = SqliteStore::open_with(options)
        .await
        .expect_err("the same event");
    assert!(
        matches!(refused, OpenError::Projection { .. }),
        "{refused:?}"
    );
}
