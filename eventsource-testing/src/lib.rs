//! Tests for event-sourced code.
//!
//! [`Scenario`] tests the decisions of an aggregate: given these events, when this command comes, then these follow.

mod chance;
pub mod faulty;
pub mod lock;
pub mod payloads;
pub mod prelude;
pub mod scenario;
#[cfg(feature = "suite")]
pub mod suite;

pub use scenario::Scenario;
