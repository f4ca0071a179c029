//! Runs a future that never waits, so that a scenario needs no runtime.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// The output of a future of the store in memory, which answers at once.
pub(super) fn block_on_ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the store in memory answers at once"),
    }
}
