//! Storms on repositories: many tasks on one aggregate, answers that are lost, commands that come twice. Afterwards the
//! history has to explain what each of them was told.
//!
//! `EVENTSOURCE_LONG=1` makes the storms longer. `tests/sqlite-processes` has the same over a file.

mod bent;
mod domain;
mod stale;

use eventsource_core::MemoryStore;

use domain::Store;

/// An empty store, and what has to live as long as it does.
async fn open() -> (Store, ()) {
    (Store::new(std::sync::Arc::new(MemoryStore::new())), ())
}
