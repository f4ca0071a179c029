//! An event as a failure shows it, and the fields in which two of them differ.

use eventsource_core::EventSchema;
use serde_json::Value;

use crate::{exact, scenario::journal::Stored};

/// An event as it is stored: name, schema version, payload.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Side {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) payload: Payload,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Json(Value),
    /// Anything else, in words.
    Other(String),
}

/// One line of the comparison of two payloads.
#[derive(Debug, PartialEq)]
pub(super) struct Field {
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) differs: bool,
}

impl Side {
    pub(crate) fn of(stored: &Stored) -> Self {
        let bytes = stored.payload.bytes();
        Self {
            name: stored.name.as_str().to_owned(),
            version: stored.schema_version,
            payload: exact::tree(bytes).map_or_else(
                || Payload::Other(String::from_utf8_lossy(bytes).into_owned()),
                Payload::Json,
            ),
        }
    }

    /// The same with another payload.
    pub(in crate::scenario) fn holding(self, payload: Value) -> Self {
        Self {
            payload: Payload::Json(payload),
            ..self
        }
    }

    pub(in crate::scenario) fn unwritten(schema: EventSchema, why: &str) -> Self {
        Self {
            name: schema.name.to_owned(),
            version: schema.version,
            payload: Payload::Other(format!("(cannot be written: {why})")),
        }
    }

    /// Name and version, then the payload, on one line.
    pub(in crate::scenario) fn inline(&self) -> String {
        match self.payload() {
            payload if payload.is_empty() => self.title(),
            payload => format!("{} {payload}", self.title()),
        }
    }

    pub(crate) fn title(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }

    /// The payload on one line; nothing for an event without fields.
    pub(crate) fn payload(&self) -> String {
        match &self.payload {
            Payload::Json(Value::Null) => String::new(),
            Payload::Json(value) => inline(value),
            Payload::Other(text) => text.clone(),
        }
    }

    /// The fields of two payloads of one event: all at the top, below it those that differ.
    pub(super) fn fields(&self, actual: &Self) -> Vec<Field> {
        let mut fields = Vec::new();
        match (&self.payload, &actual.payload) {
            (Payload::Json(expected), Payload::Json(actual)) => {
                diff("", expected, actual, true, &mut fields);
            }
            _ => fields.push(Field {
                expected: self.payload(),
                actual: actual.payload(),
                differs: true,
            }),
        }
        fields
    }
}

fn diff(path: &str, expected: &Value, actual: &Value, top: bool, out: &mut Vec<Field>) {
    match (expected, actual) {
        (Value::Object(one), Value::Object(other)) => {
            // Sorted, so that the text does not depend on how the map of the JSON library is built.
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let path = if top {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                part(&path, one.get(key), other.get(key), top, out);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for at in 0..one.len().max(other.len()) {
                part(
                    &format!("{path}[{at}]"),
                    one.get(at),
                    other.get(at),
                    top,
                    out,
                );
            }
        }
        _ => part(path, Some(expected), Some(actual), top, out),
    }
}

fn part(
    path: &str,
    expected: Option<&Value>,
    actual: Option<&Value>,
    top: bool,
    out: &mut Vec<Field>,
) {
    let cell = |value: Option<&Value>| {
        let value = value.map_or_else(|| "(absent)".to_owned(), inline);
        if path.is_empty() {
            value
        } else {
            format!("{path}: {value}")
        }
    };
    match (expected, actual) {
        (Some(one), Some(other)) if one == other => {
            if top {
                let actual = if path.is_empty() {
                    "(same)".to_owned()
                } else {
                    format!("{path}: (same)")
                };
                out.push(Field {
                    expected: cell(expected),
                    actual,
                    differs: false,
                });
            }
        }
        (Some(one @ (Value::Object(_) | Value::Array(_))), Some(other))
            if same_kind(one, other) =>
        {
            diff(path, one, other, false, out);
        }
        _ => out.push(Field {
            expected: cell(expected),
            actual: cell(actual),
            differs: true,
        }),
    }
}

fn same_kind(one: &Value, other: &Value) -> bool {
    one.is_object() == other.is_object() && one.is_array() == other.is_array()
}

/// JSON on one line, the keys without quotes, as Rust would show it.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, value)| format!("{}: {}", bare(key), inline(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(inline).collect::<Vec<_>>().join(", ")
        ),
        scalar => exact::shown(scalar),
    }
}

fn bare(key: &str) -> String {
    let is_word = key.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_word && !key.is_empty() {
        key.to_owned()
    } else {
        Value::from(key).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn side(value: Value) -> Side {
        Side {
            name: "a".to_owned(),
            version: 1,
            payload: Payload::Json(value),
        }
    }

    fn lines(expected: Value, actual: Value) -> Vec<String> {
        let fields = side(expected).fields(&side(actual));
        let line = |field: Field| {
            format!(
                "{} | {}{}",
                field.expected,
                field.actual,
                if field.differs { " <" } else { "" }
            )
        };
        fields.into_iter().map(line).collect()
    }

    #[test]
    fn every_differing_field_is_found_at_its_place() {
        let expected = json!({"a": 1, "b": {"c": [1, 2], "d": "x"}, "e": null, "f": {"g": 1}});
        let actual = json!({"a": 1, "b": {"c": [1, 3, 4], "d": "x"}, "f": 7, "h": true});
        assert_eq!(
            lines(expected, actual),
            [
                "a: 1 | a: (same)",
                "b.c[1]: 2 | b.c[1]: 3 <",
                "b.c[2]: (absent) | b.c[2]: 4 <",
                "e: null | e: (absent) <",
                "f: { g: 1 } | f: 7 <",
                "h: (absent) | h: true <",
            ]
        );
    }

    #[test]
    fn payloads_without_fields_are_compared_as_a_whole() {
        assert_eq!(lines(json!(1), json!(2)), ["1 | 2 <"]);
        assert_eq!(lines(json!([1]), json!([])), ["[0]: 1 | [0]: (absent) <"]);
        assert_eq!(side(Value::Null).inline(), "a v1");
        assert_eq!(
            side(json!({"x y": [{}]})).inline(),
            r#"a v1 { "x y": [{}] }"#
        );
    }
}
