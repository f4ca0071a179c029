//! What workers work with: tasks, waits, the time.

use std::{pin::Pin, sync::Arc, thread, time::Duration};

use crate::{
    clock::{Clock, SystemClock},
    id::{IdSource, UuidV7},
    repository::{Spawner, Task, Timer, block_on},
    runner::timer::AnyTimer,
    text::LeaseHolder,
    time::Timestamp,
};

#[derive(Debug, Clone)]
pub(super) struct Tools {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timer: Arc<dyn Timer>,
    pub(super) spawner: Arc<dyn Spawner>,
    pub(super) holder: Option<LeaseHolder>,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            timer: Arc::new(AnyTimer::default()),
            spawner: Arc::new(AnyWorkers),
            holder: None,
        }
    }
}

impl Tools {
    pub(super) fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.timer.sleep(delay)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn after(&self, delay: Duration) -> Timestamp {
        let micros = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
        self.now().saturating_add_micros(micros)
    }

    /// Whoever holds the leases of a runner that was given no name: no two are the same.
    pub(super) fn holder(&self) -> LeaseHolder {
        self.holder.clone().unwrap_or_else(|| {
            let text = format!("process {} {}", std::process::id(), UuidV7.next_id());
            LeaseHolder::new(text).expect("it is short, and has no NUL")
        })
    }
}

/// The runtime at hand, and a thread for each worker where there is none: a worker lasts.
#[derive(Debug)]
struct AnyWorkers;

impl Spawner for AnyWorkers {
    fn spawn(&self, task: Task) {
        #[cfg(feature = "tokio")]
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(task));
            return;
        }
        let thread = thread::Builder::new().name("eventsource-runner".into());
        // Where no thread can be had, the task is dropped, and its status says that it has vanished.
        drop(thread.spawn(|| block_on(task)));
    }
}
