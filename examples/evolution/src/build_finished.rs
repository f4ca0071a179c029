//! The tutorial's event: what happened to the real one, on a payload that fits on a line.

use std::num::ParseIntError;

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};

/// A build has ended. Six versions:
///
/// | version | what changed |
/// |---|---|
/// | 1 | `build`, `project`, `suite_url` |
/// | 2 | `suite` came, an integer |
/// | 3 | `project` came to its version 2 |
/// | 4 | `suite` is a string |
/// | 5 | `attempt` and `started_by` came |
/// | 6 | `build` is called `number`, and `suite_url` is gone |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "build.finished", version = 6, had(suite_url: String, before = 6))]
#[serde(deny_unknown_fields)]
pub struct BuildFinished {
    /// Counts the builds of the project.
    #[event(was(build, before = 6))]
    pub number: u64,
    /// What was built.
    #[event(nested = 2, was(_: Past<Project, 1>, before = 3))]
    pub project: Project,
    /// The tests that ran. It was in the URL before it had a field, and a number before it was a name.
    #[event(since = 2, try_with = |old| number_at_the_end(&old.suite_url))]
    #[event(was(_: u64, before = 4, with = |number| format!("suite-{number}")))]
    pub suite: String,
    /// The how-manieth time.
    #[event(since = 5, default = 1)]
    pub attempt: u32,
    /// Who asked for it, if it is known.
    #[event(since = 5)]
    pub started_by: Option<String>,
}

/// What is built. It has a history of its own, and any event can hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// What it is called.
    pub name: String,
    /// Whether strangers are kept out.
    pub private: bool,
    /// What it is about.
    #[event(since = 2)]
    pub topics: Vec<String>,
    /// Who can see it.
    #[event(since = 2, with = |old| if old.private { Visibility::Private } else { Visibility::Public })]
    pub visibility: Visibility,
}

/// Who can see a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Its members.
    Private,
    /// Everybody in the house.
    Internal,
}

fn number_at_the_end(url: &str) -> Result<u64, ParseIntError> {
    url.rsplit('/').next().unwrap_or_default().parse()
}
