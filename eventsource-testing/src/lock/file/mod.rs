//! The lock as a file: its entries, as they stand there.
//!
//! Every line that was read is kept as it was, and what is added is put between them: an entry cannot be rewritten, since
//! nothing here could do it.

mod reader;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};

use eventsource_core::describe::{Body, TypeVersion};

use reader::Reader;
pub(super) use reader::types_in;

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
    /// What is stored in the streams of a category.
    Category(String),
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
            Self::Category(name) => write!(f, "category {name}"),
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
    /// The events of a category.
    pub(super) names: BTreeSet<String>,
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
    /// How its lines end; nothing is said of a new file.
    line_end: &'static str,
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
        let words = |line, what: &str| {
            let what = DamageKind::Line(what.to_owned());
            Err(Damage { line, what })
        };
        if text.starts_with('\u{feff}') {
            return words(
                1,
                "the file begins with a byte order mark, which no editor shows: save it without",
            );
        }
        if !text.is_empty() && !text.ends_with('\n') {
            // What is left of a type may be another type.
            let last = text.lines().count();
            return words(
                last,
                "the last line has no end, so that the file may be cut off",
            );
        }
        file.line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
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
            } else if line.starts_with('#') {
                return words(
                    number,
                    "a comment stands above the first entry, or in an entry, behind two spaces",
                );
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
        let Reader { head, entry } = reader;
        self.order.push(head.clone());
        if self.entries.insert(head.clone(), entry).is_some() {
            let what = DamageKind::Line(format!("a second entry `{head}`"));
            return Err(Damage { line, what });
        }
        Ok(())
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
        let mut text = String::new();
        if self.top.is_empty() {
            let _ = write!(text, "{FIRST_LINE}\n{HEADER}");
        }
        for line in &self.top {
            let _ = writeln!(text, "{line}");
        }
        for head in &self.order {
            text.push('\n');
            for line in &self.entries[head].lines {
                let _ = writeln!(text, "{line}");
            }
        }
        if self.line_end == "\r\n" {
            text = text.replace('\n', "\r\n");
        }
        f.write_str(&text)
    }
}
