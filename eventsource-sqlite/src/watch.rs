//! Looking for appends that came by another way, while somebody waits for one.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use event_listener::Event;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{config::SqliteOptions, error::OpenError, schema, sql};

/// Who waits, and whether anybody may still.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    closed: bool,
}

/// Somebody waits, until this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Watch);

impl Watch {
    /// Starts the thread. The receiver resolves once it has ended.
    pub(crate) fn start(
        options: &Arc<SqliteOptions>,
        appended: Arc<Event>,
    ) -> Result<(Arc<Self>, oneshot::Receiver<()>), OpenError> {
        let watch = Arc::new(Self::default());
        let (ended, has_ended) = oneshot::channel::<()>();
        let (shared, options) = (Arc::clone(&watch), Arc::clone(options));
        let path = options.path.clone();
        let run = move || {
            shared.run(&options, &appended);
            drop(ended);
        };
        thread::Builder::new()
            .name("sqlite-watch".to_owned())
            .spawn(run)
            .map_err(|error| OpenError::engine(&path, error))?;
        Ok((watch, has_ended))
    }

    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.state().waiting += 1;
        self.changed.notify_one();
        Waiting(self)
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, options: &SqliteOptions, appended: &Event) {
        let (mut connection, mut seen) = (None, None);
        loop {
            let idle = self
                .changed
                .wait_while(self.state(), |state| state.waiting == 0 && !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
            if idle.closed {
                return;
            }
            drop(idle);
            let now = data_version(&mut connection, options);
            // The first look has nothing to compare with, and a failed one tells nothing: whoever waits looks again.
            if now.is_none() || now != seen {
                appended.notify(usize::MAX);
            }
            seen = now;
            let (state, _) = self
                .changed
                .wait_timeout_while(self.state(), options.poll_interval, |state| !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
            drop(state);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

/// A number that another one follows when the file was changed; `None` where it cannot be had.
fn data_version(connection: &mut Option<Connection>, options: &SqliteOptions) -> Option<i64> {
    if connection.is_none() {
        *connection = schema::open_reader(options).ok();
    }
    let version = connection
        .as_ref()?
        .prepare_cached(sql::DATA_VERSION)
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)));
    if version.is_err() {
        *connection = None;
    }
    version.ok()
}
