//! The lines of an entry.

use std::{collections::BTreeSet, fmt::Write as _};

use eventsource_core::describe::{Body, Field, TypeVersion, Variant, Wire};

use super::{file::Head, wire};

/// What a type with versions is called in the lock.
pub(super) type Called<'a> = &'a dyn Fn(&TypeVersion) -> String;

/// All lines of an entry.
pub(super) fn lines(
    head: &Head,
    body: &Body,
    reserved: &BTreeSet<String>,
    called: Called<'_>,
) -> Vec<String> {
    let mut lines = vec![head.to_string()];
    match body {
        Body::Unit => lines[0].push_str(" = null"),
        // Refused before anything is written.
        Body::Unknown(_) | Body::Refused(_) => {}
        Body::Value(form) => {
            let _ = write!(lines[0], " = {}", wire::write(form, called));
        }
        Body::Fields(fields) => {
            lines.extend(fields.iter().map(|one| format!("  {}", field(one, called))));
        }
        Body::Variants { told, variants } => {
            lines[0].push_str(" enum");
            if !told.is_empty() {
                let _ = write!(lines[0], " {told}");
            }
            for one in variants {
                lines.extend(
                    variant(one, called)
                        .into_iter()
                        .map(|line| format!("  {line}")),
                );
            }
        }
    }
    lines.extend(
        reserved
            .iter()
            .map(|name| format!("  reserved {}", wire::quoted(name))),
    );
    lines
}

/// `..name? as "wire" alias "other": Type = form`
pub(super) fn field(field: &Field, called: Called<'_>) -> String {
    let Field { name, ty, .. } = field;
    let form = wire::write(&field.holds, called);
    let flat = if field.flat { ".." } else { "" };
    // `None` is read of nothing without a word.
    let is_said = field.tolerated && !matches!(field.holds, Wire::Option(_));
    let may = if field.omitted || is_said { "?" } else { "" };
    let stored = names(name, &field.wire, &field.aliases);
    // Where the type is written as the form is, it is written once.
    let form = if form == *ty {
        form
    } else {
        format!("{ty} = {form}")
    };
    format!("{flat}{name}{may}{stored}: {form}")
}

/// What something is called in stored bytes, where that is not what it is called in Rust, or not that alone.
fn names(name: &str, stored: &str, aliases: &[String]) -> String {
    let mut text = String::new();
    if stored != name {
        let _ = write!(text, " as {}", wire::quoted(stored));
    }
    for alias in aliases {
        let _ = write!(text, " alias {}", wire::quoted(alias));
    }
    text
}

/// The lines of a variant, which has a field on each further line.
pub(super) fn variant(variant: &Variant, called: Called<'_>) -> Vec<String> {
    let Variant {
        name, wire: stored, ..
    } = variant;
    let mut first = format!("variant {name}");
    first.push_str(&names(name, stored, &variant.aliases));
    for (is, word) in [(variant.other, " other"), (variant.untagged, " untagged")] {
        first.push_str(if is { word } else { "" });
    }
    let mut fields = Vec::new();
    match &variant.body {
        Body::Value(form) => {
            let _ = write!(first, ": {}", wire::write(form, called));
        }
        Body::Fields(all) => {
            first.push_str(" { .. }");
            fields.extend(all.iter().map(|one| format!("  {}", field(one, called))));
        }
        Body::Unit | Body::Unknown(_) | Body::Refused(_) | Body::Variants { .. } => {}
    }
    [vec![first], fields].concat()
}
