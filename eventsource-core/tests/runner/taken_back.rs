//! A pause that is taken back before it has begun.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use eventsource_core::{MemoryStore, RunSettings, Runner};

use crate::{
    domain::{LONG, Told, close, fill, soon},
    shelf::{Lines, Shelf, Step, Then},
    unkept::{delivered_and_not_kept, start},
};

/// Asks for something, and does not wait for what comes of it.
async fn ask(asked: Pin<&mut impl Future>) {
    let mut asked = asked;
    poll_fn(|cx| {
        assert!(asked.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn it_gives_no_lease_away_and_delivers_nothing_twice() {
    let (store, told) = (MemoryStore::new(), Told::default());
    let shelf = Shelf::new(&store);
    let runner = start(&shelf, &told);
    delivered_and_not_kept(&shelf, &store, &runner, Then::Fail).await;
    let (advances, acquired) = (AtomicU32::new(0), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&acquired);
    shelf.rule(move |step| match step {
        // What the pause keeps, at last.
        Step::Advance if advances.fetch_add(1, Ordering::SeqCst) == 0 => Then::HoldAndFail,
        Step::Acquire => {
            count.fetch_add(1, Ordering::SeqCst);
            Then::GoOn
        }
        _ => Then::GoOn,
    });
    let mut pause = Box::pin(runner.pause("mirror"));
    ask(pause.as_mut()).await;
    soon(shelf.arrives()).await;
    runner.resume("mirror").expect("it is there");
    shelf.let_go();
    soon(pause).await.expect_err("it was resumed");
    let last = fill(&store, 1, 2).await;
    soon(runner.wait_for(&last, LONG))
        .await
        .expect("it goes on");
    assert_eq!(told.of(1), [1, 2], "nothing is delivered twice");
    assert_eq!(acquired.load(Ordering::SeqCst), 0, "it has its lease");
    runner.stop().await;
}

#[tokio::test]
async fn who_waits_for_a_rebuild_is_answered_all_the_same() {
    let store = MemoryStore::new();
    let shelf = Shelf::new(&store);
    let hour = Duration::from_secs(3_600);
    let settings = RunSettings::default().with_checkpoint_after(hour);
    let runner = Runner::new(shelf.clone())
        .with_settings(Lines::default(), settings)
        .start()
        .expect("nothing is wrong");
    let first = fill(&store, 1, 1).await;
    soon(runner.wait_for(&first, LONG)).await.expect("passed");
    // It is passed, and that is not kept.
    let last = close(&store).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    shelf.rule(|step| match step {
        Step::Begin | Step::Advance => Then::Hold,
        // As where another one has taken it.
        Step::Acquire => Then::Wait,
        _ => Then::GoOn,
    });
    let rebuilder = runner.clone();
    let rebuild = tokio::spawn(async move { rebuilder.rebuild("lines").await });
    soon(shelf.arrives()).await;
    // The build is begun, and what was passed is kept for the pause.
    let mut pause = Box::pin(runner.pause("lines"));
    ask(pause.as_mut()).await;
    shelf.let_go();
    soon(shelf.arrives()).await;
    runner.resume("lines").expect("it is there");
    shelf.let_go();
    soon(pause).await.expect_err("it was resumed");
    // Nothing is held up any more but who asks for a lease.
    shelf.rule(|step| match step {
        Step::Acquire => Then::Wait,
        _ => Then::GoOn,
    });
    let answer = soon(rebuild).await.expect("it does not panic");
    answer.expect("it is rebuilt");
    assert_eq!(shelf.lines(2), [1]);
    runner.stop().await;
}
