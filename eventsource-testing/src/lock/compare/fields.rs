//! Fields by what they are called in stored bytes.

use eventsource_core::describe::{Body, Field, TypeVersion, Wire};

use super::{Added, Comparison};
use crate::lock::{
    change::{ChangeKind, Say, Subject, reserved_name, rule_of},
    entry, wire,
};

impl Comparison<'_> {
    pub(super) fn fields(&mut self, subject: &Subject, stored: &[Field], live: &[Field]) {
        let (mut was, mut is) = (stored.to_vec(), live.to_vec());
        self.unfolded(subject, &mut was, &mut is);
        let all_of =
            |some: &[Field], others: &[Field]| some.iter().all(|one| find(others, one).is_some());
        let differ = !all_of(&was, &is) || !all_of(&is, &was);
        if differ && was.iter().chain(&is).any(|field| field.flat) {
            // What stands in a flattened value may have stood beside it.
            was = flattened(&was, &|key| Some(self.file.of_type(key)?.body.clone()));
            is = flattened(&is, &|key| Some(self.live.types.get(key)?.body.clone()));
        }
        for stored in &was {
            if let Some(live) = find(&is, stored) {
                self.field(subject, stored, live);
            }
        }
        let mut gone: Vec<_> = was
            .iter()
            .filter(|field| find(&is, field).is_none())
            .collect();
        let mut new: Vec<_> = is
            .iter()
            .filter(|field| find(&was, field).is_none())
            .collect();
        self.renamed_in_storage(subject, &mut gone, &mut new);
        for field in gone {
            self.gone(subject, field, &mut new);
        }
        for field in new {
            self.new_field(subject, field);
        }
    }

    /// Fields whose own fields stood in the place of them and do no longer, or the reverse.
    fn unfolded(&mut self, subject: &Subject, was: &mut Vec<Field>, is: &mut Vec<Field>) {
        was.retain(|stored| {
            let other = |live: &Field| live.name == stored.name && live.flat != stored.flat;
            let Some(at) = is.iter().position(other) else {
                return true;
            };
            let live = is.remove(at);
            let before = self.until(subject, &has(stored));
            let serde = if stored.flat {
                "serde(flatten)"
            } else {
                "serde()"
            };
            let attribute = format!("was(_: {}, before = {before}, {serde})", stored.ty);
            let say = Say::OnField(live.name.clone(), attribute);
            self.changed(subject, ChangeKind::Retyped, stored, Some(&live), &say);
            false
        });
    }

    fn gone(&mut self, subject: &Subject, field: &Field, new: &mut Vec<&Field>) {
        let before = self.until(subject, &has(field));
        let (name, ty) = (&field.name, &field.ty);
        let plain = |other: &Field| !other.flat && !other.tolerated;
        // One of the same type may be the same one. Which of several, only the author knows.
        let fits = |other: &&&Field| other.ty == *ty && plain(other) && !field.flat;
        let alike: Vec<&Field> = new.iter().filter(fits).copied().collect();
        let (kind, say, now) = match alike[..] {
            [now] => {
                let attribute = format!("was({name}, before = {before})");
                new.retain(|other| other.wire != now.wire);
                let say = Say::OnField(now.name.clone(), attribute);
                (ChangeKind::Renamed, say, Some(now))
            }
            // A field of a variant that is gone cannot be told by an attribute.
            _ if subject.variant.is_some() => {
                let say = Say::OnType(format!("v{} = OldShape", subject.version));
                (ChangeKind::Removed, say, None)
            }
            _ => {
                let serde = match (field.flat, field.wire == *name) {
                    (true, _) => ", serde(flatten)".to_owned(),
                    (false, true) => String::new(),
                    (false, false) => format!(", serde(rename = {})", wire::quoted(&field.wire)),
                };
                let say = Say::OnType(format!("had({name}: {ty}, before = {before}{serde})"));
                (ChangeKind::Removed, say, None)
            }
        };
        self.changed(subject, kind, field, now, &say);
        if let Some(change) = self.changes.last_mut() {
            let words = match (kind, &alike[..]) {
                (ChangeKind::Renamed, [now]) if subject.variant.is_none() => format!(
                    "\n    only where `{}` is what `{name}` was; where it is another one, {}",
                    now.name,
                    subject.mend(&Say::OnType(format!(
                        "had({name}: {ty}, before = {before})"
                    )))
                ),
                (_, [_, _, ..]) => {
                    let names = alike.iter().map(|other| format!("`{}`", other.name));
                    format!(
                        "\n    renamed? {} are new and of the same type: write `#[event(was({name}, before = {before}))]` on the one that it is",
                        names.collect::<Vec<_>>().join(" and ")
                    )
                }
                _ => String::new(),
            };
            change.mend.push_str(&words);
        }
    }

    fn new_field(&mut self, subject: &Subject, field: &Field) {
        if self.is_reserved(subject, &field.wire) {
            let now = line(field);
            self.changes.push(reserved_name(subject, &field.name, &now));
        } else if !field.tolerated {
            let there = |body: &Body| !has(field)(body);
            let from = self.until(subject, &there);
            let say = Say::OnField(field.name.clone(), format!("since = {from}, default = .."));
            let (now, mend) = (line(field), subject.mend(&say));
            let change = subject.change(Some(&field.name), ChangeKind::Added, "-", now, mend);
            self.changes.push(change);
        } else if subject.is_today() {
            // What was stored before has not got it.
            let omitted = true;
            self.add(
                subject,
                Added::Field(Field {
                    omitted,
                    ..field.clone()
                }),
            );
        }
    }

    /// Fields that are called as they were, but not in stored bytes. Several at once are one change of the type.
    fn renamed_in_storage(
        &mut self,
        subject: &Subject,
        gone: &mut Vec<&Field>,
        new: &mut Vec<&Field>,
    ) {
        let same = |was: &Field, is: &Field| was.name == is.name && !was.flat && !is.flat;
        let pairs: Vec<(&Field, &Field)> = gone
            .iter()
            .filter_map(|was| Some((*was, *new.iter().find(|is| same(was, is))?)))
            .collect();
        gone.retain(|field| !pairs.iter().any(|(was, _)| was.wire == field.wire));
        new.retain(|field| !pairs.iter().any(|(_, is)| is.wire == field.wire));
        let Some((first, _)) = pairs.first() else {
            return;
        };
        let before = self.until(subject, &has(first));
        let names: Vec<_> = pairs
            .iter()
            .map(|(was, _)| (&*was.name, &*was.wire))
            .collect();
        if let (true, Some(rule)) = (pairs.len() > 1, rule_of(&names)) {
            let all = |which: &dyn Fn(&(&Field, &Field)) -> String| {
                pairs.iter().map(which).collect::<Vec<_>>().join(", ")
            };
            let (was, is) = (
                all(&|(was, _)| wire::quoted(&was.wire)),
                all(&|(_, is)| wire::quoted(&is.wire)),
            );
            let mend = subject.mend(&Say::OnType(format!("was({rule}, before = {before})")));
            let change = subject.change(None, ChangeKind::RenamedInStorage, was, is, mend);
            self.changes.push(change);
            return;
        }
        for (was, is) in pairs {
            let serde = if was.wire == was.name {
                "serde()".to_owned()
            } else {
                format!("serde(rename = {})", wire::quoted(&was.wire))
            };
            let attribute = format!("was(_: {}, before = {before}, {serde})", was.ty);
            let say = Say::OnField(is.name.clone(), attribute);
            self.changed(subject, ChangeKind::RenamedInStorage, was, Some(is), &say);
        }
    }

    /// A field that is called in stored bytes as it was.
    fn field(&mut self, subject: &Subject, stored: &Field, live: &Field) {
        let lost = |serde: String| {
            format!(
                "put `#[serde({serde})]` back on `{}`: stored events are read by it",
                live.name
            )
        };
        let names = (live.wire.as_str(), &live.aliases[..]);
        self.aliases(subject, Some(&live.name), &stored.aliases, names, &lost);
        if !self.same(&stored.holds, &live.holds) {
            self.retyped(subject, stored, live);
        } else if stored.omitted && !live.tolerated {
            let mend = format!(
                "put `#[serde(default)]` back on `{}`: events are stored without it",
                live.name
            );
            let (was, is) = (line(stored), line(live));
            let change = subject.change(Some(&live.name), ChangeKind::Required, was, is, mend);
            self.changes.push(change);
        } else if live.omitted && !stored.omitted && subject.is_today() {
            self.add(subject, Added::Field(live.clone()));
        }
    }

    fn retyped(&mut self, subject: &Subject, stored: &Field, live: &Field) {
        let before = self.until(subject, &has(stored));
        let name = if stored.name == live.name {
            "_"
        } else {
            &stored.name
        };
        let (kind, attribute) = retold(name, &stored.ty, &stored.holds, &live.holds, before);
        let say = Say::OnField(live.name.clone(), attribute);
        self.changed(subject, kind, stored, Some(live), &say);
    }

    fn changed(
        &mut self,
        subject: &Subject,
        kind: ChangeKind,
        stored: &Field,
        live: Option<&Field>,
        say: &Say,
    ) {
        let now = live.map_or_else(|| "-".to_owned(), line);
        let part = live.map_or(&stored.name, |live| &live.name);
        let part = if kind == ChangeKind::Renamed {
            &stored.name
        } else {
            part
        };
        let change = subject.change(Some(part), kind, line(stored), now, subject.mend(say));
        self.changes.push(change);
    }
}

/// What to say of a value whose form is another one: that a type in it moved on, or what it was.
pub(super) fn retold(
    name: &str,
    ty: &str,
    stored: &Wire,
    live: &Wire,
    before: u32,
) -> (ChangeKind, String) {
    if let Some((was, is)) = moved_on(stored, live) {
        let path = was.path.rsplit("::").next().unwrap_or_default();
        let older = ty.replacen(path, &format!("Past<{path}, {}>", was.version), 1);
        let attribute = format!(
            "nested = {}, was({name}: {older}, before = {before})",
            is.version
        );
        return (ChangeKind::Nested, attribute);
    }
    let serde = match (stored, live) {
        (Wire::By(by, _), _) => {
            let by = by.iter().filter(|(key, _)| key != "serialize_with");
            let by = by.map(|(key, path)| format!("{key} = {}", wire::quoted(path)));
            format!(", serde({})", by.collect::<Vec<_>>().join(", "))
        }
        (_, Wire::By(..)) => ", serde()".to_owned(),
        _ => String::new(),
    };
    let attribute = format!("was({name}: {ty}, before = {before}{serde})");
    (ChangeKind::Retyped, attribute)
}

fn line(field: &Field) -> String {
    entry::field(field, &ToString::to_string)
}

/// Whether a shape has a field as it is.
fn has(field: &Field) -> impl Fn(&Body) -> bool + '_ {
    move |body| match body {
        Body::Fields(fields) => {
            let other = find(fields, field);
            other.is_some_and(|other| other.holds == field.holds)
        }
        _ => false,
    }
}

fn find<'b>(fields: &'b [Field], one: &Field) -> Option<&'b Field> {
    fields.iter().find(|other| key(other) == key(one))
}

/// Fields that are flattened have no name in stored bytes.
fn key(field: &Field) -> (bool, &str) {
    let name = if field.flat { &field.name } else { &field.wire };
    (field.flat, name)
}

/// The fields, with those of flattened structs in their places.
fn flattened(fields: &[Field], body: &dyn Fn(&TypeVersion) -> Option<Body>) -> Vec<Field> {
    let mut all = Vec::new();
    for field in fields {
        match &field.holds {
            Wire::Type(key) if field.flat => match body(key) {
                Some(Body::Fields(inner)) => all.extend(flattened(&inner, body)),
                _ => all.push(field.clone()),
            },
            _ => all.push(field.clone()),
        }
    }
    all
}

/// Where two forms differ in the version of one type only: both.
fn moved_on<'b>(stored: &'b Wire, live: &'b Wire) -> Option<(&'b TypeVersion, &'b TypeVersion)> {
    match (stored, live) {
        (Wire::Type(stored), Wire::Type(live)) => {
            let moved = stored.path == live.path && stored.version != live.version;
            moved.then_some((stored, live))
        }
        (Wire::Option(one), Wire::Option(other))
        | (Wire::List(one), Wire::List(other))
        | (Wire::Array(one, _), Wire::Array(other, _))
        | (Wire::Map(_, one), Wire::Map(_, other)) => moved_on(one, other),
        _ => None,
    }
}
