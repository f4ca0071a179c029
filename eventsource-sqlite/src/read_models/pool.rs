//! The threads that read read models. They are others than those that read events: a long question holds up no command.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use tokio::sync::oneshot;

use super::{
    SqliteReadError,
    moment::Moments,
    stop::{Stop, Waiting},
};
use crate::{
    config::SqliteOptions,
    error::{Closed, OpenError, ThreadPanicked},
};

type Job = Box<dyn FnOnce(&mut Moments) + Send>;

/// The way to the threads. They end when it is dropped.
pub(super) struct Pool {
    /// `None` once it was closed.
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    /// Ends what is under way.
    closed: Arc<AtomicBool>,
}

impl Pool {
    /// Starts the threads. The receivers resolve once they have ended.
    pub(super) fn start(
        options: &Arc<SqliteOptions>,
    ) -> Result<(Self, Vec<oneshot::Receiver<()>>), OpenError> {
        let (queue, jobs) = mpsc::channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        let closed = Arc::new(AtomicBool::new(false));
        let mut all_ended = Vec::new();
        for number in 1..=options.readers.get() {
            let (ended, has_ended) = oneshot::channel::<()>();
            let jobs = Arc::clone(&jobs);
            let stop = Stop::new(Arc::clone(&closed));
            let mut moments = Moments::new(Arc::clone(options), stop);
            let run = move || {
                while let Some(job) = next(&jobs) {
                    // What a panic leaves behind is an answer dropped.
                    drop(catch_unwind(AssertUnwindSafe(|| job(&mut moments))));
                }
                drop(moments);
                drop(ended);
            };
            thread::Builder::new()
                .name(format!("sqlite-models-{number}"))
                .spawn(run)
                .map_err(|error| OpenError::engine(&options.path, error))?;
            all_ended.push(has_ended);
        }
        let queue = Mutex::new(Some(queue));
        Ok((Self { queue, closed }, all_ended))
    }

    /// Lets the threads end. What is under way is ended, and what is queued is not begun; who waits for it is told.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        drop(self.queue().take());
    }

    /// Runs `read` on one of the threads. Nothing is read where nobody waits for it any more, and what is read then ends.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Moments) -> Result<T, SqliteReadError> + Send + 'static,
    ) -> Result<T, SqliteReadError> {
        let (reply, answered) = oneshot::channel();
        let waiting = Waiting::default();
        let gone = waiting.gone();
        let job: Job = Box::new(move |moments| {
            if gone.is_so() {
                return;
            }
            moments.stop.next(gone);
            let answer = if moments.stop.is_closed() {
                Err(closed())
            } else {
                read(moments)
            };
            let answer = match answer {
                Err(SqliteReadError::Unavailable { .. }) if moments.stop.is_closed() => {
                    Err(closed())
                }
                other => other,
            };
            // Where the caller has gone meanwhile, nobody asks.
            drop(reply.send(answer));
        });
        let sent = match &*self.queue() {
            Some(queue) => queue.send(job).is_ok(),
            None => false,
        };
        if !sent {
            return Err(closed());
        }
        let answer = answered.await;
        drop(waiting);
        answer.unwrap_or_else(|_| {
            let source = ThreadPanicked.into();
            Err(SqliteReadError::Unavailable { source })
        })
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Job>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread waits at the channel, the others for it.
fn next(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    jobs.recv().ok()
}

fn closed() -> SqliteReadError {
    let source = Closed.into();
    SqliteReadError::Engine { source }
}
