//! Storms on repositories: many tasks on one aggregate, answers that are lost, commands that come twice. Afterwards the
//! history has to explain what each of them was told.
//!
//! `EVENTSOURCE_LONG=1` makes the storms longer. `tests/sqlite-processes` has the same over a file.

mod bent;
mod domain;
mod late;
mod stale;
mod unknown;

use std::sync::Arc;

use eventsource_core::MemoryStore;

use domain::Store;

/// An empty store.
async fn open() -> Store {
    Store::new(Arc::new(MemoryStore::new()))
}

unknown::unknown_outcomes!(open);
