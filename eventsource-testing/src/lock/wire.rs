//! A stored form as text: written, and read back.

use std::fmt::Write as _;

use eventsource_core::describe::{TypeVersion, Wire};

/// The attributes that put something else in the place of a value.
const BY: &[&str] = &[
    "with",
    "serialize_with",
    "deserialize_with",
    "from",
    "try_from",
    "into",
];

/// Writes a form. What a type with versions is called in the lock, `called` says.
pub(super) fn write(wire: &Wire, called: &dyn Fn(&TypeVersion) -> String) -> String {
    let inner = |wire: &Wire| write(wire, called);
    match wire {
        Wire::Plain(name) => name.to_string(),
        Wire::Shape(shape) => format!("shape {shape:016x}"),
        Wire::Option(of) => format!("Option<{}>", inner(of)),
        Wire::List(of) => format!("Vec<{}>", inner(of)),
        Wire::Array(of, len) => format!("[{}; {len}]", inner(of)),
        Wire::Map(key, value) => format!("Map<{}, {}>", inner(key), inner(value)),
        Wire::Tuple(parts) => {
            let mut text = "(".to_owned();
            for part in parts {
                let _ = write!(text, "{}, ", inner(part));
            }
            // One value in parentheses is no tuple.
            let text = if parts.len() > 1 {
                text.trim_end_matches(", ")
            } else {
                text.trim_end()
            };
            if parts.is_empty() {
                "(,)".to_owned()
            } else {
                format!("{text})")
            }
        }
        Wire::Type(key) => called(key),
        Wire::Opaque(ty) => format!("opaque {}", quoted(ty)),
        Wire::By(by, of) => {
            let by = by
                .iter()
                .map(|(key, path)| format!("{key} {} ", quoted(path)));
            format!("by {}{}", by.collect::<String>(), inner(of))
        }
        Wire::Unknown => "?".to_owned(),
    }
}

/// Reads a form; `None` where it is none.
pub(super) fn read(text: &str) -> Option<Wire> {
    let mut rest = text;
    let wire = one(&mut rest)?;
    rest.is_empty().then_some(wire)
}

fn one(rest: &mut &str) -> Option<Wire> {
    if eat(rest, "(,)") {
        return Some(Wire::Tuple(Vec::new()));
    }
    if eat(rest, "()") {
        return Some(Wire::Plain("()".into()));
    }
    if eat(rest, "(") {
        let mut parts = vec![one(rest)?];
        while eat(rest, ",") {
            eat(rest, " ");
            if rest.starts_with(')') {
                break;
            }
            parts.push(one(rest)?);
        }
        return eat(rest, ")").then_some(Wire::Tuple(parts));
    }
    if eat(rest, "[") {
        let of = one(rest)?;
        eat(rest, "; ").then_some(())?;
        let end = rest.find(']')?;
        let len = rest[..end].parse().ok()?;
        *rest = &rest[end + 1..];
        return Some(Wire::Array(Box::new(of), len));
    }
    if eat(rest, "?") {
        return Some(Wire::Unknown);
    }
    if eat(rest, "by ") {
        let mut by = Vec::new();
        while let Some(key) = BY.iter().find(|key| eat(rest, &format!("{key} "))) {
            let path = string(rest)?;
            eat(rest, " ").then_some(())?;
            by.push(((*key).to_owned(), path));
        }
        return (!by.is_empty()).then_some(Wire::By(by, Box::new(one(rest)?)));
    }
    if eat(rest, "opaque ") {
        return string(rest).map(Wire::Opaque);
    }
    if eat(rest, "shape ") {
        let (digits, after) = rest.split_at_checked(16)?;
        *rest = after;
        return u64::from_str_radix(digits, 16).ok().map(Wire::Shape);
    }
    if eat(rest, "Option<") {
        return Some(Wire::Option(Box::new(closed(rest)?)));
    }
    if eat(rest, "Vec<") {
        return Some(Wire::List(Box::new(closed(rest)?)));
    }
    if eat(rest, "Map<") {
        let key = one(rest)?;
        eat(rest, ", ").then_some(())?;
        return Some(Wire::Map(Box::new(key), Box::new(closed(rest)?)));
    }
    let (end, versioned) = word(rest);
    if versioned {
        return type_version(rest).map(Wire::Type);
    }
    let (name, after) = rest.split_at(end);
    if name.is_empty() {
        return None;
    }
    *rest = after;
    Some(Wire::Plain(name.to_owned().into()))
}

/// Reads `path@1`.
pub(super) fn type_version(rest: &mut &str) -> Option<TypeVersion> {
    let (end, versioned) = word(rest);
    let (path, after) = rest.split_at(end);
    let after = after.strip_prefix('@').filter(|_| versioned)?;
    let digits = after.find(|c: char| !c.is_ascii_digit());
    let (version, after) = after.split_at(digits.unwrap_or(after.len()));
    if path.is_empty() {
        return None;
    }
    *rest = after;
    Some(TypeVersion {
        path: path.to_owned(),
        version: version.parse().ok()?,
    })
}

fn closed(rest: &mut &str) -> Option<Wire> {
    let of = one(rest)?;
    eat(rest, ">").then_some(of)
}

/// Where a name ends, and whether a version follows. The parameters of a generic type belong to its name.
fn word(text: &str) -> (usize, bool) {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '@' if depth == 0 => return (at, true),
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            '>' | ',' | ')' | ';' | ']' | ' ' if depth == 0 => return (at, false),
            _ => {}
        }
    }
    (text.len(), false)
}

/// A type as it is written, without the paths in it: `Vec<std::num::NonZeroU8>` is `Vec<NonZeroU8>`.
pub(super) fn without_paths(ty: &str) -> String {
    let mut text = String::new();
    let mut rest = ty;
    while let Some(letter) = rest.chars().next() {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if let Some(after) = rest.strip_prefix("::") {
            rest = after;
        } else if end == 0 {
            if letter != ' ' {
                text.push(letter);
            }
            rest = &rest[letter.len_utf8()..];
        } else {
            let (word, after) = rest.split_at(end);
            if !after.trim_start().starts_with("::") {
                text.push_str(word);
                // `dyn A` is not `dynA`.
                text.push(' ');
            }
            rest = after;
        }
    }
    text
}

/// The types in parentheses, each by itself.
pub(super) fn apart(types: &str) -> Vec<String> {
    let inner = types
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let mut all = Vec::new();
    let (mut depth, mut current) = (0_i32, String::new());
    for letter in inner.unwrap_or(types).chars() {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                all.push(std::mem::take(&mut current).trim().to_owned());
                continue;
            }
            _ => {}
        }
        current.push(letter);
    }
    all.push(current.trim().to_owned());
    all
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Reads a text in quotes.
pub(super) fn string(rest: &mut &str) -> Option<String> {
    let mut escaped = false;
    let quoted = rest.strip_prefix('"')?;
    let end = quoted.char_indices().find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    })?;
    let (text, after) = rest.split_at(end.0 + 2);
    *rest = after;
    serde_json::from_str(text).ok()
}

fn eat(rest: &mut &str, text: &str) -> bool {
    match rest.strip_prefix(text) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "String",
            "Option<Vec<u8>>",
            "Map<String, (u8, [f64; 3])>",
            "(u8,)",
            "(,)",
            "()",
            "bank::money::Amount@2",
            "Vec<a::Page<alloc::string::String, u8>@1>",
            "by with \"a::\\\"b\" opaque \"Page<u8>\"",
            "by serialize_with \"w\" deserialize_with \"r\" ?",
            "shape 00ff00ff00ff00ff",
        ] {
            let wire = read(text).unwrap_or_else(|| panic!("{text} is not read"));
            assert_eq!(write(&wire, &ToString::to_string), text);
        }
    }

    #[test]
    fn what_is_no_form_is_not_read() {
        for text in [
            "",
            "Option<u8",
            "[u8]",
            "(u8",
            "a@",
            "a@b",
            "u8>",
            "Map<u8>",
            "by u8",
            "by skip \"a\" u8",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
