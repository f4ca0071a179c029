//! A repository, as both events carry it: five versions of its own.
#![expect(
    missing_docs,
    reason = "the fields are called as the API calls them, and its documentation tells what they are"
)]

use std::collections::BTreeMap;

use eventsource_core::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Account;

/// A repository, complete: unknown fields are refused, so a payload under the wrong version is found, and a field that
/// nobody described.
///
/// | version | what came |
/// |---|---|
/// | 2 | `is_template` |
/// | 3 | `topics`, `visibility` |
/// | 4 | `web_commit_signoff_required` |
/// | 5 | `custom_properties` |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 5)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the payload has as many")]
pub struct Repository {
    pub archive_url: String,
    pub archived: bool,
    pub assignees_url: String,
    pub blobs_url: String,
    pub branches_url: String,
    pub clone_url: String,
    pub collaborators_url: String,
    pub comments_url: String,
    pub commits_url: String,
    pub compare_url: String,
    pub contents_url: String,
    pub contributors_url: String,
    pub created_at: String,
    #[event(since = 5, opaque)]
    pub custom_properties: BTreeMap<String, Value>,
    pub default_branch: String,
    pub deployments_url: String,
    pub description: Option<String>,
    pub disabled: bool,
    pub downloads_url: String,
    pub events_url: String,
    pub fork: bool,
    pub forks: u64,
    pub forks_count: u64,
    pub forks_url: String,
    pub full_name: String,
    pub git_commits_url: String,
    pub git_refs_url: String,
    pub git_tags_url: String,
    pub git_url: String,
    pub has_downloads: bool,
    pub has_issues: bool,
    pub has_pages: bool,
    pub has_projects: bool,
    pub has_wiki: bool,
    pub homepage: Option<String>,
    pub hooks_url: String,
    pub html_url: String,
    pub id: u64,
    #[event(since = 2)]
    pub is_template: bool,
    pub issue_comment_url: String,
    pub issue_events_url: String,
    pub issues_url: String,
    pub keys_url: String,
    pub labels_url: String,
    pub language: Option<String>,
    pub languages_url: String,
    pub license: Option<License>,
    pub merges_url: String,
    pub milestones_url: String,
    pub mirror_url: Option<String>,
    pub name: String,
    pub node_id: String,
    pub notifications_url: String,
    pub open_issues: u64,
    pub open_issues_count: u64,
    pub owner: Account,
    pub private: bool,
    pub pulls_url: String,
    pub pushed_at: String,
    pub releases_url: String,
    pub size: u64,
    pub ssh_url: String,
    pub stargazers_count: u64,
    pub stargazers_url: String,
    pub statuses_url: String,
    pub subscribers_url: String,
    pub subscription_url: String,
    pub svn_url: String,
    pub tags_url: String,
    pub teams_url: String,
    #[event(since = 3)]
    pub topics: Vec<String>,
    pub trees_url: String,
    pub updated_at: String,
    pub url: String,
    // What nobody had to say before there was a third kind.
    #[event(since = 3, with = |old| if old.private { Visibility::Private } else { Visibility::Public })]
    pub visibility: Visibility,
    pub watchers: u64,
    pub watchers_count: u64,
    #[event(since = 4)]
    pub web_commit_signoff_required: bool,
}

/// Who can see a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    Public,
    Private,
    Internal,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(deny_unknown_fields)]
pub struct License {
    pub key: String,
    pub name: String,
    pub node_id: String,
    pub spdx_id: String,
    pub url: Option<String>,
}
