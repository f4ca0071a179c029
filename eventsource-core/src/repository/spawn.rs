//! What need not be waited for.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

/// A task without a result.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Does tasks beside the work, on whatever runtime the application has. A repository gives it the snapshots to take.
///
/// ```
/// use eventsource_core::{Spawner, Task};
///
/// #[derive(Debug)]
/// struct OnTokio(tokio::runtime::Handle);
///
/// impl Spawner for OnTokio {
///     fn spawn(&self, task: Task) {
///         self.0.spawn(task);
///     }
/// }
/// ```
pub trait Spawner: fmt::Debug + Send + Sync + 'static {
    /// Sees to it that `task` is done. Where it cannot be, it is dropped.
    fn spawn(&self, task: Task);
}

/// The runtime at hand, and a thread where there is none.
#[derive(Debug, Default)]
pub(super) struct AnySpawner {
    thread: ThreadSpawner,
}

impl Spawner for AnySpawner {
    fn spawn(&self, task: Task) {
        #[cfg(feature = "tokio")]
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(task));
            return;
        }
        self.thread.spawn(task);
    }
}

/// A thread of its own, which does one task after the other. It begins with the first one, and ends with the spawner.
#[derive(Debug, Default)]
pub struct ThreadSpawner {
    tasks: Mutex<Option<Sender<Task>>>,
}

impl Spawner for ThreadSpawner {
    fn spawn(&self, task: Task) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let task = match &*tasks {
            Some(there) => match there.send(task) {
                Ok(()) => return,
                // The thread has ended.
                Err(unsent) => unsent.0,
            },
            None => task,
        };
        let (sender, receiver) = mpsc::channel::<Task>();
        let thread = thread::Builder::new().name("eventsource-tasks".into());
        let begun = thread.spawn(move || {
            while let Ok(task) = receiver.recv() {
                // One that panics has said so, and takes none of the others with it.
                drop(catch_unwind(AssertUnwindSafe(|| block_on(task))));
            }
        });
        // Where no thread can be had, the task is dropped here.
        *tasks = begun.ok().map(|_| sender);
        if let Some(tasks) = &*tasks {
            // It has just begun to listen.
            drop(tasks.send(task));
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(crate) fn block_on(task: Task) {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut task = pin!(task);
    while task.as_mut().poll(&mut cx) == Poll::Pending {
        thread::park();
    }
}
