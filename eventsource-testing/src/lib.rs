//! Tests for event-sourced domains.
//!
//! [`Scenario`] is the way in: given these events, when this command comes, then these events follow.

pub mod prelude;
pub mod scenario;

pub use scenario::Scenario;
