//! Tests for event-sourced code.
//!
//! [`Scenario`] tests the decisions of an aggregate: given these events, when this command comes, then these follow.
#![cfg_attr(
    feature = "proptest",
    doc = "[`histories`](property::histories) tests them in histories that come about by chance."
)]

mod chance;
pub mod faulty;
pub mod lock;
pub mod payloads;
pub mod prelude;
#[cfg(feature = "proptest")]
pub mod property;
pub mod scenario;
#[cfg(feature = "suite")]
pub mod suite;

#[cfg(feature = "proptest")]
pub use proptest;
pub use scenario::Scenario;
