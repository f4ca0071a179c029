//! JSON with its numbers as they stand there: a number of more than 64 bits would be rounded otherwise.

use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Json {
    /// `null`, `true`, or a number, as written.
    Word(String),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

impl Json {
    /// Reads what serde says is JSON.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<Value>(text)?;
        let mut rest = text;
        value(&mut rest)
    }

    /// The same with every list in one order, for what has none.
    pub(super) fn sorted(self) -> Self {
        match self {
            Self::List(all) => {
                let mut all: Vec<_> = all.into_iter().map(Self::sorted).collect();
                all.sort();
                Self::List(all)
            }
            Self::Map(all) => {
                let all = all.into_iter().map(|(key, value)| (key, value.sorted()));
                Self::Map(all.collect())
            }
            plain => plain,
        }
    }

    pub(super) fn list(&self) -> &[Self] {
        match self {
            Self::List(all) => all,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(all) => all.get(key),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Text(text) => Value::from(text.as_str()).to_string(),
            Self::List(all) => {
                let all: Vec<_> = all.iter().map(Self::shown).collect();
                format!("[{}]", all.join(","))
            }
            Self::Map(all) => {
                let all = all
                    .iter()
                    .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), value.shown()));
                format!("{{{}}}", all.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Reads a value. Commas and colons say nothing that is not known from what stands around them.
fn value(rest: &mut &str) -> Result<Json, serde_json::Error> {
    let gap = |c: char| c.is_ascii_whitespace() || c == ',' || c == ':';
    *rest = rest.trim_start_matches(gap);
    if let Some(after) = rest.strip_prefix('[') {
        *rest = after.trim_start_matches(gap);
        let mut all = Vec::new();
        while !rest.is_empty() && !rest.starts_with(']') {
            all.push(value(rest)?);
            *rest = rest.trim_start_matches(gap);
        }
        *rest = rest.strip_prefix(']').unwrap_or(rest);
        return Ok(Json::List(all));
    }
    if let Some(after) = rest.strip_prefix('{') {
        *rest = after.trim_start_matches(gap);
        let mut all = BTreeMap::new();
        while !rest.is_empty() && !rest.starts_with('}') {
            let key = string(rest)?;
            all.insert(key, value(rest)?);
            *rest = rest.trim_start_matches(gap);
        }
        *rest = rest.strip_prefix('}').unwrap_or(rest);
        return Ok(Json::Map(all));
    }
    if rest.starts_with('"') {
        return Ok(Json::Text(string(rest)?));
    }
    let end = rest.find(|c: char| gap(c) || c == ']' || c == '}');
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after;
    Ok(Json::Word(number(word)))
}

/// A fraction has one value in several forms, and no more digits than `f64` has.
fn number(word: &str) -> String {
    match serde_json::from_str::<f64>(word) {
        Ok(fraction) if word.contains(['.', 'e', 'E']) => format!("{fraction:?}"),
        _ => word.to_owned(),
    }
}

fn string(rest: &mut &str) -> Result<String, serde_json::Error> {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    let (text, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at + 1));
    *rest = after;
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_is_written() {
        for text in [
            r#"{"a":[1,null,true,{}],"b":"x\"]},:","c":[]}"#,
            "1267650600228229401496703205377",
            "-0.5",
            r#""\u00e4\\""#,
        ] {
            let json = Json::read(text).expect("JSON");
            assert_eq!(Json::read(&json.shown()).ok(), Some(json), "{text}");
        }
        assert_eq!(Json::read("1.50").ok(), Json::read(" 15e-1 ").ok());
        assert_ne!(
            Json::read("1267650600228229401496703205377").ok(),
            Json::read("1267650600228229401496703205376").ok()
        );
        assert!(Json::read("[1,]").is_err());
    }
}
