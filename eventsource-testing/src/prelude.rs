//! What a test of a domain needs: `use eventsource_testing::prelude::*;`.

pub use serde_json::json;

#[cfg(feature = "proptest")]
pub use crate::property::histories;
pub use crate::{
    matching,
    projection::{ProjectionCheck, ProjectionScenario, ReactionScenario},
    scenario::{Check, Scenario, Verdict},
};
