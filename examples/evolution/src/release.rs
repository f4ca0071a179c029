//! `release.published`, in six versions: fields that could be null, and the repository of the other event.
#![expect(
    missing_docs,
    reason = "the fields are called as the API calls them, and its documentation tells what they are"
)]

use eventsource_core::{Past, Schema, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{account::Account, repository::Repository};

/// A release is there for everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "release.published", version = 6, shape = "d58f0cb7")]
#[serde(deny_unknown_fields)]
pub struct ReleasePublished {
    pub action: String,
    #[event(nested = 2, was(_: Past<Release, 1>, before = 2))]
    pub release: Release,
    #[event(
        nested = 5,
        was(_: Past<Repository, 1>, before = 3),
        was(_: Past<Repository, 2>, before = 4),
        was(_: Past<Repository, 3>, before = 5),
        was(_: Past<Repository, 4>, before = 6)
    )]
    pub repository: Repository,
    pub sender: Account,
}

/// The release itself. What was null in its first version is an empty text in its second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
#[serde(deny_unknown_fields)]
pub struct Release {
    #[event(opaque)]
    pub assets: Vec<Value>,
    pub assets_url: String,
    pub author: Account,
    #[event(was(_: Option<String>, before = 2, with = Option::unwrap_or_default))]
    pub body: String,
    pub created_at: String,
    pub draft: bool,
    pub html_url: String,
    pub id: u64,
    #[event(was(_: Option<String>, before = 2, with = Option::unwrap_or_default))]
    pub name: String,
    pub node_id: String,
    pub prerelease: bool,
    pub published_at: String,
    pub tag_name: String,
    pub tarball_url: String,
    pub target_commitish: String,
    pub upload_url: String,
    pub url: String,
    pub zipball_url: String,
}
