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
        Body::Value { ty, holds } => {
            let _ = write!(lines[0], " = {}", typed(ty, holds, called));
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
    let flat = if field.flat { ".." } else { "" };
    // `None` is read of nothing without a word.
    let is_said = field.tolerated && !matches!(field.holds, Wire::Option(_));
    let may = if field.omitted || is_said { "?" } else { "" };
    let stored = names(name, &field.wire, &field.aliases);
    let form = typed(ty, &field.holds, called);
    format!("{flat}{name}{may}{stored}: {form}")
}

/// A type and its form. Where one says what the other does, it is written once.
fn typed(ty: &str, holds: &Wire, called: Called<'_>) -> String {
    let form = wire::write(holds, called);
    if form == ty || matches!(holds, Wire::Opaque(of) if of == ty) {
        form
    } else {
        format!("{ty} = {form}")
    }
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
        Body::Value { ty, holds } => {
            let _ = write!(first, ": {}", typed(ty, holds, called));
        }
        Body::Fields(all) => {
            first.push_str(" { .. }");
            fields.extend(all.iter().map(|one| format!("  {}", field(one, called))));
        }
        Body::Unit | Body::Unknown(_) | Body::Refused(_) | Body::Variants { .. } => {}
    }
    [vec![first], fields].concat()
}
