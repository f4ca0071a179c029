//! One struct reads what a build said of itself in six versions: prints each payload, and what it is today.

use std::io::{Write as _, stdout};

use anyhow::Result;
use eventsource_core::prelude::*;
use evolution::build_finished::BuildFinished;

/// As they were stored, each with its version.
const STORED: [(u32, &str); 6] = [
    (
        1,
        r#"{"build":7,"project":{"name":"teapot","private":true},"suite_url":"/suites/40"}"#,
    ),
    (
        2,
        r#"{"build":8,"project":{"name":"teapot","private":true},"suite_url":"/suites/41","suite":41}"#,
    ),
    (
        3,
        r#"{"build":9,"project":{"name":"teapot","private":false,"topics":["tea"],"visibility":"internal"},"suite_url":"/suites/42","suite":42}"#,
    ),
    (
        4,
        r#"{"build":10,"project":{"name":"teapot","private":false,"topics":["tea"],"visibility":"public"},"suite_url":"/suites/43","suite":"nightly"}"#,
    ),
    (
        5,
        r#"{"build":10,"project":{"name":"teapot","private":false,"topics":["tea"],"visibility":"public"},"suite_url":"/suites/43","suite":"nightly","attempt":2,"started_by":"ida"}"#,
    ),
    (
        6,
        r#"{"number":11,"project":{"name":"teapot","private":false,"topics":["tea"],"visibility":"public"},"suite":"nightly","attempt":1,"started_by":null}"#,
    ),
];

/// What no version of this event is.
const REFUSED: [(u32, &str); 4] = [
    // Written by version 2 and labelled as version 1.
    (
        1,
        r#"{"build":8,"project":{"name":"teapot","private":true},"suite_url":"/suites/41","suite":41}"#,
    ),
    // The project is older than the event says.
    (
        3,
        r#"{"build":9,"project":{"name":"teapot","private":true},"suite_url":"/suites/42","suite":42}"#,
    ),
    // A step that cannot be taken.
    (
        1,
        r#"{"build":7,"project":{"name":"teapot","private":true},"suite_url":"/suites/last"}"#,
    ),
    (7, r#"{"build":"a name, perhaps"}"#),
];

fn main() -> Result<()> {
    let mut out = stdout().lock();
    for (version, stored) in STORED {
        let event = BuildFinished::decode(version, stored.as_bytes())?;
        let today = serde_json::to_string(&event)?;
        writeln!(out, "version {version}: {stored}\n    today: {today}")?;
    }
    for (version, stored) in REFUSED {
        match BuildFinished::decode(version, stored.as_bytes()) {
            Ok(event) => anyhow::bail!("{stored} was read as {event:?}"),
            Err(error) => writeln!(
                out,
                "version {version}: {stored}\n  refused: {:#}",
                anyhow::Error::new(error)
            )?,
        }
    }
    Ok(())
}
