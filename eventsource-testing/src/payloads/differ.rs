//! Two expectations side by side.

use serde_json::Value;

/// The names and versions of the events that an expectation lists.
pub(super) fn events(expected: &Value) -> Vec<(Option<&str>, Option<u64>)> {
    let parts = expected.as_array().map_or(&[][..], Vec::as_slice);
    parts
        .iter()
        .map(|part| {
            let name = part.get("event").and_then(Value::as_str);
            (name, part.get("version").and_then(Value::as_u64))
        })
        .collect()
}

/// Each place in which they differ, with what is expected there and what there is.
pub(super) fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", Some(expected), Some(actual), &mut found);
    found
}

fn compare(at: &str, expected: Option<&Value>, actual: Option<&Value>, found: &mut Vec<String>) {
    match (expected, actual) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut keys: Vec<_> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                compare(&format!("{at}/{key}"), one.get(key), other.get(key), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
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
            let shown = |value: Option<&Value>| {
                value.map_or_else(|| "nothing".to_owned(), Value::to_string)
            };
            found.push(format!(
                "{at}: expected {}, is {}",
                shown(expected),
                shown(actual)
            ));
        }
    }
}
