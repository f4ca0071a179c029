//! Colours, where someone looks at a terminal.

use std::{
    env,
    ffi::OsStr,
    io::{IsTerminal, stderr, stdout},
};

/// What a line is there for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tone {
    Plain,
    Title,
    Wrong,
    Hint,
}

/// Whether a panic is read on a terminal: it goes to the one stream, and what a test harness has caught of it to the
/// other. `NO_COLOR`, set to anything, says no.
pub(super) fn are_wanted() -> bool {
    are_wanted_by(
        stderr().is_terminal() && stdout().is_terminal(),
        env::var_os("NO_COLOR").as_deref(),
    )
}

fn are_wanted_by(is_terminal: bool, no_color: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty)
}

pub(super) fn paint(tone: Tone, line: &str, in_colours: bool) -> String {
    let code = match tone {
        Tone::Title => "1;31",
        Tone::Wrong => "31",
        Tone::Hint => "36",
        Tone::Plain => "",
    };
    if in_colours && !code.is_empty() && !line.is_empty() {
        format!("\x1b[{code}m{line}\x1b[0m")
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_need_a_terminal_and_nobody_who_minds() {
        assert!(are_wanted_by(true, None));
        assert!(are_wanted_by(true, Some(OsStr::new(""))));
        assert!(!are_wanted_by(true, Some(OsStr::new("1"))));
        assert!(!are_wanted_by(false, None));
    }
}
