//! What ends a query that nobody waits for any more. SQLite asks for it again and again while a query goes on, so that none
//! holds its thread, or the log by what it sees of it, for longer than somebody wants its answer.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// Somebody waits for an answer, until this is dropped.
#[derive(Debug, Default)]
pub(super) struct Waiting(Arc<AtomicBool>);

/// Whether the one who waited has gone.
#[derive(Debug, Default, Clone)]
pub(super) struct Gone(Arc<AtomicBool>);

/// Whether what a thread does is to end. Its clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// Of the one whom the present answer is for.
    gone: Arc<Mutex<Gone>>,
    closed: Arc<AtomicBool>,
}

impl Waiting {
    pub(super) fn gone(&self) -> Gone {
        Gone(Arc::clone(&self.0))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Gone {
    pub(super) fn is_so(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Stop {
    /// Of one thread; all end once `closed` is true.
    pub(super) fn new(closed: Arc<AtomicBool>) -> Self {
        Self {
            gone: Arc::default(),
            closed,
        }
    }

    /// What comes now is for another one.
    pub(super) fn next(&self, gone: Gone) {
        *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = gone;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.is_closed()
            || self
                .gone
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_so()
    }
}
