//! What a serializer or deserializer says, without what it was given.

use std::{error::Error, fmt};

/// Why a payload could not be written or read: what was expected where, and never a value of the payload.
///
/// serde's messages repeat the value that they stumbled over. Errors end up in logs, and payloads must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadError {
    what: String,
    line: usize,
    column: usize,
}

impl PayloadError {
    /// The line of the payload, from 1; 0 where none is known.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in the line, from 1; 0 where none is known.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if self.line > 0 {
            write!(f, " at line {} column {}", self.line, self.column)?;
        }
        Ok(())
    }
}

impl Error for PayloadError {}

impl From<serde_json::Error> for PayloadError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let text = text.strip_suffix(&place).unwrap_or(&text);
        let what = if error.is_data() {
            without_value(text)
        } else {
            text.to_owned()
        };
        Self { what, line, column }
    }
}

/// A message about data, without the data.
fn without_value(text: &str) -> String {
    // These name fields, which are the shape and not the content. A field that nobody knows is content.
    let of_fields = ["missing field `", "duplicate field `"];
    if of_fields.iter().any(|known| text.starts_with(known)) {
        return text.to_owned();
    }
    let found = [
        "invalid type: ",
        "invalid value: ",
        "invalid length ",
        "unknown variant ",
        "unknown field ",
    ];
    // The value may itself have these words in it; what the reader expected comes last.
    let nothing = [", there are no fields", ", there are no variants"];
    let nothing = nothing.iter().find(|end| text.ends_with(**end));
    let expected = match nothing {
        Some(end) => Some(text.len() - end.len()),
        None => text.rfind(", expected "),
    };
    let (Some(begin), Some(expected)) = (
        found.iter().find(|begin| text.starts_with(**begin)),
        expected,
    ) else {
        // The words of somebody's own `Deserialize`, which may repeat anything.
        return "a value was refused by its own type".to_owned();
    };
    // The kind of the value stands before its quotes: string "..", integer `..`.
    let kind = text[begin.len()..expected]
        .split(['"', '`'])
        .next()
        .unwrap_or_default();
    let kind = if begin.starts_with("invalid length") {
        ""
    } else {
        kind
    };
    let begin = begin.trim_end_matches([' ', ':']);
    let separator = if kind.trim().is_empty() { "" } else { ": " };
    format!("{begin}{separator}{}{}", kind.trim(), &text[expected..])
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Card {
        number: i64,
        kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Debit,
        Credit,
    }

    fn said(json: &str) -> String {
        PayloadError::from(serde_json::from_str::<Card>(json).expect_err("no card")).to_string()
    }

    #[test]
    fn the_value_that_was_stumbled_over_is_not_repeated() {
        for (json, words) in [
            (
                "{\"number\":\"4111, expected 1\"}",
                "invalid type: string, expected i64 at line 1 column 28",
            ),
            (
                "{\"number\":4111.5}",
                "invalid type: floating point, expected i64 at line 1 column 16",
            ),
            (
                "{\"number\":1,\"kind\":\"Gold\"}",
                "unknown variant, expected `Debit` or `Credit` at line 1 column 25",
            ),
            ("{\"number\":1}", "missing field `kind` at line 1 column 12"),
            (
                "{\"numbr\":1}",
                "unknown field, expected `number` or `kind` at line 1 column 8",
            ),
            (
                "{\"ann`, expected `b\":1}",
                "unknown field, expected `number` or `kind` at line 1 column 20",
            ),
            (
                "{\"number\":",
                "EOF while parsing a value at line 1 column 10",
            ),
            ("[", "EOF while parsing a list at line 1 column 1"),
        ] {
            assert_eq!(said(json), words);
        }
    }

    #[test]
    fn a_key_that_nobody_expected_is_not_repeated() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        for json in [
            "{\"ann@example.com\":1}",
            "{\"ann@example.com, expected b\":1}",
        ] {
            let error = serde_json::from_str::<Nothing>(json).expect_err("nothing");
            let words = PayloadError::from(error).to_string();
            assert!(
                words.starts_with("unknown field, there are no fields"),
                "{words}"
            );
        }
    }

    #[test]
    fn the_words_of_a_type_of_its_own_are_not_repeated() {
        let error = <serde_json::Error as serde::de::Error>::custom("no IBAN: CZ65 0800");
        assert_eq!(
            PayloadError::from(error).to_string(),
            "a value was refused by its own type"
        );
    }
}
