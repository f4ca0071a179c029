//! A history as both templates see it: what an event looked like at each version, and where each value came from.

use crate::types::{Conversion, Type};

/// The history of one event, or of one value in events.
#[derive(Debug)]
pub(crate) struct History {
    /// `h017`, or `c003` for a value: the name of the module.
    pub(crate) id: String,
    pub(crate) is_child: bool,
    pub(crate) style: Style,
    /// Whether today's struct has a field that is never stored.
    pub(crate) skipped: bool,
    pub(crate) versions: Vec<Version>,
}

/// What an event need know of a value in it that has a history.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    /// The name of its module.
    pub(crate) id: String,
    pub(crate) latest: usize,
    pub(crate) can_fail: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    /// One value without a name.
    Newtype,
    /// Nothing today.
    Unit,
}

#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) fields: Vec<Field>,
    /// The stored name of the event.
    pub(crate) event: String,
    pub(crate) container: Container,
    /// Whether one function makes the whole step to this version.
    pub(crate) step: bool,
    /// Whether the shape is a struct that the user wrote.
    pub(crate) explicit: bool,
}

/// serde's attributes of the struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Container {
    pub(crate) case: Option<&'static str>,
    pub(crate) strict: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// What stays the same while everything else changes.
    pub(crate) id: usize,
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    /// `serde(rename = "..")`.
    pub(crate) rename: Option<&'static str>,
    pub(crate) how: How,
}

/// Where the value of a field came from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    /// It is the older one.
    Kept,
    Converted(&'static Conversion),
    /// The value in it is of another version of its own.
    Child,
    Filled(Fill),
}

/// Where the value of a new field came from; fields of the older version are told by their `id`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fill {
    Trait,
    Value,
    One(&'static Conversion, usize),
    Two(usize, usize),
}

impl Field {
    /// The name without what makes a keyword one.
    pub(crate) fn plain_name(&self) -> &'static str {
        self.name.trim_start_matches("r#")
    }

    /// The name in storage.
    pub(crate) fn wire(&self, container: Container) -> String {
        match (self.rename, container.case) {
            (Some(rename), _) => rename.to_owned(),
            (None, Some(case)) => cased(self.plain_name(), case),
            (None, None) => self.plain_name().to_owned(),
        }
    }

    /// Whether its value can fail to come about.
    pub(crate) fn can_fail(&self) -> bool {
        use crate::types::Way::Try;
        match self.how {
            How::Converted(conversion) | How::Filled(Fill::One(conversion, _)) => {
                conversion.way == Try
            }
            How::Kept | How::Child | How::Filled(_) => false,
        }
    }
}

/// What `rename_all` makes of a name, written again.
pub(crate) fn cased(name: &str, case: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    let words = name.split('_');
    match case {
        "camelCase" => {
            let all: String = words.map(capital).collect();
            let (first, rest) = all.split_at(1);
            first.to_lowercase() + rest
        }
        "PascalCase" => words.map(capital).collect(),
        "kebab-case" => name.replace('_', "-"),
        "SCREAMING_SNAKE_CASE" => name.to_uppercase(),
        _ => panic!("no such case: {case}"),
    }
}

impl Version {
    pub(crate) fn field(&self, id: usize) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    pub(crate) fn can_fail(&self) -> bool {
        self.fields.iter().any(Field::can_fail)
    }
}

impl History {
    /// What an event that holds it need know.
    pub(crate) fn child(&self) -> Child {
        Child {
            id: self.id.clone(),
            latest: self.latest(),
            can_fail: self.can_fail(),
        }
    }

    pub(crate) fn latest(&self) -> usize {
        self.versions.len()
    }

    pub(crate) fn at(&self, version: usize) -> &Version {
        &self.versions[version - 1]
    }

    /// The field as it is today, if it still is.
    pub(crate) fn today(&self, id: usize) -> Option<&Field> {
        self.at(self.latest()).field(id)
    }

    /// Whether the step to a version is made as a whole.
    pub(crate) fn by_hand(&self, to: usize) -> bool {
        self.at(to).step || self.at(to - 1).explicit || self.at(to).explicit
    }

    /// Whether a value of any version can fail to become one of today.
    pub(crate) fn can_fail(&self) -> bool {
        self.versions.iter().any(Version::can_fail)
    }

    /// The versions at which a field looked one way, the oldest first: from, to (inclusive).
    pub(crate) fn looks(&self, id: usize) -> Vec<(usize, usize)> {
        let mut looks: Vec<(usize, usize)> = Vec::new();
        for version in 1..=self.latest() {
            let Some(field) = self.at(version).field(id) else {
                continue;
            };
            let older = (version > 1)
                .then(|| self.at(version - 1).field(id))
                .flatten();
            match (older, looks.last_mut()) {
                (Some(older), Some(look)) if !changed(older, field) => look.1 = version,
                _ => looks.push((version, version)),
            }
        }
        looks
    }

    /// Every field that ever was, in the order in which they came.
    pub(crate) fn ids(&self) -> Vec<usize> {
        let mut ids: Vec<usize> = Vec::new();
        for field in self.versions.iter().flat_map(|version| &version.fields) {
            if !ids.contains(&field.id) {
                ids.push(field.id);
            }
        }
        ids
    }

    /// What an error calls a field at a version: its name of today, or the last one that `had` gives it there.
    pub(crate) fn called(&self, id: usize, version: usize) -> &'static str {
        if self.style == Style::Newtype {
            return "0";
        }
        let field = self.today(id).or_else(|| self.at(version).field(id));
        field.expect("it is there").plain_name()
    }
}

/// Whether a field is another one for the grammar than a version before.
fn changed(older: &Field, newer: &Field) -> bool {
    older.name != newer.name
        || older.ty != newer.ty
        || older.rename != newer.rename
        || matches!(newer.how, How::Converted(_) | How::Child)
}
