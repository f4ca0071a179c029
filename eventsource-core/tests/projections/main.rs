//! Projections and reactions as the derives make them, without a runner.

mod definition;
mod domain;
mod kinds;
mod live;
mod live_stores;
#[path = "../planted/mod.rs"]
#[expect(dead_code, reason = "what is not needed here is needed elsewhere")]
mod planted;
