//! Histories of events: each older version is read in its own shape and becomes what the struct is today.
#![cfg(feature = "derive")]

mod deposited;
mod fields;
mod nested;
mod outcomes;
mod serde_attributes;
mod variants;
mod whole;

use eventsource_core::{DecodeError, Event};

/// Reads JSON that was stored at a version.
fn read<E: Event>(version: u32, json: &str) -> Result<E, DecodeError> {
    E::decode(version, json.as_bytes())
}

/// The error and its sources, as a log shows them.
fn shown(error: &DecodeError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(" <- ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
