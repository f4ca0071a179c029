//! Scenarios of projections and reactions: what they accept, what their checks find, and how they say so.

mod domain;
#[path = "../../docs/drawer.rs"]
mod drawer;
mod failures;
mod planted;
#[path = "../scenario/support.rs"]
#[expect(dead_code, reason = "the tests of scenarios use the rest")]
mod support;
mod verbs;
