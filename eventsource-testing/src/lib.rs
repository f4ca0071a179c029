//! Tests for event-sourced code.
//!
//! [`Scenario`] tests the decisions of an aggregate: given these events, when this command comes, then these follow.
//! [`ProjectionScenario`] and [`ReactionScenario`] test read models and side effects, however events are delivered.
//! [`events_lock!`] holds your events against what was ever stored, [`faulty`] is a store that fails on order, and the
//! feature `suite` has the conformance suite for stores. The page about all of it: [`testing_guide`].
#![cfg_attr(
    feature = "proptest",
    doc = "[`histories`](property::histories) tests them in histories that come about by chance."
)]

mod chance;
mod exact;
pub mod faulty;
pub mod lock;
pub mod payloads;
pub mod prelude;
pub mod projection;
#[cfg(feature = "proptest")]
pub mod property;
pub mod scenario;
#[cfg(feature = "suite")]
pub mod suite;

pub use projection::{ProjectionScenario, ReactionScenario};
#[cfg(feature = "proptest")]
pub use proptest;
pub use scenario::Scenario;

#[doc = include_str!("../docs/testing.md")]
pub mod testing_guide {}
