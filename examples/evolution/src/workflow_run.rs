//! `workflow_run.completed`, in eleven versions: two values with versions of their own, and the event that counts both.
#![expect(
    missing_docs,
    reason = "the fields are called as the API calls them, and its documentation tells what they are"
)]

use std::num::ParseIntError;

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{account::Account, repository::Repository};

/// A run of a workflow has ended.
///
/// The event's own fields never changed; the values in them did, the run seven times and the repository four times, in one
/// case both at once. So its history tells which version of each it held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "workflow_run.completed", version = 11, shape = "9e2f3bb9")]
#[serde(deny_unknown_fields)]
pub struct WorkflowRunCompleted {
    pub action: String,
    // What never changed and is not looked at is kept as it came.
    #[event(opaque)]
    pub organization: Value,
    #[event(
        nested = 5,
        was(_: Past<Repository, 1>, before = 6),
        was(_: Past<Repository, 2>, before = 7),
        was(_: Past<Repository, 3>, before = 9),
        was(_: Past<Repository, 4>, before = 11)
    )]
    pub repository: Repository,
    pub sender: Account,
    #[event(opaque)]
    pub workflow: Value,
    #[event(
        nested = 8,
        was(_: Past<WorkflowRun, 1>, before = 2),
        was(_: Past<WorkflowRun, 2>, before = 3),
        was(_: Past<WorkflowRun, 3>, before = 4),
        was(_: Past<WorkflowRun, 4>, before = 5),
        was(_: Past<WorkflowRun, 5>, before = 7),
        was(_: Past<WorkflowRun, 6>, before = 8),
        was(_: Past<WorkflowRun, 7>, before = 10)
    )]
    pub workflow_run: WorkflowRun,
}

/// The run itself.
///
/// | version | what came |
/// |---|---|
/// | 2 | `check_suite_id` |
/// | 3 | `name` |
/// | 4 | `check_suite_node_id`, an integer |
/// | 5 | `check_suite_node_id` is a string |
/// | 6 | `previous_attempt_url`, `run_attempt`, `run_started_at` |
/// | 7 | `actor`, `triggering_actor` |
/// | 8 | `display_title`, `path` |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 8)]
#[serde(deny_unknown_fields)]
pub struct WorkflowRun {
    // The event's sender may be another one, so nobody is put here.
    #[event(since = 7)]
    pub actor: Option<Account>,
    pub artifacts_url: String,
    pub cancel_url: String,
    // It was there before, at the end of the URL.
    #[event(since = 2, try_with = |old| number_at_the_end(&old.check_suite_url))]
    pub check_suite_id: u64,
    // In version 4 the number of the suite stood here. Older runs get what such a run would have had.
    #[event(since = 4, with = |old| old.check_suite_id, was(_: u64, before = 5, with = |id| id.to_string()))]
    pub check_suite_node_id: String,
    pub check_suite_url: String,
    pub conclusion: String,
    pub created_at: String,
    #[event(since = 8, with = |old| old.head_commit.title().to_owned())]
    pub display_title: String,
    pub event: String,
    pub head_branch: String,
    pub head_commit: Commit,
    #[event(opaque)]
    pub head_repository: Value,
    pub head_sha: String,
    pub html_url: String,
    pub id: u64,
    pub jobs_url: String,
    pub logs_url: String,
    #[event(since = 3)]
    pub name: String,
    pub node_id: String,
    #[event(since = 8)]
    pub path: Option<String>,
    #[event(since = 6)]
    pub previous_attempt_url: Option<String>,
    #[event(opaque)]
    pub pull_requests: Vec<Value>,
    #[event(opaque)]
    pub repository: Value,
    pub rerun_url: String,
    // Older payloads do not count the attempts; this is where the count begins.
    #[event(since = 6, default = 1)]
    pub run_attempt: u64,
    pub run_number: u64,
    // A first attempt starts when the run is created.
    #[event(since = 6, with = |old| old.created_at.clone())]
    pub run_started_at: String,
    pub status: String,
    #[event(since = 7)]
    pub triggering_actor: Option<Account>,
    pub updated_at: String,
    pub url: String,
    pub workflow_id: u64,
    pub workflow_url: String,
}

fn number_at_the_end(url: &str) -> Result<u64, ParseIntError> {
    url.rsplit('/').next().unwrap_or_default().parse()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    pub author: Person,
    pub committer: Person,
    pub id: String,
    pub message: String,
    pub timestamp: String,
    pub tree_id: String,
}

impl Commit {
    /// The first line of the message.
    pub fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub email: String,
    pub name: String,
}
