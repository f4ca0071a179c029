//! What the lock does not have yet, and how it gets there.

use std::collections::{BTreeMap, BTreeSet};

use eventsource_core::describe::{Body, Description, TypeVersion, Wire};

use super::{
    change::{Change, Subject, reserved_name},
    compare::{Added, Addition, Comparison},
    entry,
    file::{File, Head, types_in},
};

type Types = BTreeMap<TypeVersion, TypeVersion>;

/// Adds everything that is missing, and says which lines that are.
pub(super) fn add(
    file: &mut File,
    live: &Description,
    additions: Vec<Addition>,
    types: Types,
) -> Result<Vec<String>, String> {
    let mut recorder = Recorder {
        file,
        live,
        types,
        added: Vec::new(),
    };
    for addition in additions {
        recorder.addition(addition)?;
    }
    for (category, names) in &live.categories {
        recorder.category(category, names)?;
    }
    let mut retired = BTreeSet::new();
    for event in &live.events {
        let head = Head::Event(event.name.to_owned(), event.version);
        if !recorder.file.entries.contains_key(&head) {
            let body = &event.body;
            let older = versions_of_event(live, event.today, event.version);
            let reserved = reserved(recorder.file, body, &older);
            recorder.entry(head, body, &reserved)?;
        }
        if event.retired {
            retired.insert(event.name);
        }
    }
    for name in retired {
        let head = Head::Retired(name.to_owned());
        if !recorder.file.entries.contains_key(&head) {
            recorder.entry(head, &Body::Fields(Vec::new()), &BTreeSet::new())?;
        }
    }
    Ok(recorder.added)
}

/// The names in new versions that a locked version reserves.
pub(super) fn names_that_came_back(file: &File, live: &Description, types: &Types) -> Vec<Change> {
    let mut changes = Vec::new();
    for event in &live.events {
        let head = Head::Event(event.name.to_owned(), event.version);
        if file.entries.contains_key(&head) {
            continue;
        }
        let body = &event.body;
        let subject = Subject::of_event(event);
        let older = versions_of_event(live, event.today, event.version);
        came_back(file, &subject, body, &older, &mut changes);
    }
    for (key, described) in &live.types {
        if types.contains_key(key) || file.of_type(key).is_some() {
            continue;
        }
        let subject = Subject::of_type(key, key, described);
        let older = versions_of_type(live, types, key);
        came_back(file, &subject, &described.body, &older, &mut changes);
    }
    changes
}

fn came_back(
    file: &File,
    subject: &Subject,
    body: &Body,
    older: &[(Head, &Body)],
    changes: &mut Vec<Change>,
) {
    let names = names(body);
    let mut reserved = BTreeSet::new();
    for (head, _) in older {
        if let Some(entry) = file.entries.get(head) {
            reserved.extend(entry.reserved.iter().cloned());
        }
    }
    for name in names.intersection(&reserved) {
        let now = format!("`{name}`, which an older version had and a later one had not");
        changes.push(reserved_name(subject, name, &now));
    }
}

/// The names in stored bytes that an older version had, and this one has not.
fn reserved(file: &File, body: &Body, older: &[(Head, &Body)]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (head, body) in older {
        all.extend(names(body));
        if let Some(entry) = file.entries.get(head) {
            all.extend(entry.reserved.iter().cloned());
        }
    }
    &all - &names(body)
}

/// The versions before one, each with its shape.
fn versions_of_event<'a>(live: &'a Description, today: &str, before: u32) -> Vec<(Head, &'a Body)> {
    let older = live.events.iter();
    let older = older.filter(|event| event.today == today && event.version < before);
    let older = older.map(|event| {
        let head = Head::Event(event.name.to_owned(), event.version);
        (head, &event.body)
    });
    older.collect()
}

fn versions_of_type<'a>(
    live: &'a Description,
    types: &Types,
    key: &TypeVersion,
) -> Vec<(Head, &'a Body)> {
    let older = live.types.iter();
    let older = older.filter(|(other, _)| other.path == key.path && other.version < key.version);
    let older = older.map(|(other, described)| {
        let called = types.get(other).unwrap_or(other).clone();
        (Head::Type(called), &described.body)
    });
    older.collect()
}

fn names(body: &Body) -> BTreeSet<String> {
    match body {
        Body::Fields(fields) => {
            let named = fields.iter().filter(|field| !field.flat);
            named.map(|field| field.wire.clone()).collect()
        }
        Body::Variants { variants, .. } => variants.iter().map(|one| one.wire.clone()).collect(),
        Body::Unit | Body::Value { .. } | Body::Unknown(_) | Body::Refused(_) => BTreeSet::new(),
    }
}

struct Recorder<'a> {
    file: &'a mut File,
    live: &'a Description,
    types: Types,
    added: Vec<String>,
}

impl Recorder<'_> {
    fn addition(&mut self, addition: Addition) -> Result<(), String> {
        let Addition {
            head,
            variant,
            what,
        } = addition;
        let lines = match &what {
            Added::Field(field) => {
                self.types_of(&field.holds)?;
                vec![entry::field(field, &|key| self.called(key))]
            }
            Added::Variant(one) => {
                for form in forms(&one.body) {
                    self.types_of(form)?;
                }
                entry::variant(one, &|key| self.called(key))
            }
        };
        for (at, line) in lines.iter().enumerate() {
            let inner = if variant.is_some() { "    " } else { "  " };
            // A field of a variant that came is part of what came.
            let plus = if at == 0 { "+ " } else { "" };
            let of = match &what {
                Added::Variant(one) if at > 0 => Some(one.wire.as_str()),
                _ => variant.as_deref(),
            };
            self.file
                .append(&head, of, &format!("{inner}{plus}{line}"))?;
            self.added.push(format!("{head}: {plus}{}", line.trim()));
        }
        Ok(())
    }

    fn entry(
        &mut self,
        head: Head,
        body: &Body,
        reserved: &BTreeSet<String>,
    ) -> Result<(), String> {
        for form in forms(body) {
            self.types_of(form)?;
        }
        let lines = entry::lines(&head, body, reserved, &|key| self.called(key));
        self.added.push(lines[0].clone());
        self.file.add(head, lines)
    }

    fn category(&mut self, name: &str, names: &BTreeSet<&str>) -> Result<(), String> {
        let head = Head::Category(name.to_owned());
        let Some(entry) = self.file.entries.get(&head) else {
            let names = names.iter().map(|name| format!("  {name}"));
            let lines = [vec![head.to_string()], names.collect()].concat();
            self.added.push(lines[0].clone());
            return self.file.add(head, lines);
        };
        let new = names.iter().filter(|name| !entry.names.contains(**name));
        for name in new.copied().collect::<Vec<_>>() {
            self.file.append(&head, None, &format!("  + {name}"))?;
            self.added.push(format!("{head}: + {name}"));
        }
        Ok(())
    }

    /// Adds the types that a form names, and those in them.
    fn types_of(&mut self, form: &Wire) -> Result<(), String> {
        let mut keys = Vec::new();
        types_in(Some(form), &mut |key| keys.push(key.clone()));
        for key in keys {
            if self.types.contains_key(&key) {
                continue;
            }
            let Some(described) = self.live.types.get(&key) else {
                return Err(format!("nothing describes `{key}`"));
            };
            let (called, is_new) = self.place(&key);
            // Known before what is in it, since it may be in itself.
            self.types.insert(key.clone(), called.clone());
            if is_new {
                let older = versions_of_type(self.live, &self.types, &key);
                let reserved = reserved(self.file, &described.body, &older);
                self.entry(Head::Type(called), &described.body, &reserved)?;
            }
        }
        Ok(())
    }

    /// What a type is called in the lock, and whether it is not there yet. Another type of the same path, which was locked
    /// before, keeps its name.
    fn place(&self, key: &TypeVersion) -> (TypeVersion, bool) {
        let mut called = key.clone();
        for number in 2_u32.. {
            if self.file.of_type(&called).is_none() {
                return (called, true);
            }
            if Comparison::new(self.file, self.live).are_the_same(&called, key) {
                return (called, false);
            }
            called.path = format!("{}~{number}", key.path);
        }
        (called, true)
    }

    fn called(&self, key: &TypeVersion) -> String {
        self.types.get(key).unwrap_or(key).to_string()
    }
}

/// The forms in a shape.
fn forms(body: &Body) -> Vec<&Wire> {
    match body {
        Body::Unit | Body::Unknown(_) | Body::Refused(_) => Vec::new(),
        Body::Value { holds, .. } => vec![holds],
        Body::Fields(fields) => fields.iter().map(|field| &field.holds).collect(),
        Body::Variants { variants, .. } => {
            variants.iter().flat_map(|one| forms(&one.body)).collect()
        }
    }
}
