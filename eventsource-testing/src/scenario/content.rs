//! What two payloads hold, whatever the order in which they hold it.

use serde_json::Value;

/// Whether two payloads hold the same, in whatever order: of the keys of an object, and of the elements of an array,
/// which a hashed set becomes.
pub(super) fn same_content(one: &[u8], other: &[u8]) -> bool {
    match (sorted(one), sorted(other)) {
        (Some(one), Some(other)) => one == other,
        // What is not JSON has no order that could be known.
        _ => one == other,
    }
}

fn sorted(payload: &[u8]) -> Option<Value> {
    let mut value = serde_json::from_slice(payload).ok()?;
    sort(&mut value);
    Some(value)
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(elements) => {
            elements.iter_mut().for_each(sort);
            elements.sort_by_cached_key(Value::to_string);
        }
        Value::Object(fields) => fields.values_mut().for_each(sort),
        _ => {}
    }
}

/// Whether one text is the other in another order.
pub(super) fn same_letters(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_what_is_held_in_whatever_order() {
        let same = |one: &str, other: &str| same_content(one.as_bytes(), other.as_bytes());
        assert!(same(r#"{"a":[1,[3,2]],"b":2}"#, r#"{"b":2,"a":[[2,3],1]}"#));
        for (one, other) in [
            ("[1,1,2]", "[1,2,2]"),
            ("[[1],[2]]", "[[1,2],[]]"),
            (r#"{"a":1,"b":2}"#, r#"{"a":2,"b":1}"#),
            ("1", "1.0"),
            ("not json", "json not"),
        ] {
            assert!(!same(one, other), "{one} and {other}");
        }
    }
}
