//! Tests for event-sourced code.

#[cfg(feature = "suite")]
pub mod suite;
