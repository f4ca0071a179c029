//! Storms on repositories: many tasks on one aggregate, answers that are lost, commands that come twice. Afterwards the
//! history has to explain what each of them was told.
//!
//! `EVENTSOURCE_LONG=1` makes the storms longer. `tests/sqlite-processes` has the same over a file.

mod bent;
mod conflicts;
mod domain;
mod keys;
mod late;
mod ledger;
mod outcomes;
mod planted;
mod stale;
mod storm;
mod unknown;

use std::sync::Arc;

use eventsource_core::MemoryStore;

use domain::Store;

/// An empty store.
async fn open() -> Store {
    Store::new(Arc::new(MemoryStore::new()))
}

unknown::unknown_outcomes!(open);
keys::commands_with_ids!(open);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_doubled_among_64_tasks() {
    conflicts::nothing_is_lost_or_doubled_among_64_tasks(open, 100).await;
}

/// What the wire loses and what the engine loses.
fn faulty() -> Store {
    Store::new(Arc::new(MemoryStore::with_faults(outcomes::engine(1))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_command_is_lost_or_applied_twice_whatever_fails() {
    let commands = storm::times(10_000, 200_000);
    outcomes::no_command_is_lost_or_applied_twice_whatever_fails(faulty(), commands).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_applied_twice_by_those_who_give_up_early() {
    let (store, commands) = (open().await, storm::times(2_000, 50_000));
    outcomes::nothing_is_lost_or_applied_twice_by_those_who_give_up_early(store, commands).await;
}
