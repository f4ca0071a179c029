//! Appends that share a commit, and what becomes of them when something fails on the way.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use common::{
    event, events,
    faulty::{full, once, open_with, points},
    folder, one, stream,
};
use eventsource_core::{
    Append, AppendError, AppendKey, Applied, EventStore, EventStoreExt, Expected, Rejection,
    fault::{FaultAction, FaultHook as _, FaultPoint},
};
use eventsource_sqlite::{SqliteOptions, SqliteStore};
use eventsource_testing::suite::{Gate, Script};

/// Holds the first commit up until it is let go.
fn gate() -> Arc<Gate> {
    Gate::new(FaultPoint::BeforeCommit, FaultAction::GoOn)
}

/// Polls a future once, so that what it does first is done.
async fn begun<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) {
    let mut future = future;
    std::future::poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn appends_that_wait_share_one_commit_and_each_has_its_own_outcome() {
    let (_folder, path) = folder();
    let (gate, commits) = (gate(), Arc::new(AtomicUsize::new(0)));
    let (held, counted) = (Arc::clone(&gate), Arc::clone(&commits));
    let hook = Script::new(move |point| {
        counted.fetch_add(
            usize::from(point == FaultPoint::BeforeCommit),
            Ordering::SeqCst,
        );
        held.at(point)
    });
    let store = open_with(&path, Arc::new(hook)).await;
    let twice = event(0);
    let key = AppendKey::new("k").unwrap();
    let mut first = Box::pin(store.append(Append::to(
        stream("first"),
        Expected::NoStream,
        [twice.clone()],
    )));
    begun(first.as_mut()).await;
    gate.holds_a_writer().await;
    // While the writer is held up, these queue.
    let mut waiting = Vec::new();
    for number in 0..20_u64 {
        let id = format!("s{number}");
        let append = match number {
            5 => Append::to(stream("first"), Expected::NoStream, [event(5)]),
            6 => Append::to(stream(&id), Expected::NoStream, [event(6), twice.clone()]),
            7 => Append::to(stream("s4"), Expected::NoStream, [event(7)]),
            // Its stream and that of an append that failed are made by the same transaction.
            8 => Append::to(stream("s6"), Expected::NoStream, [event(8)]),
            9 | 10 => {
                Append::to(stream("keyed"), Expected::NoStream, [event(9)]).with_key(key.clone())
            }
            11 => Append::to(stream("keyed"), Expected::Any, [event(11)]).with_key(key.clone()),
            12 => Append::to(stream("s0"), Expected::Exists, []),
            // Of an event alone in a stream that is there, one statement is all that fails.
            13 => Append::to(stream("first"), Expected::Exists, [twice.clone()]),
            _ => Append::to(stream(&id), Expected::NoStream, [event(number)]),
        };
        let mut append = Box::pin(store.append(append));
        begun(append.as_mut()).await;
        waiting.push(append);
    }
    gate.let_go();
    first.await.unwrap();
    let mut outcomes = Vec::new();
    for append in waiting {
        outcomes.push(append.await);
    }
    assert_eq!(commits.load(Ordering::SeqCst), 2);
    let mut positions = vec![1];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match (number, outcome) {
            (5 | 7, Err(AppendError::Conflict(_)))
            | (11, Err(AppendError::Rejected(Rejection::KeyReused { .. }))) => {}
            (6 | 13, Err(AppendError::Rejected(Rejection::DuplicateEventId { event })))
                if event == twice.id => {}
            (10, Ok(receipt)) => assert_eq!(receipt.applied, Applied::Already),
            (12, Ok(receipt)) => assert!(receipt.is_empty()),
            (_, Ok(receipt)) => {
                assert_eq!((receipt.applied, receipt.events()), (Applied::Now, 1));
                positions.push(receipt.position().unwrap().number());
            }
            (number, outcome) => panic!("{number}: {outcome:?}"),
        }
    }
    assert_eq!(positions, (1..=positions.len() as u64).collect::<Vec<_>>());
    let stored = store.read_all().await.unwrap();
    assert_eq!(stored.len(), positions.len());
    assert_eq!(
        store
            .stream_version(&stream("s6"))
            .await
            .unwrap()
            .unwrap()
            .get(),
        1
    );
}

#[tokio::test]
async fn an_append_that_is_dropped_is_stored_whole_or_not_at_all() {
    let (_folder, path) = folder();
    let gate = gate();
    let store = open_with(&path, Arc::clone(&gate) as _).await;
    let mut first =
        Box::pin(store.append(Append::to(stream("a"), Expected::NoStream, events(0..3))));
    begun(first.as_mut()).await;
    gate.holds_a_writer().await;
    let mut second =
        Box::pin(store.append(Append::to(stream("b"), Expected::NoStream, events(3..6))));
    begun(second.as_mut()).await;
    // The first is about to be committed, the second has not been begun.
    drop(first);
    drop(second);
    gate.let_go();
    store.append(one("c")).await.unwrap();
    assert_eq!(store.read_stream(&stream("a")).await.unwrap().len(), 3);
    assert_eq!(store.stream_version(&stream("b")).await.unwrap(), None);
}

#[tokio::test]
async fn a_failure_at_any_point_before_the_commit_leaves_nothing_and_the_store_goes_on() {
    for point in points(None).await {
        if point == FaultPoint::AfterCommit {
            continue;
        }
        let (_folder, path) = folder();
        let store = open_with(&path, once(point, || FaultAction::Fail)).await;
        let error = store.append(full("k")).await.expect_err("a fault");
        assert!(error.is_transient(), "{error:?} at {point:?}");
        assert_eq!(store.head().await.unwrap(), None, "{point:?}");
        assert_eq!(store.stream_version(&stream("a")).await.unwrap(), None);
        let receipt = store.append(full("k")).await.unwrap();
        assert_eq!(receipt.applied, Applied::Now);
        assert_eq!(receipt.position().unwrap().number(), 4);
        assert_eq!(store.read_all().await.unwrap().len(), 4);
    }
}

#[tokio::test]
async fn a_panic_at_any_point_hangs_nobody_and_the_store_goes_on() {
    for point in points(None).await {
        let (_folder, path) = folder();
        let store = open_with(&path, once(point, || panic!("as the test wants"))).await;
        let error = store.append(full("k")).await.expect_err("a panic");
        let is_after = point == FaultPoint::AfterCommit;
        assert_eq!(error.is_unknown(), is_after, "{error:?} at {point:?}");
        assert_eq!(error.is_transient(), !is_after, "{error:?} at {point:?}");
        let receipt = store.append(full("k")).await.unwrap();
        assert_eq!(receipt.is_first(), !is_after, "{point:?}");
        assert_eq!(store.read_all().await.unwrap().len(), 4);
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_key_tells() {
    let (_folder, path) = folder();
    let store = open_with(&path, once(FaultPoint::AfterCommit, || FaultAction::Fail)).await;
    let error = store.append(full("k")).await.expect_err("no answer");
    assert!(error.is_unknown(), "{error:?}");
    let again = store.append(full("k")).await.unwrap();
    assert_eq!((again.applied, again.events()), (Applied::Already, 4));
}

#[tokio::test]
async fn one_that_makes_the_transaction_fail_does_not_harm_the_others() {
    let (_folder, path) = folder();
    let gate = gate();
    let options = SqliteOptions::new(&path)
        .with_faults(Arc::clone(&gate) as _)
        .with_max_pages(60);
    let store = SqliteStore::open_with(options).await.unwrap();
    let mut first = Box::pin(store.append(one("first")));
    begun(first.as_mut()).await;
    gate.holds_a_writer().await;
    let mut waiting = Vec::new();
    for number in 0..3 {
        let mut large = event(number);
        if number == 1 {
            large.payload = eventsource_core::StoredPayload::json(&vec![b' '; 1 << 20]);
        }
        let append = Append::to(stream(&number.to_string()), Expected::NoStream, [large]);
        let mut append = Box::pin(store.append(append));
        begun(append.as_mut()).await;
        waiting.push(append);
    }
    gate.let_go();
    first.await.unwrap();
    let mut outcomes = Vec::new();
    for append in waiting {
        outcomes.push(append.await);
    }
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert!(
        outcomes[1].as_ref().is_err_and(AppendError::is_transient),
        "{outcomes:?}"
    );
    assert_eq!(store.read_all().await.unwrap().len(), 3);
}
