//! Waiting for several things at once, and for what may panic.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::Poll,
};

/// Which of two things came.
pub(super) enum Either<A, B> {
    First(A),
    Second(B),
}

/// Whichever comes first; the first of the two where both are there. The other one is dropped, so it has to be cancel
/// safe.
pub(super) async fn either<A: Future, B: Future>(
    first: A,
    second: B,
) -> Either<A::Output, B::Output> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|cx| {
        if let Poll::Ready(first) = first.as_mut().poll(cx) {
            return Poll::Ready(Either::First(first));
        }
        second.as_mut().poll(cx).map(Either::Second)
    })
    .await
}

/// Until one of two is done, both of which are polled. What the other one has begun it has to keep elsewhere.
pub(super) async fn one_of(first: impl Future<Output = ()>, second: impl Future<Output = ()>) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|cx| {
        let first = first.as_mut().poll(cx);
        let second = second.as_mut().poll(cx);
        if first.is_ready() { first } else { second }
    })
    .await;
}

/// Lets others on the same thread have their turn.
pub(super) async fn turn_of_others() {
    let mut had = false;
    poll_fn(|cx| {
        if had {
            return Poll::Ready(());
        }
        had = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What a future gives if it does at once. It is dropped otherwise, so it has to be cancel safe.
pub(super) async fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// What work gives. What is done beside it is dropped when the work is done, so it has to be cancel safe.
pub(super) async fn beside<F: Future>(work: F, other: impl Future<Output = ()>) -> F::Output {
    let (mut work, mut other) = (pin!(work), pin!(other));
    let mut goes_on = true;
    poll_fn(|cx| {
        if let Poll::Ready(output) = work.as_mut().poll(cx) {
            return Poll::Ready(output);
        }
        goes_on = goes_on && other.as_mut().poll(cx).is_pending();
        Poll::Pending
    })
    .await
}

/// What a future that may not be there gives; for ever nothing where it is not.
pub(super) async fn or_never<F: Future>(future: Option<F>) -> F::Output {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// What a future gives; `None` where it panicked, which the panic hook has told.
pub(super) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}

/// A wait that is kept when who waits for it does something else in between, so that none is begun anew for each event.
#[derive(Default)]
pub(super) struct Alarm(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Alarm {
    pub(super) const fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn set(&mut self, sleep: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0 = Some(sleep);
    }

    /// Until it goes off, and is set no longer; for ever where it is not set. Cancel safe.
    pub(super) async fn rings(&mut self) {
        if let Some(sleep) = &mut self.0 {
            sleep.as_mut().await;
            self.0 = None;
        } else {
            std::future::pending::<()>().await;
        }
    }
}
