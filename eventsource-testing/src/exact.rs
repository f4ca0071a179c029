//! Payloads as trees in which no number loses a digit. A [`Value`] keeps 64 bits of an integer, and the rest becomes a
//! float; that it keeps all is a feature of `serde_json`, which would then be on in the whole build of whoever tests.
//!
//! So a number of more digits stands in the tree as a string: a NUL and its digits. A string that begins with a NUL gets
//! another one, so that neither is taken for the other.

use serde_json::Value;

/// A float has no more digits that tell it from its neighbours.
const DIGITS_OF_A_FLOAT: usize = 17;

/// The tree of a payload; `None` where it is no JSON.
pub(crate) fn tree(json: &[u8]) -> Option<Value> {
    let text = str::from_utf8(json).ok()?;
    let tree = serde_json::from_str(text).ok()?;
    match with_long_numbers_as_strings(text) {
        None => Some(tree),
        Some(text) => serde_json::from_str(&text).ok(),
    }
}

/// What is neither an object nor an array, as JSON.
pub(crate) fn shown(scalar: &Value) -> String {
    match scalar.as_str().and_then(|text| text.strip_prefix('\0')) {
        Some(text) if text.starts_with('\0') => Value::from(text).to_string(),
        Some(number) => number.to_owned(),
        None => scalar.to_string(),
    }
}

/// Whether two trees are there, and the same.
pub(crate) fn same(one: Option<Value>, other: Option<Value>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one == other)
}

/// The JSON text with its long numbers as strings; `None` where nothing changes.
fn with_long_numbers_as_strings(json: &str) -> Option<String> {
    let mut text = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(first) = json.as_bytes().get(at) {
        let rest = &json[at..];
        let token = match first {
            b'"' => string(rest),
            b'-' | b'0'..=b'9' => number(rest),
            _ => {
                at += 1;
                while !json.is_char_boundary(at) {
                    at += 1;
                }
                continue;
            }
        };
        if let Some(other) = instead_of(token) {
            text.push_str(&json[copied..at]);
            text.push_str(&other);
            copied = at + token.len();
        }
        at += token.len();
    }
    (copied > 0).then(|| text + &json[copied..])
}

fn string(rest: &str) -> &str {
    let mut is_escaped = false;
    let end = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(rest, |end| &rest[..end + 2])
}

fn number(rest: &str) -> &str {
    let is_part = |c: char| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
    rest.find(|c| !is_part(c)).map_or(rest, |end| &rest[..end])
}

/// What is to stand for a string or a number, where that is not itself.
fn instead_of(token: &str) -> Option<String> {
    const NUL: &str = r"\u0000";
    if let Some(text) = token.strip_prefix('"') {
        return text.starts_with(NUL).then(|| format!("\"{NUL}{text}"));
    }
    let is_whole = !token.contains(['.', 'e', 'E']);
    let fits = if is_whole {
        token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok()
    } else {
        token.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_OF_A_FLOAT
    };
    (!fits).then(|| format!("\"{NUL}{token}\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn differ(one: &str, other: &str) {
        let trees = (tree(one.as_bytes()), tree(other.as_bytes()));
        assert!(trees.0.is_some() && trees.1.is_some());
        assert!(!same(trees.0, trees.1), "{one} {other}");
    }

    #[test]
    fn numbers_that_differ_in_their_last_digit_differ() {
        differ("18446744073709551616", "18446744073709551617");
        differ(
            r#"[{"a":-9223372036854775809}]"#,
            r#"[{"a":-9223372036854775810}]"#,
        );
        differ("0.12345678901234567890", "0.12345678901234567891");
        differ("18446744073709551616", r#""18446744073709551616""#);
        differ("18446744073709551616", r#""\u000018446744073709551616""#);
        differ(r#""\u0000\u00001""#, r#""\u00001""#);
    }

    #[test]
    fn everything_else_is_as_it_was() {
        let json = json!({"a\"b\\": [1, -2, 1.5, 1e300, true, null, u64::MAX, i64::MIN], "\u{e9}": "\u{fc} 1 \" 2\\"});
        assert_eq!(tree(json.to_string().as_bytes()), Some(json));
        assert_eq!(tree(b"not json"), None);
        assert_eq!(tree(b"{18446744073709551616: 1}"), None);
        assert_eq!(tree(b"\xff"), None);
    }

    #[test]
    fn what_cannot_be_read_is_not_the_same() {
        assert!(!same(None, None));
        assert!(same(tree(b"[1, 2]"), tree(b"[1,2]")));
    }

    #[test]
    fn numbers_and_strings_are_shown_as_they_were_written() {
        for json in [
            "18446744073709551616",
            "-18446744073709551616",
            r#""\u0000a""#,
            r#""a""#,
            "7",
        ] {
            assert_eq!(shown(&tree(json.as_bytes()).unwrap()), json);
        }
    }
}
