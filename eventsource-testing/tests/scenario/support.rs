//! Catches what a failing scenario says, and where.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use expect_test::ExpectFile;

/// How a scenario failed.
pub(crate) struct Failure {
    pub(crate) text: String,
    /// The file and line of the panic.
    pub(crate) file: String,
    pub(crate) line: u32,
}

thread_local! {
    /// Where the scenario panicked that this thread expects to panic; `None` while it expects no panic.
    static PLACE: RefCell<Option<(String, u32)>> = const { RefCell::new(None) };
}

/// Runs a scenario that is to fail.
#[track_caller]
pub(crate) fn failure<T>(scenario: impl FnOnce() -> T) -> Failure {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            match (PLACE.take(), info.location()) {
                (Some(_), Some(at)) => PLACE.set(Some((at.file().to_owned(), at.line()))),
                _ => default(info),
            }
        }));
    });
    PLACE.set(Some((String::new(), 0)));
    let result = panic::catch_unwind(AssertUnwindSafe(|| drop(scenario())));
    let (file, line) = PLACE.take().expect("a panic has a place");
    let Err(payload) = result else {
        panic!("the scenario was to fail, but it passed");
    };
    let text = payload.downcast_ref::<String>().expect("a formatted text");
    Failure {
        text: without_colours(text),
        file,
        line,
    }
}

impl Failure {
    /// The text, with places in the source made independent of later edits.
    pub(crate) fn lasting_text(&self) -> String {
        let folder = file!().trim_end_matches("support.rs");
        let mut text = String::new();
        for (at, part) in self.text.replace(folder, "").split(".rs:").enumerate() {
            let part = if at == 0 {
                part
            } else {
                text.push_str(".rs:LINE");
                part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')
            };
            text.push_str(part);
        }
        text
    }

    /// The text is that of a golden file.
    #[track_caller]
    pub(crate) fn is_text(&self, golden: &ExpectFile) -> &Self {
        golden.assert_eq(&self.lasting_text());
        self
    }

    /// The text names each of these.
    #[track_caller]
    pub(crate) fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(
                self.text.contains(part),
                "`{part}` is not in\n\n{}",
                self.text
            );
        }
        self
    }

    /// The text does not name this.
    #[track_caller]
    pub(crate) fn does_not_say(&self, part: &str) -> &Self {
        assert!(!self.text.contains(part), "`{part}` is in\n\n{}", self.text);
        self
    }
}

/// Whoever runs the tests on a terminal sees failures in colours.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    for (at, part) in text.split('\x1b').enumerate() {
        let rest = if at == 0 {
            part
        } else {
            part.split_once('m').map_or("", |(_, rest)| rest)
        };
        plain.push_str(rest);
    }
    plain
}
