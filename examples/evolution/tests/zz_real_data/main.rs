//! The published payloads of two events, every version of them, read by the structs of today.
//!
//! They are not part of the project. Their folder is named by `EVENTSOURCE_REAL_DATA`, which has `webhooks/truths.json`
//! and `webhooks/versions` in it. Without the variable the tests are skipped, and the last lines say so; with
//! `EVENTSOURCE_REQUIRE_ALL=1` a skip is a failure.

mod published;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, Result, ensure};
use eventsource_core::{DecodeError, prelude::*};
use evolution::{release::ReleasePublished, workflow_run::WorkflowRunCompleted};
use real_data::Test;
use serde::Serialize;
use serde_json::{Value, json};

use self::published::{Field, Published, differences};

fn main() -> ExitCode {
    real_data::run(&[
        Test {
            name: "each_of_the_eleven_versions_of_a_workflow_run_is_read_as_what_its_history_says",
            run: workflow_run,
        },
        Test {
            name: "each_of_the_six_versions_of_a_release_is_read_as_what_its_history_says",
            run: release,
        },
        Test {
            name: "a_payload_under_the_number_of_another_version_is_refused_but_where_both_have_its_shape",
            run: mislabelled,
        },
    ])
}

/// What a payload from before a field has there today, told here a second time and by other means.
type Told = fn(&Value) -> Value;

fn workflow_run(data: &Path) -> Result<()> {
    let told: &[(&str, Told)] = &[
        ("/workflow_run/check_suite_id", |old| {
            json!(suite_in_url(old))
        }),
        ("/workflow_run/name", |_| json!("")),
        ("/workflow_run/check_suite_node_id", |old| {
            match &old["workflow_run"]["check_suite_node_id"] {
                Value::Number(number) => json!(number.to_string()),
                _ => json!(suite_in_url(old).to_string()),
            }
        }),
        ("/workflow_run/previous_attempt_url", |_| Value::Null),
        ("/workflow_run/run_attempt", |_| json!(1)),
        ("/workflow_run/run_started_at", |old| {
            old["workflow_run"]["created_at"].clone()
        }),
        ("/workflow_run/actor", |_| Value::Null),
        ("/workflow_run/triggering_actor", |_| Value::Null),
        ("/workflow_run/display_title", |old| {
            let message = old["workflow_run"]["head_commit"]["message"].as_str();
            json!(message.and_then(|message| message.split('\n').next()))
        }),
        ("/workflow_run/path", |_| Value::Null),
    ];
    let all = published::open(data, WorkflowRunCompleted::SCHEMA.name)?;
    ensure!(all.len() == 11, "there are {} versions", all.len());
    read_all::<WorkflowRunCompleted>(&all, told)
}

fn suite_in_url(payload: &Value) -> u64 {
    let url = payload["workflow_run"]["check_suite_url"].as_str();
    let digits = url.and_then(|url| url.split_once("/check-suites/"));
    digits
        .and_then(|(_, digits)| digits.parse().ok())
        .unwrap_or_default()
}

fn release(data: &Path) -> Result<()> {
    let told: &[(&str, Told)] = &[
        ("/release/name", |_| json!("")),
        ("/release/body", |_| json!("")),
    ];
    let all = published::open(data, ReleasePublished::SCHEMA.name)?;
    ensure!(all.len() == 6, "there are {} versions", all.len());
    read_all::<ReleasePublished>(&all, told)
}

/// The repository's fields, which both events have.
const REPOSITORY: [(&str, Told); 5] = [
    ("/repository/is_template", |_| json!(false)),
    ("/repository/topics", |_| json!([])),
    ("/repository/visibility", |old| {
        let private = old["repository"]["private"] == json!(true);
        json!(if private { "private" } else { "public" })
    }),
    ("/repository/web_commit_signoff_required", |_| json!(false)),
    ("/repository/custom_properties", |_| json!({})),
];

/// Reads each version, and compares all of what it is today: what was added is the file's from the version that added
/// it on, and before what the history says; everything else is the file's.
fn read_all<E: Event + Serialize>(all: &[Published], told: &[(&'static str, Told)]) -> Result<()> {
    ensure!(
        E::SCHEMA.version as usize == all.len(),
        "the struct knows other versions"
    );
    let told: BTreeMap<&str, Told> = told.iter().chain(&REPOSITORY).copied().collect();
    let mut used = BTreeSet::new();
    for payload in all {
        let version = payload.version;
        let today = E::decode(version, &payload.bytes)
            .with_context(|| format!("version {version} cannot be read"))?;
        let today = serde_json::to_value(today)?;
        let mut may_differ = BTreeSet::new();
        for change in all {
            for field in &change.added {
                let got = today.pointer(&field.pointer);
                if change.version <= version {
                    if !is_gone_after(field, change.version, all) {
                        let file = field.of(&payload.json);
                        ensure!(
                            file.is_some() && got == file,
                            "version {version}, {field}: {got:?}, in the file {file:?}"
                        );
                    }
                    continue;
                }
                let outermost = change.added.iter().find(|outer| field.is_in(outer));
                let outermost = outermost.unwrap_or(field).pointer.as_str();
                let (key, tell) = told
                    .get_key_value(outermost)
                    .with_context(|| format!("nothing is told of {field}"))?;
                used.insert(*key);
                may_differ.insert(outermost.to_owned());
                let says = tell(&payload.json);
                // Below what was empty before, there is nothing.
                let says = says.pointer(&field.pointer[outermost.len()..]);
                ensure!(
                    got == says,
                    "version {version}, {field}: {got:?}, the history says {says:?}"
                );
            }
        }
        for differs in differences(&payload.json, &today) {
            ensure!(
                may_differ.contains(&differs),
                "version {version}: {differs} is not the file's, and nothing was changed there"
            );
        }
    }
    ensure!(
        used.len() == told.len(),
        "told of what was never added: {used:?}"
    );
    Ok(())
}

/// Whether the field that a version added is gone in a later one: what became of it, that one's added fields say.
fn is_gone_after(field: &Field, added: u32, all: &[Published]) -> bool {
    all.iter()
        .any(|later| later.version > added && later.removed.contains(field))
}

/// Nothing in a payload says its version, so one that has the shape of another version is read as that.
fn mislabelled(data: &Path) -> Result<()> {
    // What version 8 added may be absent.
    refuse::<WorkflowRunCompleted>(data, &[(7, 8)])?;
    // What could be null in version 1 is a text.
    refuse::<ReleasePublished>(data, &[(2, 1)])
}

/// Reads each payload under the number of each other version; `fit` are the ones that have its shape, too.
fn refuse<E: Event>(data: &Path, fit: &[(u32, u32)]) -> Result<()> {
    let all = published::open(data, E::SCHEMA.name)?;
    for payload in &all {
        for label in (1..=E::SCHEMA.version).filter(|label| *label != payload.version) {
            let read = E::decode(label, &payload.bytes);
            let is_refused =
                matches!(read, Err(DecodeError::Payload { version, .. }) if version == label);
            ensure!(
                is_refused != fit.contains(&(payload.version, label)),
                "{}, version {} under the number {label}: {:?}",
                E::SCHEMA.name,
                payload.version,
                read.err()
            );
        }
    }
    Ok(())
}
