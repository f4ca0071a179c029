//! Random histories: what they find, how short it becomes, and what they say when they test nothing.

// The same aggregate without the derive as in the tests of scenarios.
#[path = "../scenario/by_hand.rs"]
mod by_hand;
mod domain;
mod empty;
mod healthy;
mod planted;
mod replayed;
mod support;
