//! Small pieces of text.

use std::{error::Error, fmt::Write as _};

use eventsource_core::Timestamp;

/// An error with everything behind it.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        write!(text, ": {error}").expect("a `String` takes every text");
        source = error.source();
    }
    text
}

/// `1 event`, `2 events`.
pub(in crate::scenario) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A time without the decimals that say nothing.
pub(in crate::scenario) fn time(time: Timestamp) -> String {
    time.to_string().replace(".000000Z", "Z")
}
