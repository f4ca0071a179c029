//! Tasks that are done, or dropped, when the test says so.

use std::sync::{Arc, Mutex};

use eventsource_core::{Spawner, Task};

#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting(Vec<Task>);

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Waiting").field(&self.0.len()).finish()
    }
}

impl Spawner for Tasks {
    fn spawn(&self, task: Task) {
        self.0.lock().expect("not poisoned").0.push(task);
    }
}

impl Tasks {
    /// Those that wait, which wait no longer.
    pub(crate) fn take(&self) -> Vec<Task> {
        std::mem::take(&mut self.0.lock().expect("not poisoned").0)
    }

    pub(crate) async fn do_all(&self) {
        for task in self.take() {
            task.await;
        }
    }
}
