//! A store is opened with a projection that is new, changed or from another time.

use std::{
    future::{Future as _, poll_fn},
    sync::{Arc, Mutex, mpsc},
    task::Poll,
};

use eventsource_core::{
    AppendError, Build, EventStore, Expected, Fingerprint, Generation, Position, ProjectionStore,
    Rejection, projection::DeliveryError,
};
use eventsource_sqlite::{InlineError, OpenError, SqliteOptions};

use crate::{
    common::{folder, open, stream},
    domain::{
        BALANCES, Balances, Redefined, Tens, Watched, balance, generations, in_version, live,
        moved, name, open_with, try_open_with,
    },
};

#[test]
fn a_projection_goes_with_appends_once_in_one_version() {
    let options = SqliteOptions::new("bank.db").with_inline(Balances).unwrap();
    for twice in [
        options.clone().with_inline(Balances),
        options.clone().with_inline(Tens),
    ] {
        let refused = twice.expect_err("it would take each event twice");
        assert!(
            matches!(&refused, InlineError::Twice { projection } if *projection == name()),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_projection_that_is_new_or_changed_is_brought_up_when_the_store_is_opened() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(moved("a", [10; 1234])).await.unwrap();
    store.close().await;
    let store = open_with(&path, Balances).await;
    assert_eq!(
        (balance(&path), live(&store).await),
        (12_340, (Generation::FIRST, true))
    );
    store.append(moved("a", [10])).await.unwrap();
    store.close().await;
    let store = open_with(&path, Tens).await;
    let second = Generation::from_number(2);
    assert_eq!((balance(&path), live(&store).await), (1235, (second, true)));
}

#[tokio::test]
async fn what_newer_code_keeps_is_not_taken_back_by_older_code() {
    let (_folder, path) = folder();
    let before = open_with(&path, Balances).await;
    before.append(moved("a", [100])).await.unwrap();
    let newer = open_with(&path, Tens).await;
    assert_eq!(balance(&path), 10);
    // The older one as it runs, and as it is started again.
    let refused = before.append(moved("a", [100])).await;
    let Err(AppendError::Rejected(Rejection::ReadModel { projection, reason })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(projection, name());
    assert!(
        reason.contains("version 2 of it is kept, and this is version 1"),
        "{reason}"
    );
    before.close().await;
    let refused = try_open_with(&path, Balances).await.expect_err("older");
    assert!(
        matches!(
            &refused,
            OpenError::Superseded { projection, stored: 2, code: 1, .. } if *projection == name()
        ),
        "{refused:?}"
    );
    newer.append(moved("a", [100])).await.unwrap();
    let second = Generation::from_number(2);
    assert_eq!((balance(&path), live(&newer).await), (20, (second, true)));
}

#[tokio::test]
async fn a_projection_that_was_redefined_under_its_version_is_refused() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [100])).await.unwrap();
    let refused = try_open_with(&path, Redefined)
        .await
        .expect_err("another one");
    assert!(
        matches!(
            &refused,
            OpenError::Redefined { projection, version: 1, .. } if *projection == name()
        ),
        "{refused:?}"
    );
    store.append(moved("a", [100])).await.unwrap();
    assert_eq!(live(&store).await, (Generation::FIRST, true));
}

#[tokio::test]
async fn a_build_of_newer_code_is_left_to_it_and_one_of_older_code_goes() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    for version in [1, 2, 3] {
        let build = Build::new(name(), (version, Fingerprint::new(7))).with_tables([BALANCES]);
        store.begin_generation(build).await.unwrap();
    }
    let store = open_with(&path, Tens).await;
    store.append(moved("a", [100])).await.unwrap();
    let kept = generations(&store).await;
    let kept: Vec<_> = kept
        .iter()
        .map(|one| (one.generation.number(), one.version))
        .collect();
    assert_eq!(kept, [(4, 3), (5, 2)]);
    assert_eq!(balance(&path), 10);
}

#[tokio::test]
async fn what_cannot_be_decoded_for_a_panic_is_named_when_the_store_is_opened() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let panics = in_version(1, "{\"units\":13}");
    let append = moved("a", [1]).and(stream("b"), Expected::Any, [panics]);
    store.append(append).await.unwrap();
    let refused = try_open_with(&path, Balances).await.expect_err("a panic");
    let OpenError::Projection {
        projection, source, ..
    } = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(projection, name());
    let error = source.downcast::<AppendError>().unwrap();
    let AppendError::Rejected(Rejection::ProjectionBehind {
        stream: of,
        version,
        error,
        ..
    }) = *error
    else {
        panic!("{error:?}")
    };
    assert_eq!((of, version.get()), (stream("b"), 1));
    assert!(matches!(error, DeliveryError::Panicked), "{error:?}");
}

#[tokio::test]
async fn an_opening_that_is_given_up_ends_after_the_step_in_hand() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(moved("a", [1; 1234])).await.unwrap();
    let (taken, takes) = mpsc::channel();
    let (gone_on, goes_on) = mpsc::channel();
    let goes_on = Mutex::new(goes_on);
    let watched = Watched(Arc::new(move |_| {
        taken.send(()).unwrap();
        // It waits once, with the first event, and no longer than the test has the other end.
        drop(goes_on.lock().unwrap().recv());
    }));
    let mut opening = Box::pin(try_open_with(&path, watched));
    let begins = poll_fn(|cx| Poll::Ready(opening.as_mut().poll(cx).is_pending()));
    assert!(begins.await);
    takes.recv().unwrap();
    drop(opening);
    drop::<mpsc::Sender<()>>(gone_on);
    // The thread has ended when the projection has gone.
    assert_eq!(1 + takes.iter().count(), 500);
    assert_eq!(
        generations(&store).await[0].checkpoint,
        Position::from_number(500)
    );
    assert_eq!(
        open_with(&path, Balances).await.head().await.unwrap(),
        Position::from_number(1234)
    );
    assert_eq!(balance(&path), 1234);
}
