//! The runner with read models in the store's own transaction.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod builds;
mod domain;
mod faults;
mod fenced;
mod moving;
mod once;
