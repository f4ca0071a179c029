//! Reads an entry of the lock, line by line.

use std::collections::{BTreeMap, BTreeSet};

use eventsource_core::describe::{Body, Field, TypeVersion, Variant, Wire};

use super::{Entry, Head};
use crate::lock::wire;

/// Every type with versions that a form names.
pub(in crate::lock) fn types_in(wire: Option<&Wire>, each: &mut dyn FnMut(&TypeVersion)) {
    match wire {
        Some(Wire::Type(key)) => each(key),
        Some(Wire::Option(of) | Wire::List(of) | Wire::Array(of, _) | Wire::By(_, of)) => {
            types_in(Some(of), each);
        }
        Some(Wire::Map(key, value)) => {
            types_in(Some(key), each);
            types_in(Some(value), each);
        }
        Some(Wire::Tuple(parts)) => parts.iter().for_each(|part| types_in(Some(part), each)),
        _ => {}
    }
}

/// Reads an entry line by line.
pub(super) struct Reader {
    pub(super) head: Head,
    pub(super) entry: Entry,
}

impl Reader {
    pub(super) fn head(line: &str) -> Result<Self, String> {
        let unknown = || {
            "an entry begins with `category name`, `event name v1`, `type path@1` or `retired name`"
                .to_owned()
        };
        let (kind, rest) = line.split_once(' ').ok_or_else(unknown)?;
        let (head, rest) = match kind {
            "event" => {
                let (name, rest) = rest.split_once(" v").ok_or_else(unknown)?;
                let (version, rest) = number(rest).ok_or_else(unknown)?;
                (Head::Event(name.to_owned(), version), rest)
            }
            "type" => {
                let mut rest = rest;
                let key = wire::type_version(&mut rest).ok_or_else(unknown)?;
                (Head::Type(key), rest)
            }
            "category" => (Head::Category(rest.to_owned()), ""),
            "retired" => (Head::Retired(rest.to_owned()), ""),
            _ => return Err(unknown()),
        };
        let body = match rest {
            "" => Body::Fields(Vec::new()),
            " = null" => Body::Unit,
            _ => match (rest.strip_prefix(" = "), rest.strip_prefix(" enum")) {
                (Some(wire), _) => value(wire)?,
                (_, Some(told)) => Body::Variants {
                    told: told.trim_start().to_owned(),
                    variants: Vec::new(),
                },
                _ => return Err(unknown()),
            },
        };
        let entry = Entry {
            body,
            reserved: BTreeSet::new(),
            names: BTreeSet::new(),
            lines: vec![line.to_owned()],
            ends: BTreeMap::new(),
        };
        Ok(Self { head, entry })
    }

    pub(super) fn line(&mut self, line: &str) -> Result<(), String> {
        self.entry.lines.push(line.to_owned());
        let end = self.entry.lines.len();
        let inner = line.starts_with("    ");
        let text = line.trim();
        if text.starts_with('#') {
            return Ok(());
        }
        if let Some(mut name) = text.strip_prefix("reserved ") {
            let name = wire::string(&mut name).ok_or("a reserved name stands in quotes")?;
            self.entry.reserved.insert(name);
            return Ok(());
        }
        let (added, text) = match text.strip_prefix("+ ") {
            Some(text) => (true, text),
            None => (false, text),
        };
        if let Head::Category(_) = self.head {
            let is_new = self.entry.names.insert(text.to_owned());
            return is_new
                .then_some(())
                .ok_or_else(|| format!("`{text}` a second time"));
        }
        match &mut self.entry.body {
            Body::Fields(fields) if !inner => put(fields, field(text)?, added),
            Body::Variants { variants, .. } if inner => {
                let variant = variants.last_mut().ok_or("a field of no variant")?;
                let Body::Fields(fields) = &mut variant.body else {
                    return Err(format!("the variant `{}` has no fields", variant.name));
                };
                put(fields, field(text)?, added)?;
                self.entry.ends.insert(variant.wire.clone(), end);
                Ok(())
            }
            Body::Variants { variants, .. } => {
                let variant = variant(text)?;
                if variants.iter().any(|other| other.wire == variant.wire) {
                    return Err(format!("a second variant `{}`", variant.wire));
                }
                self.entry.ends.insert(variant.wire.clone(), end);
                variants.push(variant);
                Ok(())
            }
            _ => Err("nothing can stand in this entry".to_owned()),
        }
    }

    /// The form that a line names, wherever it stands in it.
    pub(super) fn wire_of(line: &str) -> Option<Wire> {
        let text = line.trim().trim_start_matches("+ ");
        if text.starts_with('#') || text.starts_with("reserved ") {
            return None;
        }
        let behind = |(at, mark): (usize, &str)| wire::read(&text[at + mark.len()..]);
        let mut places = text.match_indices(" = ").chain(text.match_indices(": "));
        places.find_map(behind)
    }
}

/// Adds a field; a line that was added later may say of one that is there that it may be missing.
fn put(fields: &mut Vec<Field>, field: Field, added: bool) -> Result<(), String> {
    match fields.iter_mut().find(|other| other.wire == field.wire) {
        None => {
            fields.push(field);
            Ok(())
        }
        Some(there) if added && field.omitted && there.holds == field.holds => {
            there.omitted = true;
            Ok(())
        }
        Some(_) => Err(format!("a second field `{}`", field.wire)),
    }
}

/// `..name? as "wire": Type = form`
fn field(text: &str) -> Result<Field, String> {
    let what = || format!("a field is `name: Type = form`, not `{text}`");
    let (flat, rest) = match text.strip_prefix("..") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (name, wire, aliases, rest) = names(rest).ok_or_else(what)?;
    let (name, omitted) = match name.strip_suffix('?') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let rest = rest.strip_prefix(": ").ok_or_else(what)?;
    let (ty, holds) = typed(rest)?;
    Ok(Field {
        name: name.to_owned(),
        wire: wire.unwrap_or_else(|| name.to_owned()),
        aliases,
        ty,
        holds,
        flat,
        omitted,
        tolerated: false,
    })
}

/// `variant Name as "wire"`, with `: form` or ` { .. }` behind it.
fn variant(text: &str) -> Result<Variant, String> {
    let what = || format!("a variant is `variant Name`, not `{text}`");
    let rest = text.strip_prefix("variant ").ok_or_else(what)?;
    let (name, wire, aliases, rest) = names(rest).ok_or_else(what)?;
    let (other, rest) = word(rest, " other");
    let (untagged, rest) = word(rest, " untagged");
    let body = match rest {
        "" => Body::Unit,
        " { .. }" => Body::Fields(Vec::new()),
        _ => value(rest.strip_prefix(": ").ok_or_else(what)?)?,
    };
    Ok(Variant {
        name: name.to_owned(),
        wire: wire.unwrap_or_else(|| name.to_owned()),
        aliases,
        other,
        untagged,
        body,
    })
}

/// Takes a word, and says whether it was there.
fn word<'a>(text: &'a str, word: &str) -> (bool, &'a str) {
    text.strip_prefix(word)
        .map_or((false, text), |after| (true, after))
}

/// A name in Rust, the name in stored bytes where it is another one, the other names, and what follows.
fn names(text: &str) -> Option<(&str, Option<String>, Vec<String>, &str)> {
    let end = text.find([':', ' ']).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    let mut stored = None;
    if let Some(after) = rest.strip_prefix(" as ") {
        rest = after;
        stored = Some(wire::string(&mut rest)?);
    }
    let mut aliases = Vec::new();
    while let Some(after) = rest.strip_prefix(" alias ") {
        rest = after;
        aliases.push(wire::string(&mut rest)?);
    }
    Some((name, stored, aliases, rest))
}

/// `Type = form`, or the form alone where the type is written as it is. A type may have a ` = ` in it.
fn typed(text: &str) -> Result<(String, Wire), String> {
    let split = text
        .match_indices(" = ")
        .find_map(|(at, mark)| Some((&text[..at], wire::read(&text[at + mark.len()..])?)));
    match split {
        Some((ty, holds)) => Ok((ty.to_owned(), holds)),
        None => Ok(match form(text)? {
            Wire::Opaque(ty) => (ty.clone(), Wire::Opaque(ty)),
            holds => (text.to_owned(), holds),
        }),
    }
}

fn value(text: &str) -> Result<Body, String> {
    let (ty, holds) = typed(text)?;
    Ok(Body::Value { ty, holds })
}

fn form(text: &str) -> Result<Wire, String> {
    wire::read(text).ok_or_else(|| format!("`{text}` is no form that can be stored"))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}
