//! The lock beside what this build reads.

mod fields;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use eventsource_core::describe::{Body, Description, Field, TypeVersion, Variant, Wire};

use super::{
    change::{Change, ChangeKind, Say, Subject},
    file::{File, Head},
    wire,
};

/// A line that is to be added to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addition {
    pub(super) head: Head,
    /// The variant in which it is, as it is stored.
    pub(super) variant: Option<String>,
    pub(super) what: Added,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Added {
    Field(Field),
    Variant(Variant),
}

/// Compares entry by entry, and type by type as they are met.
pub(super) struct Comparison<'a> {
    file: &'a File,
    live: &'a Description,
    pub(super) changes: Vec<Change>,
    pub(super) additions: Vec<Addition>,
    /// Each type of this build that was met, with the entry that it is in the lock.
    pub(super) types: BTreeMap<TypeVersion, TypeVersion>,
    met: BTreeSet<(TypeVersion, TypeVersion)>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(file: &'a File, live: &'a Description) -> Self {
        Self {
            file,
            live,
            changes: Vec::new(),
            additions: Vec::new(),
            types: BTreeMap::new(),
            met: BTreeSet::new(),
        }
    }

    /// Compares an entry, where there is one, with a shape of this build.
    pub(super) fn entry(&mut self, subject: &Subject, live: &Body) {
        if let Some(entry) = self.file.entries.get(&subject.head) {
            self.body(subject, &entry.body, live);
        }
    }

    /// Whether an entry is a type of this build as it is.
    pub(super) fn are_the_same(mut self, stored: &TypeVersion, live: &TypeVersion) -> bool {
        self.types(stored, live);
        self.changes.is_empty() && self.additions.is_empty()
    }

    fn body(&mut self, subject: &Subject, stored: &Body, live: &Body) {
        match (stored, live) {
            (Body::Unit, Body::Unit) => {}
            // An older version without fields is read in both forms.
            (Body::Unit, Body::Fields(none)) | (Body::Fields(none), Body::Unit)
                if none.is_empty() && !subject.is_today() => {}
            (Body::Value { ty, holds }, Body::Value { holds: live, .. }) => {
                self.value(subject, stored, (ty, holds), live);
            }
            (Body::Fields(stored), Body::Fields(live)) => self.fields(subject, stored, live),
            (
                Body::Variants {
                    told: was,
                    variants: stored,
                },
                Body::Variants {
                    told: is,
                    variants: live,
                },
            ) => {
                if was == is {
                    self.variants(subject, stored, live, is == "untagged");
                } else {
                    self.told(subject, was, is);
                }
            }
            (stored, live) => self.kind(subject, stored, live),
        }
    }

    fn kind(&mut self, subject: &Subject, stored: &Body, live: &Body) {
        let version = subject.version;
        let say = Say::OnType(format!("v{version} = OldShape"));
        let mend = format!(
            "{}, where `OldShape` is a struct with `Deserialize` and `Schema` of the shape that was stored",
            subject.mend(&say)
        );
        let change = subject.change(None, ChangeKind::Kind, kind_of(stored), kind_of(live), mend);
        self.changes.push(change);
    }

    fn value(&mut self, subject: &Subject, body: &Body, (ty, stored): (&str, &Wire), live: &Wire) {
        if self.same(stored, live) {
            return;
        }
        let same = |other: &Body| matches!((other, body), (Body::Value { holds, .. }, Body::Value { holds: was, .. }) if holds == was);
        let before = self.until(subject, &same);
        let places: Vec<(String, &Wire, &Wire)> = match (stored, live) {
            (Wire::Tuple(was), Wire::Tuple(is)) if was.len() == is.len() => {
                let types = wire::apart(ty).into_iter();
                let pairs = types.zip(was).zip(is);
                pairs.map(|((ty, was), is)| (ty, was, is)).collect()
            }
            (Wire::Tuple(_), _) | (_, Wire::Tuple(_)) => {
                return self.kind(
                    subject,
                    body,
                    &Body::Value {
                        ty: String::new(),
                        holds: live.clone(),
                    },
                );
            }
            _ => vec![(ty.to_owned(), stored, live)],
        };
        for (place, (ty, stored, live)) in places.into_iter().enumerate() {
            if self.same(stored, live) {
                continue;
            }
            let (kind, attribute) = fields::retold("_", &ty, stored, live, before);
            let mend = subject.mend(&Say::OnField(place.to_string(), attribute));
            let change = subject.change(None, kind, shown(stored), shown(live), mend);
            self.changes.push(change);
        }
    }

    /// The other names under which something is read.
    fn aliases(
        &mut self,
        subject: &Subject,
        part: Option<&str>,
        stored: &[String],
        (name, live): (&str, &[String]),
        lost: &dyn Fn(String) -> String,
    ) {
        let gone = stored.iter().filter(|alias| *alias != name);
        for alias in gone.filter(|alias| !live.contains(alias)) {
            let quoted = wire::quoted(alias);
            let mend = lost(format!("alias = {quoted}"));
            let was = format!("alias {quoted}");
            let change = subject.change(part, ChangeKind::RenamedInStorage, was, "-", mend);
            self.changes.push(change);
        }
    }

    /// The version that has to introduce what came after the subject's shape: for an older one the first of the lock in
    /// which `same` is not so any more.
    fn until(&self, subject: &Subject, same: &dyn Fn(&Body) -> bool) -> u32 {
        if subject.is_today() {
            return subject.next();
        }
        let mut versions = subject.version + 1..=subject.latest;
        let other = versions.find(|version| {
            let later = self.at_version(&subject.head, *version);
            later.is_none_or(|body| !same(body))
        });
        other.unwrap_or(subject.latest)
    }

    /// The same event or type at another version, in the lock.
    fn at_version(&self, head: &Head, version: u32) -> Option<&'a Body> {
        let head = match head {
            Head::Type(key) => {
                let path = key.path.clone();
                Head::Type(TypeVersion { path, version })
            }
            Head::Event(name, at) => {
                let events = &self.live.events;
                let this = events
                    .iter()
                    .find(|one| one.name == name && one.version == *at)?;
                let that = events
                    .iter()
                    .find(|one| one.today == this.today && one.version == version)?;
                Head::Event(that.name.to_owned(), version)
            }
            Head::Retired(_) | Head::Category(_) => return None,
        };
        Some(&self.file.entries.get(&head)?.body)
    }

    /// Whether a name is one that the entry reserves.
    fn is_reserved(&self, subject: &Subject, name: &str) -> bool {
        let entry = self.file.entries.get(&subject.head);
        subject.variant.is_none() && entry.is_some_and(|entry| entry.reserved.contains(name))
    }

    fn add(&mut self, subject: &Subject, what: Added) {
        self.additions.push(Addition {
            head: subject.head.clone(),
            variant: subject.variant.as_ref().map(|variant| variant.wire.clone()),
            what,
        });
    }

    /// Whether two forms are the same in stored bytes. What differs within a type is said of the type.
    fn same(&mut self, stored: &Wire, live: &Wire) -> bool {
        match (stored, live) {
            (Wire::Type(stored), Wire::Type(live)) => self.same_type(stored, live),
            (Wire::Option(one), Wire::Option(other)) | (Wire::List(one), Wire::List(other)) => {
                self.same(one, other)
            }
            (Wire::Array(one, len), Wire::Array(other, other_len)) => {
                len == other_len && self.same(one, other)
            }
            (Wire::By(one, of), Wire::By(other, other_of)) => {
                one == other && self.same(of, other_of)
            }
            (Wire::Map(key, value), Wire::Map(other_key, other_value)) => {
                self.same(key, other_key) && self.same(value, other_value)
            }
            (Wire::Tuple(some), Wire::Tuple(others)) => {
                let mut pairs = some.iter().zip(others);
                some.len() == others.len() && pairs.all(|(one, other)| self.same(one, other))
            }
            // What is opaque goes by the name of its type, wherever that is.
            (Wire::Opaque(stored), Wire::Opaque(live)) => {
                wire::without_paths(stored) == wire::without_paths(live)
            }
            (stored, live) => stored == live,
        }
    }

    fn same_type(&mut self, stored: &TypeVersion, live: &TypeVersion) -> bool {
        if stored.version == live.version && called(stored) == called(live) {
            self.types(stored, live);
            return true;
        }
        // Renamed, or at another version: it is the same where nothing at all differs.
        let mut dry = Self::new(self.file, self.live);
        dry.met.clone_from(&self.met);
        let same = dry.are_the_same(stored, live);
        if same && stored.version == live.version {
            self.types(stored, live);
        }
        same
    }

    fn types(&mut self, stored: &TypeVersion, live: &TypeVersion) {
        self.types
            .entry(live.clone())
            .or_insert_with(|| stored.clone());
        if !self.met.insert((stored.clone(), live.clone())) {
            return;
        }
        let described = self.live.types.get(live);
        if let (Some(entry), Some(described)) = (self.file.of_type(stored), described) {
            let subject = Subject::of_type(stored, live, described);
            self.body(&subject, &entry.body, &described.body);
        }
    }
}

/// The name of a type without its module, which may be another one today, and without the number that tells it from an
/// older one of its path.
fn called(key: &TypeVersion) -> &str {
    let path = key.path.split('<').next().unwrap_or_default();
    let name = path.rsplit("::").next().unwrap_or_default();
    name.split('~').next().unwrap_or_default()
}

fn shown(form: &Wire) -> String {
    wire::write(form, &ToString::to_string)
}

fn kind_of(body: &Body) -> &'static str {
    match body {
        Body::Unknown(_) | Body::Refused(_) => "a type that tells nothing",
        Body::Unit => "a unit struct, `null`",
        Body::Value {
            holds: Wire::Tuple(_),
            ..
        } => "values in a row",
        Body::Value { .. } => "a newtype",
        Body::Fields(_) => "a struct with fields",
        Body::Variants { told, .. } if told == "untagged" => "an untagged enum in its order",
        Body::Variants { .. } => "an enum",
    }
}
