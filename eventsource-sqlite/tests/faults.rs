//! Appends that share a commit, and what becomes of them when something fails on the way.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use common::{event, events, folder, one, open, stream};
use eventsource_core::{
    Append, AppendError, AppendKey, Applied, EventStore, EventStoreExt, Expected, Rejection,
    fault::{FaultAction, FaultHook, FaultPoint},
};
use eventsource_sqlite::{SqliteOptions, SqliteStore};
use eventsource_testing::suite::{Gate, Script};

async fn open_with(path: &Path, faults: Arc<dyn FaultHook>) -> SqliteStore {
    let options = SqliteOptions::new(path).with_faults(faults);
    SqliteStore::open_with(options).await.unwrap()
}

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
            (6, Err(AppendError::Rejected(Rejection::DuplicateEventId { event })))
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

/// Does one thing at one point, once.
fn once(at: FaultPoint, act: fn() -> FaultAction) -> Arc<Script> {
    let done = AtomicBool::new(false);
    Arc::new(Script::new(move |point| {
        if point == at && !done.swap(true, Ordering::SeqCst) {
            act()
        } else {
            FaultAction::GoOn
        }
    }))
}

/// An append with everything that has statements of its own.
fn full(key: &str) -> Append {
    let mut tagged = events(0..2);
    for event in &mut tagged {
        event.tags = [eventsource_core::Tag::new("t").unwrap()].into();
        event.payload = eventsource_core::StoredPayload::new(
            eventsource_core::ContentType::new("x/y").unwrap(),
            b"x",
        );
    }
    Append::to(stream("a"), Expected::NoStream, tagged)
        .and(stream("b"), Expected::NoStream, events(2..4))
        .checking(stream("c"), Expected::NoStream)
        .with_key(AppendKey::new(key).unwrap())
}

/// The points of [`full`] in a store that is empty or has an earlier append, found by counting.
async fn points(earlier: Option<Append>) -> Vec<FaultPoint> {
    let (_folder, path) = folder();
    if let Some(earlier) = earlier {
        let store = open(&path).await;
        store.append(earlier).await.unwrap();
        store.close().await;
    }
    let points = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&points);
    let hook = Script::new(move |point| {
        passed.lock().unwrap().push(point);
        FaultAction::GoOn
    });
    let store = open_with(&path, Arc::new(hook)).await;
    store.append(full("k")).await.unwrap();
    let points = points.lock().unwrap().clone();
    assert!(points.len() > 15, "{points:?}");
    assert_eq!(points.last(), Some(&FaultPoint::AfterCommit));
    points
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

mod crash {
    //! The process ends within an append, as in a loss of power.

    use super::*;

    const CHILD: &str = "EVENTSOURCE_SQLITE_TEST_CRASH";

    fn written(point: FaultPoint) -> String {
        match point {
            FaultPoint::Statement(number) => number.to_string(),
            FaultPoint::BeforeCommit => "before".to_owned(),
            _ => "after".to_owned(),
        }
    }

    #[tokio::test]
    #[ignore = "other tests run it as a process of its own"]
    async fn child() {
        let Ok(task) = std::env::var(CHILD) else {
            return;
        };
        let (point, path) = task.split_once(' ').unwrap();
        let point = match point {
            "before" => FaultPoint::BeforeCommit,
            "after" => FaultPoint::AfterCommit,
            number => FaultPoint::Statement(number.parse().unwrap()),
        };
        open(Path::new(path))
            .await
            .append(one("earlier"))
            .await
            .unwrap();
        let store = open_with(Path::new(path), once(point, || std::process::abort())).await;
        drop(store.append(full("k")).await);
    }

    #[tokio::test]
    async fn at_any_point_leaves_all_of_an_append_or_nothing() {
        for point in points(Some(one("earlier"))).await {
            let (_folder, path) = folder();
            let status = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "crash::child", "--ignored"])
                .env(CHILD, format!("{} {}", written(point), path.display()))
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .unwrap();
            assert!(!status.success(), "the process went on after {point:?}");
            for _ in 0..2 {
                let store = open(&path).await;
                let is_stored = point == FaultPoint::AfterCommit;
                let stored = store.read_all().await.unwrap();
                assert_eq!(stored.len(), if is_stored { 5 } else { 1 }, "{point:?}");
                assert_eq!(stored[0].stream, stream("earlier"));
                let key = AppendKey::new("k").unwrap();
                assert_eq!(store.find_append(&key).await.unwrap().is_some(), is_stored);
                store.close().await;
            }
            let store = open(&path).await;
            store.append(full("k")).await.unwrap();
            assert_eq!(store.read_all().await.unwrap().len(), 5);
        }
    }
}
