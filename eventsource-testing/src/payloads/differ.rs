//! Two expectations side by side.

use std::collections::BTreeMap;

use eventsource_core::EventSchema;

use super::json::Json;

/// Whether another expectation is what new versions are for. What is written today as it was then stays as it is; what has
/// a newer version is there in it; only what an aggregate has retired may go, and leave others in its place.
pub(super) fn moved_on(
    expected: &Json,
    actual: &Json,
    names: &BTreeMap<&str, &str>,
    writes: &[EventSchema],
) -> bool {
    let mut open = actual.list().iter();
    let mut is_retired = false;
    for part in expected.list() {
        let Some((name, version)) = schema(part) else {
            return false;
        };
        let Some(today) = names.get(name) else {
            return false;
        };
        let Some(today) = writes.iter().find(|schema| schema.name == *today) else {
            is_retired = true;
            continue;
        };
        let is_it = |other: &&Json| match version.cmp(&today.version) {
            std::cmp::Ordering::Less => schema(other) == Some((today.name, today.version)),
            std::cmp::Ordering::Equal => *other == part,
            std::cmp::Ordering::Greater => false,
        };
        // In order; what stands between came for something that was retired.
        if !open.any(|other| is_it(&other)) {
            return false;
        }
    }
    is_retired || expected.list().len() == actual.list().len()
}

/// The name and the version of a part.
fn schema(part: &Json) -> Option<(&str, u32)> {
    let name = part.get("event")?.text()?;
    let version = part.get("version")?.text()?.parse().ok()?;
    Some((name, version))
}

/// Each place in which they differ, with what is expected there and what there is.
pub(super) fn differences(expected: &Json, actual: &Json) -> Vec<String> {
    let mut found = Vec::new();
    compare("", Some(expected), Some(actual), &mut found);
    found
}

fn compare(at: &str, expected: Option<&Json>, actual: Option<&Json>, found: &mut Vec<String>) {
    match (expected, actual) {
        (Some(Json::Map(one)), Some(Json::Map(other))) => {
            let mut keys: Vec<_> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                compare(&format!("{at}/{key}"), one.get(key), other.get(key), found);
            }
        }
        (Some(Json::List(one)), Some(Json::List(other))) => {
            for index in 0..one.len().max(other.len()) {
                compare(
                    &format!("{at}/{index}"),
                    one.get(index),
                    other.get(index),
                    found,
                );
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => {
            let shown =
                |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), Json::shown);
            found.push(format!(
                "{at}: expected {}, is {}",
                shown(expected),
                shown(actual)
            ));
        }
    }
}
