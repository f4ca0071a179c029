//! The lock as a file: its entries, as they stand there.
//!
//! Every line that was read is kept as it was, and what is added is put between them: an entry cannot be rewritten, since
//! nothing here could do it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use eventsource_core::describe::{Body, Field, TypeVersion, Variant};

use super::wire;

/// The first line. Its number is the version of the format.
pub(super) const FIRST_LINE: &str = "# events.lock, format 1";
const FORMAT: &str = "# events.lock, format ";
const HEADER: &str = "\
# What was stored, and has to be read for ever. `EVENTSOURCE_BLESS=1 cargo test` adds to this file; nothing in it changes.
# A line with a `+` came to its entry later, `?` marks what may be missing, `reserved` what may not come back.
";

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Head {
    /// A stored name with a schema version.
    Event(String, u32),
    /// A stored name that is not written any more.
    Retired(String),
    /// A value with versions of its own.
    Type(TypeVersion),
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(name, version) => write!(f, "event {name} v{version}"),
            Self::Retired(name) => write!(f, "retired {name}"),
            Self::Type(key) => write!(f, "type {key}"),
        }
    }
}

/// One entry.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) body: Body,
    /// Names of fields or variants that were there before, in stored bytes.
    pub(super) reserved: BTreeSet<String>,
    /// As it stands in the file, its head first.
    lines: Vec<String>,
    /// Behind which line the fields of each variant end, by the variant's name in stored bytes.
    ends: BTreeMap<String, usize>,
}

/// The whole file.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    /// What stands above the first entry.
    top: Vec<String>,
    pub(super) entries: BTreeMap<Head, Entry>,
    /// The entries in the order of the file.
    order: Vec<Head>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    /// From 1.
    pub(super) line: usize,
    pub(super) what: DamageKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DamageKind {
    /// The mark of a merge that was not resolved.
    Conflict,
    /// The format is another one.
    Format(String),
    /// Anything else.
    Line(String),
}

impl File {
    pub(super) fn read(text: &str) -> Result<Self, Damage> {
        let mut file = Self::default();
        let mut current: Option<(usize, Reader)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let fail = |what| Err(Damage { line: number, what });
            if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
                .iter()
                .any(|mark| line.starts_with(mark))
            {
                return fail(DamageKind::Conflict);
            }
            if number == 1 && line != FIRST_LINE {
                let format = line.strip_prefix(FORMAT).unwrap_or(line);
                return fail(DamageKind::Format(format.to_owned()));
            }
            if let Some((_, reader)) = current.as_mut().filter(|_| line.starts_with(' ')) {
                if let Err(why) = reader.line(line) {
                    return fail(DamageKind::Line(why));
                }
            } else if line.trim().is_empty() {
                file.close(&mut current)?;
            } else if line.starts_with('#') && file.order.is_empty() && current.is_none() {
                file.top.push(line.to_owned());
            } else {
                file.close(&mut current)?;
                match Reader::head(line) {
                    Ok(reader) => current = Some((number, reader)),
                    Err(why) => return fail(DamageKind::Line(why)),
                }
            }
        }
        file.close(&mut current)?;
        if file.top.is_empty() {
            let what = DamageKind::Format(String::new());
            return Err(Damage { line: 1, what });
        }
        file.types_are_there()?;
        Ok(file)
    }

    fn close(&mut self, current: &mut Option<(usize, Reader)>) -> Result<(), Damage> {
        let Some((line, reader)) = current.take() else {
            return Ok(());
        };
        let Reader { head, entry, .. } = reader;
        self.order.push(head.clone());
        match self.entries.insert(head.clone(), entry) {
            None => Ok(()),
            Some(_) => {
                let what = DamageKind::Line(format!("a second entry `{head}`"));
                Err(Damage { line, what })
            }
        }
    }

    fn types_are_there(&self) -> Result<(), Damage> {
        let mut line = self.top.len() + 1;
        for head in &self.order {
            let entry = &self.entries[head];
            for (at, text) in entry.lines.iter().enumerate() {
                let found = Reader::wire_of(text);
                let mut missing = None;
                types_in(found.as_ref(), &mut |key| {
                    if !self.entries.contains_key(&Head::Type(key.clone())) {
                        missing = Some(key.clone());
                    }
                });
                if let Some(key) = missing {
                    let what = DamageKind::Line(format!("there is no entry `type {key}`"));
                    return Err(Damage {
                        line: line + at + 1,
                        what,
                    });
                }
            }
            line += entry.lines.len() + 1;
        }
        Ok(())
    }

    /// The entry of a type.
    pub(super) fn of_type(&self, key: &TypeVersion) -> Option<&Entry> {
        self.entries.get(&Head::Type(key.clone()))
    }

    /// Adds an entry, before the first one that comes after it.
    pub(super) fn add(&mut self, head: Head, lines: Vec<String>) -> Result<(), String> {
        let mut lines = lines.into_iter();
        let mut reader = Reader::head(&lines.next().unwrap_or_default())?;
        for line in lines {
            reader.line(&line)?;
        }
        let later = self.order.iter().position(|other| *other > head);
        self.order
            .insert(later.unwrap_or(self.order.len()), head.clone());
        self.entries.insert(head, reader.entry);
        Ok(())
    }

    /// Adds a line to an entry, at the end of it or of one of its variants.
    pub(super) fn append(
        &mut self,
        head: &Head,
        variant: Option<&str>,
        line: &str,
    ) -> Result<(), String> {
        let Some(entry) = self.entries.get(head) else {
            return Err(format!("there is no entry `{head}`"));
        };
        let end = variant.and_then(|variant| entry.ends.get(variant).copied());
        let mut lines = entry.lines.clone();
        lines.insert(end.unwrap_or(lines.len()), line.to_owned());
        let mut lines = lines.into_iter();
        let mut reader = Reader::head(&lines.next().unwrap_or_default())?;
        for line in lines {
            reader.line(&line)?;
        }
        self.entries.insert(head.clone(), reader.entry);
        Ok(())
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.top.is_empty() {
            write!(f, "{FIRST_LINE}\n{HEADER}")?;
        }
        for line in &self.top {
            writeln!(f, "{line}")?;
        }
        for head in &self.order {
            writeln!(f)?;
            for line in &self.entries[head].lines {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

/// Every type with versions that a form names.
pub(super) fn types_in(
    wire: Option<&eventsource_core::describe::Wire>,
    each: &mut dyn FnMut(&TypeVersion),
) {
    use eventsource_core::describe::Wire;
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
struct Reader {
    head: Head,
    entry: Entry,
}

impl Reader {
    fn head(line: &str) -> Result<Self, String> {
        let unknown =
            || "an entry begins with `event name v1`, `type path@1` or `retired name`".to_owned();
        let (kind, rest) = line.split_once(' ').ok_or_else(unknown)?;
        let (head, rest) = match kind {
            "event" => {
                let (name, rest) = rest.split_once(" v").ok_or_else(unknown)?;
                let (version, rest) = number(rest).ok_or_else(unknown)?;
                (Head::Event(name.to_owned(), version), rest)
            }
            "type" => {
                let (path, rest) = rest.rsplit_once('@').ok_or_else(unknown)?;
                let (version, rest) = number(rest).ok_or_else(unknown)?;
                let path = path.to_owned();
                (Head::Type(TypeVersion { path, version }), rest)
            }
            "retired" => (Head::Retired(rest.to_owned()), ""),
            _ => return Err(unknown()),
        };
        let body = match rest {
            "" => Body::Fields(Vec::new()),
            " = null" => Body::Unit,
            _ => match (rest.strip_prefix(" = "), rest.strip_prefix(" enum")) {
                (Some(wire), _) => Body::Value(form(wire)?),
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
            lines: vec![line.to_owned()],
            ends: BTreeMap::new(),
        };
        Ok(Self { head, entry })
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
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
    fn wire_of(line: &str) -> Option<eventsource_core::describe::Wire> {
        let text = line.trim().trim_start_matches("+ ");
        if text.starts_with('#') || text.starts_with("reserved ") {
            return None;
        }
        match text.split_once(" = ").or_else(|| text.split_once(": ")) {
            Some((_, form)) => wire::read(form),
            None => None,
        }
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
    let (name, wire, rest) = names(rest).ok_or_else(what)?;
    let (name, omitted) = match name.strip_suffix('?') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let rest = rest.strip_prefix(": ").ok_or_else(what)?;
    let (ty, holds) = rest.split_once(" = ").unwrap_or((rest, rest));
    Ok(Field {
        name: name.to_owned(),
        wire: wire.unwrap_or_else(|| name.to_owned()),
        ty: ty.to_owned(),
        holds: form(holds)?,
        flat,
        omitted,
        tolerated: false,
    })
}

/// `variant Name as "wire"`, with `: form` or ` { .. }` behind it.
fn variant(text: &str) -> Result<Variant, String> {
    let what = || format!("a variant is `variant Name`, not `{text}`");
    let rest = text.strip_prefix("variant ").ok_or_else(what)?;
    let (name, wire, rest) = names(rest).ok_or_else(what)?;
    let body = match rest {
        "" => Body::Unit,
        " { .. }" => Body::Fields(Vec::new()),
        _ => Body::Value(form(rest.strip_prefix(": ").ok_or_else(what)?)?),
    };
    Ok(Variant {
        name: name.to_owned(),
        wire: wire.unwrap_or_else(|| name.to_owned()),
        body,
    })
}

/// A name in Rust, the name in stored bytes where it is another one, and what follows.
fn names(text: &str) -> Option<(&str, Option<String>, &str)> {
    let end = text.find([':', ' ']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    match rest.strip_prefix(" as ") {
        None => Some((name, None, rest)),
        Some(mut rest) => {
            let wire = wire::string(&mut rest)?;
            Some((name, Some(wire), rest))
        }
    }
}

fn form(text: &str) -> Result<eventsource_core::describe::Wire, String> {
    wire::read(text).ok_or_else(|| format!("`{text}` is no form that can be stored"))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}
