//! The published payloads of an event, one of each version, and what is true of the changes between them.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

/// A payload as it was published, and its changes against the one before.
pub(crate) struct Published {
    pub(crate) version: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Value,
    pub(crate) added: Vec<Field>,
    pub(crate) removed: Vec<Field>,
}

/// A field, as `.repository.topics:list` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Field {
    /// `/repository/topics`
    pub(crate) pointer: String,
    kind: String,
}

impl Field {
    fn parse(text: &str) -> Result<Self> {
        let (path, kind) = text.rsplit_once(':').context("no type")?;
        ensure!(
            path.starts_with('.') && !path.contains(['[', '/', '~']),
            "{text} is in a list"
        );
        Ok(Self {
            pointer: path.replace('.', "/"),
            kind: kind.to_owned(),
        })
    }

    /// The value in a payload, where it has this field in this type.
    pub(crate) fn of<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        json.pointer(&self.pointer)
            .filter(|value| kind(value) == self.kind)
    }

    /// Whether it is below the other one.
    pub(crate) fn is_in(&self, other: &Self) -> bool {
        let rest = self.pointer.strip_prefix(&other.pointer);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.pointer, self.kind)
    }
}

/// As the truths call it, which come from another language.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[derive(Deserialize)]
struct Truth {
    event: String,
    version: u32,
    commit: String,
    changes: Option<Changes>,
}

#[derive(Deserialize)]
struct Changes {
    added: Vec<String>,
    removed: Vec<String>,
}

/// Every version of an event, the oldest first, and checks that its changes are what the truths say.
pub(crate) fn open(data: &Path, event: &str) -> Result<Vec<Published>> {
    let data = data.join("webhooks");
    let truths: Vec<Truth> = serde_json::from_slice(&real_data::read(&data.join("truths.json"))?)?;
    let called = format!("{}.payload.json", event.replace('.', "/"));
    let mut all: Vec<Published> = Vec::new();
    for truth in truths.into_iter().filter(|truth| truth.event == called) {
        let version = truth.version;
        ensure!(
            version as usize == all.len() + 1,
            "{event}: version {version} is out of order"
        );
        let bytes = file(&data.join("versions").join(event), version, &truth.commit)?;
        let json = serde_json::from_slice(&bytes)?;
        let (added, removed) = match truth.changes {
            Some(changes) => (fields(&changes.added)?, fields(&changes.removed)?),
            None => (Vec::new(), Vec::new()),
        };
        if let Some(before) = all.last() {
            for field in &added {
                ensure!(
                    field.of(&before.json).is_none(),
                    "{field} is there before version {version}"
                );
                ensure!(
                    field.of(&json).is_some(),
                    "{field} is not there in version {version}"
                );
            }
            for field in &removed {
                ensure!(
                    field.of(&before.json).is_some(),
                    "{field} is not there before version {version}"
                );
                ensure!(
                    field.of(&json).is_none(),
                    "{field} is there in version {version}"
                );
            }
        }
        all.push(Published {
            version,
            bytes,
            json,
            added,
            removed,
        });
    }
    ensure!(!all.is_empty(), "there are no truths of {called}");
    Ok(all)
}

fn fields(texts: &[String]) -> Result<Vec<Field>> {
    let fields = texts
        .iter()
        .map(|text| Field::parse(text).with_context(|| text.clone()));
    fields.collect()
}

/// `<version>_<date>_<commit>.json`
fn file(folder: &Path, version: u32, commit: &str) -> Result<Vec<u8>> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let Some(rest) = name.strip_prefix(&format!("{version:02}_")) else {
            continue;
        };
        let of = rest.trim_end_matches(".json").rsplit('_').next();
        ensure!(
            of.is_some_and(|of| commit.starts_with(of)),
            "{name} is of another commit"
        );
        return real_data::read(&folder.join(&*name));
    }
    bail!("{} has no version {version}", folder.display())
}

/// The outermost places at which two payloads differ.
pub(crate) fn differences(one: &Value, other: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    differ(Some(one), Some(other), "", &mut found);
    found
}

fn differ(one: Option<&Value>, other: Option<&Value>, at: &str, found: &mut BTreeSet<String>) {
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (one, other) {
        for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
            differ(a.get(key), b.get(key), &format!("{at}/{key}"), found);
        }
    } else if one != other {
        found.insert(at.to_owned());
    }
}
