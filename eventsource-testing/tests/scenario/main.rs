//! The given-when-then harness: what it accepts, what it finds, and how it says so.

mod bank;
mod by_hand;
mod chance;
mod creation;
mod failures;
mod numbers;
mod planted;
mod required;
mod retired;
mod support;
mod verbs;
