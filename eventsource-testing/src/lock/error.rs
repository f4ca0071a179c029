//! Why the lock does not hold, in words.

use std::{
    fmt::{self, Write as _},
    io,
    path::PathBuf,
};

use eventsource_core::RegistryError;

use super::change::Change;

/// The lock does not hold, or could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The aggregates cannot share a store.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// There is no lock yet.
    #[error(
        "{} is missing: if nothing was locked before, write it with `EVENTSOURCE_BLESS=1 cargo test` and commit it; \
         if it was, get it back from the history of the repository",
        .path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{}: cannot be {doing}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `written`.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A merge left its marks in the file.
    #[error(
        "{}:{line}: a merge was not resolved: keep the entries of both sides, each once, and nothing else",
        .path.display()
    )]
    Conflict {
        /// The file.
        path: PathBuf,
        /// The line of the mark.
        line: usize,
    },
    /// The file is in another format.
    #[error(
        "{}: the format is `{found}`, and this version of `eventsource-testing` reads format 1: it was written by another \
         version, or the first line is damaged",
        .path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What its first line says.
        found: String,
    },
    /// The file cannot be understood.
    #[error(
        "{}:{line}: {what}; get the line back from the history of the repository",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is the matter.
        what: String,
    },
    /// What would be written would not be read again as it is meant. Nothing was written.
    #[error(
        "{}: nothing was written, since this cannot be put into words that are read back: {what}\n\
         this is a fault of `eventsource-testing`; where it is about one field, `#[event(opaque)]` on it goes around it",
        .path.display()
    )]
    Unwritable {
        /// The lock.
        path: PathBuf,
        /// What cannot be said.
        what: String,
    },
    /// Something in a shape does not tell its own.
    #[error("{}", blocks("these shapes cannot be locked, because a part of them does not tell its own", .0))]
    Undescribed(Vec<Undescribed>),
    /// What is stored would not be read as it was written. Nothing was written, blessed or not.
    #[error("{}", broken(.path, .changes, .stale))]
    Broken {
        /// The lock.
        path: PathBuf,
        /// The shapes that changed.
        changes: Vec<Change>,
        /// The entries that nothing reads any more.
        stale: Vec<Stale>,
    },
    /// Something is stored from now on that the lock does not have. It is harmless; it has to be written down, since
    /// nothing else would see it change.
    #[error("{}", unrecorded(.path, .missing))]
    Unrecorded {
        /// The lock.
        path: PathBuf,
        /// The lines that would be added.
        missing: Vec<String>,
    },
}

/// A field whose type does not tell its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undescribed {
    /// The event or the type: `event account.opened v1`.
    pub of: String,
    /// The field; `None` where it is about the whole.
    pub field: Option<String>,
    /// The type, as it is written.
    pub ty: String,
    /// Why an attribute of serde cannot be locked, and what to do; `None` where it is about a type.
    pub why: Option<String>,
}

impl fmt::Display for Undescribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, ty, .. } = self;
        if let Some(why) = &self.why {
            return write!(f, "{of}: {why}");
        }
        match &self.field {
            Some(field) => write!(
                f,
                "{of}: the type of `{field}`, `{ty}`, or a type in it, does not implement `Schema`\n    \
                 add `#[derive(eventsource_core::Schema)]` to that type, or `#[event(opaque)]` to `{field}` to go by the name of its type"
            ),
            None => write!(
                f,
                "{of}: `{ty}` does not implement `Schema`\n    \
                 add `#[derive(eventsource_core::Schema)]` to it, or `#[derive(eventsource_core::Event)]` where it is an event \
                 that is implemented by hand"
            ),
        }
    }
}

/// An entry that nothing reads any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stale {
    /// The stored name.
    pub name: String,
    /// The schema version; 0 where it is about all of them.
    pub version: u32,
    /// Why nothing reads it.
    pub why: StaleKind,
}

/// Why nothing reads an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaleKind {
    /// No registered aggregate has an event of this name.
    Gone {
        /// The first version that could be stored under another name.
        next: u32,
        /// The Rust type and the stored name of the one new event that looks alike.
        alike: Option<(String, String)>,
    },
    /// The event is at a lower version than was locked.
    Newer {
        /// The Rust type.
        rust: String,
        /// Its version today.
        latest: u32,
    },
    /// The name belongs to an event, but not with this version.
    OtherVersion {
        /// The Rust type.
        rust: String,
    },
    /// It is read in other streams, and not in those of a category that has it, too.
    Left {
        /// The category.
        category: String,
    },
    /// The name is that of a category, and no registered aggregate has it.
    NoCategory {
        /// The one new category, which may be the same aggregate.
        alike: Option<String>,
    },
    /// It was retired, and is listed again.
    Back {
        /// The Rust type.
        rust: String,
    },
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, why } = self;
        match why {
            StaleKind::Gone { next, alike } => {
                let was = format!(
                    "`version = {next}, was(\"{name}\", before = {next})` in its `#[event(..)]`"
                );
                write!(
                    f,
                    "event {name} v{version}: it was stored, and no registered aggregate reads it\n    renamed? "
                )?;
                if let Some((rust, new)) = alike {
                    write!(f, "`{rust}`, new as `{new}`, looks alike: ")?;
                }
                write!(
                    f,
                    "write {was}\n    left out? list its struct again\n    \
                     does not happen any more? retire it on the aggregate: `retired(\"{name}\", from = ItsStruct, into = |_| [])`, with what it is today in `[]`"
                )
            }
            StaleKind::Newer { rust, latest } => write!(
                f,
                "event {name} v{version}: it was stored, but `{rust}` is only at version {latest}\n    \
                 write `version = {version}` on `{rust}`, or a later one"
            ),
            StaleKind::OtherVersion { rust } => write!(
                f,
                "event {name} v{version}: `{rust}` has that name, but not at this version\n    \
                 say on `{rust}` until when it had the name: `was(\"{name}\", before = ..)`"
            ),
            StaleKind::Left { category } => write!(
                f,
                "category {category}: `{name}` is in its streams, and its aggregate does not read it any more\n    \
                 list its struct again\n    \
                 does not happen any more? retire it on the aggregate: `retired(\"{name}\", from = ItsStruct, into = |_| [])`, with what it is today in `[]`"
            ),
            StaleKind::NoCategory { alike } => {
                write!(
                    f,
                    "category {name}: there are streams of it, and no registered aggregate reads them"
                )?;
                if let Some(new) = alike {
                    write!(f, "; `{new}` is new")?;
                }
                write!(
                    f,
                    "\n    renamed? the name stands in each stream's id: write `name = \"{name}\"` in its `#[aggregate(..)]` again\n    \
                     left out? name the aggregate in `events_lock!` again"
                )
            }
            StaleKind::Back { rust } => write!(
                f,
                "retired {name}: it was retired, and `{rust}` is listed under its name again\n    \
                 give `{rust}` another name, since what is stored under this one means what it meant"
            ),
        }
    }
}

fn blocks<T: fmt::Display>(head: &str, all: &[T]) -> String {
    let mut text = format!("{head}:");
    for one in all {
        let _ = write!(text, "\n\n  {}", one.to_string().replace('\n', "\n  "));
    }
    text
}

fn broken(path: &std::path::Path, changes: &[Change], stale: &[Stale]) -> String {
    let mut text = format!(
        "what is stored would not be read as it was written ({})",
        path.display()
    );
    for change in changes {
        let _ = write!(text, "\n\n  {}", change.to_string().replace('\n', "\n  "));
    }
    for stale in stale {
        let _ = write!(text, "\n\n  {}", stale.to_string().replace('\n', "\n  "));
    }
    text.push_str(
        "\n\nA locked entry never changes. Only where a version was never stored anywhere: remove its entry from the lock by hand.",
    );
    text
}

fn unrecorded(path: &std::path::Path, missing: &[String]) -> String {
    let mut text = format!(
        "this is stored from now on, and {} does not have it yet:\n",
        path.display()
    );
    for line in missing {
        let _ = write!(text, "\n  {line}");
    }
    text.push_str("\n\nIt is no danger to what is stored. Add it with `EVENTSOURCE_BLESS=1 cargo test`, and commit the file.");
    text
}
