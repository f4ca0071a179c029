//! Catches what failing histories say.

use std::panic::{self, AssertUnwindSafe};

/// What a test says that is to fail.
#[track_caller]
pub(crate) fn failure<T>(test: impl FnOnce() -> T) -> String {
    match panic::catch_unwind(AssertUnwindSafe(test)) {
        Ok(_) => panic!("it was to fail, but it passed"),
        Err(payload) => payload
            .downcast_ref::<String>()
            .expect("a formatted text")
            .clone(),
    }
}

/// The commands that are left of a history.
pub(crate) fn commands(text: &str) -> Vec<&str> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("  commands"));
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.trim_start_matches("  commands").trim_start())
        .map(|line| line.split_once("  ").map_or(line, |(_, command)| command))
        .collect()
}
