//! What other processes append that do not have the projection.

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use eventsource_core::{
    AppendError, EventStore, Position, Rejection,
    fault::{FaultAction, FaultPoint},
};
use eventsource_sqlite::{OpenError, SqliteStore};
use eventsource_testing::suite::Script;

use crate::{
    common::{folder, open, stream},
    domain::{Balances, balance, live, moved, open_with, try_open_with, with},
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
    let refused = refused.expect_err("just seen");
    let text = refused.source().unwrap().to_string();
    assert!(text.contains("stored already"), "{text}");
    // However many there are before it: those are taken in, and it is named.
    let before = moved("c", [1; 1200]);
    let (_other_folder, path) = folder();
    let (store, other) = (open_with(&path, Balances).await, open(&path).await);
    other.append(before).await.unwrap();
    other.append(moved("a", [1, -10_000])).await.unwrap();
    let (one, two) = tokio::join!(store.append(moved("b", [1])), store.append(moved("b", [1])));
    for refused in [one, two] {
        assert!(
            matches!(&refused, Err(AppendError::Rejected(Rejection::ProjectionBehind { stream: of, .. })) if *of == stream("a")),
            "{refused:?}"
        );
    }
    assert_eq!(balance(&path), 1000);
    store.close().await;
    let refused = try_open_with(&path, Balances)
        .await
        .expect_err("the same event");
    assert!(
        matches!(refused, OpenError::Projection { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_append_comes_after_all_that_others_have_appended_however_much_it_is() {
    let (_folder, path) = folder();
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    let hook = Script::new(move |point| {
        let is_commit = point == FaultPoint::BeforeCommit;
        counted.fetch_add(usize::from(is_commit), Ordering::SeqCst);
        FaultAction::GoOn
    });
    let options = with(&path, Balances).with_faults(Arc::new(hook));
    let store = SqliteStore::open_with(options).await.unwrap();
    let other = open(&path).await;
    for _ in 0..4 {
        other.append(moved("a", [1; 600])).await.unwrap();
    }
    let before = commits.load(Ordering::SeqCst);
    store.append(moved("b", [5])).await.unwrap();
    assert_eq!((balance(&path), live(&store).await.1), (2405, true));
    // Others get their turn: four steps bring it within one step of the end, and the rest goes with the append.
    assert_eq!(commits.load(Ordering::SeqCst) - before, 5);
}
