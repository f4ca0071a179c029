//! What is wrong with golden payloads, in words.

use std::{
    fmt::{self, Write as _},
    io,
    path::PathBuf,
};

use eventsource_core::{EncodeError, TodayError};

/// Golden payloads are missing, or are not what is expected of them.
#[derive(Debug)]
#[non_exhaustive]
pub struct PayloadsError {
    /// Everything that is wrong.
    pub problems: Vec<PayloadProblem>,
}

impl fmt::Display for PayloadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the golden payloads are not as they should be:")?;
        for problem in &self.problems {
            let text = problem.to_string();
            // The reason belongs to the first line; what to do stands below.
            let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
            write!(f, "\n\n  {first}")?;
            let mut source = std::error::Error::source(problem);
            while let Some(next) = source {
                write!(f, ": {next}")?;
                source = next.source();
            }
            for line in rest.lines() {
                write!(f, "\n  {line}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for PayloadsError {}

/// One thing that is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadProblem {
    /// There is no example of an event at a version.
    #[error("{} is missing\n    {}", .path.display(), write_it(rust, *version, *is_written))]
    Missing {
        /// The file to write.
        path: PathBuf,
        /// The Rust type.
        rust: &'static str,
        /// The schema version.
        version: u32,
        /// Whether it is the version of today, of which the event can give a sample.
        is_written: bool,
    },
    /// A file can be written, and was not.
    #[error(
        "{} is missing\n    if it is new, write it with `EVENTSOURCE_BLESS=1 cargo test`, read it, and commit it; if it was \
         there, get it back from the history of the repository",
        .path.display()
    )]
    NotCommitted {
        /// The file.
        path: PathBuf,
    },
    /// A file that was there is gone.
    #[error(
        "{} is gone\n    {} still says what it is today: get it back from the history of the repository; only where \
         this version was never stored anywhere, remove that file, too, and bless anew",
        .path.display(), .today.file_name().unwrap_or_default().display()
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// The file with what is expected, which is there.
        today: PathBuf,
    },
    /// A payload is not read any more.
    #[error(
        "{} is not read any more\n    it is what was stored: mend the event, not the file; where the event's shape changed, \
         the test `every_stored_shape_is_locked` says what to write",
        .path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: TodayError,
    },
    /// What comes of a payload is not what is expected.
    #[error("{}", differs(.path, name, *version, differences, *moved_on))]
    Differs {
        /// The file with what is expected.
        path: PathBuf,
        /// The stored name.
        name: &'static str,
        /// The stored schema version.
        version: u32,
        /// Each place, with what is expected and what there is.
        differences: Vec<String>,
        /// Whether the event has a newer version than the file knows, so that a new value can be right.
        moved_on: bool,
    },
    /// What a payload is today is not read again as it is written.
    #[error(
        "{}: what the golden payload of `{name}` version {version} is today would be written, and then {what}\n    \
         mend how the event is serialized or deserialized: every new event of this kind would be stored so",
        .path.display()
    )]
    NotReadAgain {
        /// The file with the payload.
        path: PathBuf,
        /// The stored name.
        name: &'static str,
        /// The stored schema version.
        version: u32,
        /// What comes of it, without its values.
        what: String,
    },
    /// A file belongs to nothing.
    #[error(
        "{} belongs to no event and version of this build\n    \
         if its event was renamed or left, the test `every_stored_shape_is_locked` says what to write; a file that was \
         never an example is to be removed",
        .path.display()
    )]
    Stray {
        /// The file.
        path: PathBuf,
    },
    /// What is expected is not JSON.
    #[error("{} is not JSON", .path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// The sample of an event cannot be written.
    #[error("the `sample` of `{name}` cannot be written")]
    Sample {
        /// The stored name.
        name: &'static str,
        /// Why.
        #[source]
        source: EncodeError,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl PayloadProblem {
    /// Whether nothing is to be written as long as this is wrong.
    pub(super) fn hinders_blessing(&self) -> bool {
        !matches!(
            self,
            Self::NotCommitted { .. } | Self::Missing { .. } | Self::Differs { moved_on: true, .. }
        )
    }
}

fn write_it(rust: &str, version: u32, is_written: bool) -> String {
    if is_written {
        format!(
            "let a scenario see a `{rust}`, or give it a sample, `#[event(sample = {rust} {{ .. }})]`, and run \
             `EVENTSOURCE_BLESS=1 cargo test` (once more where `events.lock` is new: scenarios write what is locked); or \
             write the file by hand: the JSON of one event"
        )
    } else {
        format!(
            "write it by hand: the JSON of one `{rust}` as version {version} stored it, best one from a real store, without \
             personal data; or give it to a scenario, `given_stored(..)`, and run `EVENTSOURCE_BLESS=1 cargo test`"
        )
    }
}

fn differs(
    path: &std::path::Path,
    name: &str,
    version: u32,
    differences: &[String],
    moved_on: bool,
) -> String {
    let mut text = format!(
        "{}: the golden payload of `{name}` version {version} is another event today than it was",
        path.display()
    );
    for difference in differences {
        let _ = write!(text, "\n      {difference}");
    }
    text += if moved_on {
        "\n    only what has a newer version, or was retired, is another: if this is what it should be, accept it with `EVENTSOURCE_BLESS=1 cargo test`"
    } else {
        "\n    what differs has no newer version, so that stored events mean something else than before: mend the step, or write a new version; \
         blessing does not accept this"
    };
    text
}
