//! Projections that go with each append.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod append;
#[path = "../common/mod.rs"]
mod common;
mod domain;
mod faults;
mod opening;
mod opening_beside;
mod others;
mod parked;
mod trimmed;
