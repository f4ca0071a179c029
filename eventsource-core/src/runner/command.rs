//! What a handle asks of a worker, and how it is answered.

use std::sync::{Arc, Mutex, PoisonError};

use event_listener::Event;

use crate::runner::{CommandError, Replayed};

/// What is asked of a worker; each is answered.
pub(super) enum Command {
    Reset(Reply<Result<(), CommandError>>),
    Rebuild(Reply<Result<(), CommandError>>),
    CancelRebuild(Reply<Result<(), CommandError>>),
    Replay(Reply<Result<Replayed, CommandError>>),
}

/// Where an answer is given.
pub(super) struct Reply<T>(Arc<Slot<T>>);

/// Where an answer is waited for.
pub(super) struct Answer<T>(Arc<Slot<T>>);

struct Slot<T> {
    given: Mutex<Given<T>>,
    ready: Event,
}

enum Given<T> {
    Open,
    Answered(T),
    /// Nobody is there to answer.
    Gone,
}

pub(super) fn question<T>() -> (Reply<T>, Answer<T>) {
    let slot = Arc::new(Slot {
        given: Mutex::new(Given::Open),
        ready: Event::new(),
    });
    (Reply(Arc::clone(&slot)), Answer(slot))
}

impl<T> Reply<T> {
    pub(super) fn give(self, answer: T) {
        self.0.put(Given::Answered(answer));
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.0.put(Given::Gone);
    }
}

impl<T> Slot<T> {
    fn put(&self, given: Given<T>) {
        {
            let mut place = self.given.lock().unwrap_or_else(PoisonError::into_inner);
            if !matches!(*place, Given::Open) {
                return;
            }
            *place = given;
        }
        self.ready.notify(usize::MAX);
    }
}

impl<T> Answer<T> {
    /// The answer; `None` where nobody is there to give one.
    pub(super) async fn wait(self) -> Option<T> {
        loop {
            let ready = self.0.ready.listen();
            {
                let mut place = self.0.given.lock().unwrap_or_else(PoisonError::into_inner);
                match std::mem::replace(&mut *place, Given::Gone) {
                    Given::Open => *place = Given::Open,
                    Given::Answered(answer) => return Some(answer),
                    Given::Gone => return None,
                }
            }
            ready.await;
        }
    }
}
