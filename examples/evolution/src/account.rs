//! Whoever owns, acts or sends.
#![expect(
    missing_docs,
    reason = "the fields are called as the API calls them, and its documentation tells what they are"
)]

use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

/// A user or an organization. Its fields have been the same in all those years, so there is no history to tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub avatar_url: String,
    pub events_url: String,
    pub followers_url: String,
    pub following_url: String,
    pub gists_url: String,
    pub gravatar_id: String,
    pub html_url: String,
    pub id: u64,
    pub login: String,
    pub node_id: String,
    pub organizations_url: String,
    pub received_events_url: String,
    pub repos_url: String,
    pub site_admin: bool,
    pub starred_url: String,
    pub subscriptions_url: String,
    pub r#type: String,
    pub url: String,
}
