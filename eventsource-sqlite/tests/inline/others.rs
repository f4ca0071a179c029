//! What other processes append that do not have the projection.

use std::{
    error::Error as _,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    task::Poll,
};

use eventsource_core::{
    AppendError, Applied, EventStore, Position, Rejection,
    fault::{FaultAction, FaultPoint},
    projection::DeliveryError,
};
use eventsource_sqlite::{OpenError, SqliteStore};
use eventsource_testing::suite::Script;

use crate::{
    common::{folder, open, stream},
    domain::{Balances, Watched, balance, live, moved, open_with, try_open_with, with},
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

/// It is asked for, and whoever answers has it by then.
async fn ask(future: Pin<&mut (impl Future + ?Sized)>) {
    let mut future = future;
    let is_pending = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending()));
    assert!(is_pending.await);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_group_is_met_once_and_told_to_each() {
    for count in [400_usize, 1200] {
        let (_folder, path) = folder();
        let delivered = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&delivered);
        let watched = Watched(Arc::new(move |haler| {
            counted.fetch_add(usize::from(haler == 1), Ordering::SeqCst);
        }));
        // After its first commit of an append it waits, so that a group comes together.
        let waits = Arc::new(AtomicBool::new(false));
        let ((committed, is_committed), (go_on, goes_on)) = (mpsc::channel(), mpsc::channel());
        let (waiting, goes_on) = (Arc::clone(&waits), Mutex::new(goes_on));
        let hook = Script::new(move |point| {
            if point == FaultPoint::AfterCommit && waiting.swap(false, Ordering::SeqCst) {
                committed.send(()).unwrap();
                goes_on.lock().unwrap().recv().unwrap();
            }
            FaultAction::GoOn
        });
        let options = with(&path, watched).with_faults(Arc::new(hook));
        let store = SqliteStore::open_with(options).await.unwrap();
        let other = open(&path).await;
        waits.store(true, Ordering::SeqCst);
        let first = moved("z", [7]).with_key("k".parse().unwrap());
        let mut before = store.append(first.clone());
        ask(before.as_mut()).await;
        is_committed.recv().unwrap();
        other.append(moved("a", vec![1; count])).await.unwrap();
        other.append(moved("b", [13])).await.unwrap();
        let mut group: Vec<_> = (0..20).map(|_| store.append(moved("c", [1]))).collect();
        let mut again = store.append(first);
        for append in &mut group {
            ask(append.as_mut()).await;
        }
        ask(again.as_mut()).await;
        go_on.send(()).unwrap();
        before.await.unwrap();
        for append in group {
            let refused = append.await;
            assert!(
                matches!(&refused, Err(AppendError::Rejected(Rejection::ProjectionBehind { stream: of, error, .. }))
                    if *of == stream("b") && matches!(**error, DeliveryError::Panicked)),
                "{refused:?}"
            );
        }
        // What needs no projection is answered all the same.
        assert_eq!(again.await.unwrap().applied, Applied::Already);
        assert_eq!(delivered.load(Ordering::SeqCst), count);
    }
}
