//! Makes histories: fields for the first version, and for each version after it some changes that a developer might have
//! made.

mod changes;
mod expressible;
mod possible;

use expressible::is_expressible;

use crate::{
    model::{Child, Container, Field, History, How, Style, Version},
    random::Random,
};

/// Few, so that names are used again; some that the expansion may use, and keywords.
const NAMES: &[&str] = &[
    "amount",
    "total_cents",
    "owner_name",
    "note",
    "due_at",
    "r#type",
    "old",
    "value",
    "x",
    "is_open",
    "new",
    "r#match",
    "error",
    "zip_code",
];
const WIRES: &[&str] = &["n", "Some Name", "amt", "@id", "note", "total-cents"];
const CASES: &[&str] = &[
    "camelCase",
    "PascalCase",
    "kebab-case",
    "SCREAMING_SNAKE_CASE",
];

/// What can happen to a version.
#[derive(Debug, Clone, Copy)]
enum Change {
    Add,
    Rename,
    Convert,
    RenameAndConvert,
    Remove,
    Swap,
    Split,
    Merge,
    Wire,
    Container,
    Event,
    Child,
}

const CHANGES: &[Change] = &[
    Change::Add,
    Change::Add,
    Change::Add,
    Change::Rename,
    Change::Convert,
    Change::Convert,
    Change::Convert,
    Change::RenameAndConvert,
    Change::Remove,
    Change::Remove,
    Change::Swap,
    Change::Split,
    Change::Merge,
    Change::Wire,
    Change::Container,
    Change::Event,
    Change::Child,
    Change::Child,
];

struct Making<'a> {
    random: &'a mut Random,
    children: &'a [Child],
    is_child: bool,
    style: Style,
    next_id: usize,
    older: Vec<Field>,
    fields: Vec<Field>,
    event: String,
    container: Container,
}

/// A history that the grammar can express; most attempts are one.
pub(crate) fn history(
    random: &mut Random,
    id: &str,
    is_child: bool,
    children: &[Child],
) -> History {
    loop {
        let history = attempt(random, id, is_child, children);
        if is_expressible(&history, children) {
            return history;
        }
    }
}

fn attempt(random: &mut Random, id: &str, is_child: bool, children: &[Child]) -> History {
    let latest = if is_child {
        2 + random.below(3)
    } else {
        *random.of(&[1, 2, 2, 3, 3, 3, 4, 4, 5, 6])
    };
    let style = match random.below(20) {
        0 if !is_child => Style::Newtype,
        1 if !is_child && latest > 1 => Style::Unit,
        _ => Style::Named,
    };
    let container = Container {
        case: random.percent(30).then(|| *random.of(CASES)),
        strict: random.percent(40),
    };
    let mut making = Making {
        event: format!("{id}.happened"),
        random,
        children,
        is_child,
        style,
        next_id: 0,
        older: Vec::new(),
        fields: Vec::new(),
        container: if style == Style::Named {
            container
        } else {
            Container {
                case: None,
                strict: false,
            }
        },
    };
    making.first();
    let mut versions = vec![making.version(false)];
    for number in 2..=latest {
        making.older = making.fields.clone();
        for field in &mut making.fields {
            field.how = How::Kept;
        }
        let step = making.next(number, number == latest);
        let step = step && !making.older.is_empty() && !making.fields.is_empty();
        versions.push(making.version(step));
    }
    let skipped = style == Style::Named
        && !versions[latest - 1].fields.is_empty()
        && making.random.percent(10);
    for version in 1..latest {
        if style != Style::Newtype && making.random.percent(8) {
            versions[version - 1].explicit = true;
            // `From` and `TryFrom` take the place of a step.
            versions[version - 1].step = false;
            versions[version].step = false;
        }
    }
    History {
        id: id.to_owned(),
        is_child,
        style,
        skipped,
        versions,
    }
}

impl Making<'_> {
    fn version(&self, step: bool) -> Version {
        Version {
            fields: self.fields.clone(),
            event: self.event.clone(),
            container: self.container,
            step,
            explicit: false,
        }
    }

    fn first(&mut self) {
        let count = match self.style {
            Style::Newtype => 1,
            Style::Unit => self.random.below(3),
            Style::Named => 1 + self.random.below(4),
        };
        for _ in 0..count {
            let ty = self.any_type();
            self.push(ty, How::Kept);
        }
    }

    /// Changes for one version; whether they are made as one step.
    fn next(&mut self, number: usize, last: bool) -> bool {
        if self.style == Style::Unit && last {
            self.fields.clear();
            return self.older.is_empty();
        }
        let count = 1 + self.random.below(3);
        let mut made = 0;
        for _ in 0..20 {
            let change = *self.random.of(CHANGES);
            made += usize::from(self.change(change, number));
            if made == count {
                break;
            }
        }
        made == 0 || self.random.percent(10)
    }

    fn change(&mut self, change: Change, number: usize) -> bool {
        let named = self.style != Style::Newtype;
        match change {
            Change::Event if !self.is_child => {
                self.event = format!("{}.v{number}", &self.event[..4]);
                true
            }
            Change::Container if self.style == Style::Named => {
                let older = self.container;
                self.container = Container {
                    case: self.random.percent(70).then(|| *self.random.of(CASES)),
                    strict: self.random.percent(50),
                };
                self.container != older
            }
            Change::Convert => self.untouched().is_some_and(|at| self.convert(at)),
            Change::Child => self.child(),
            Change::Add if named => {
                if self.fields.len() >= 7 {
                    return false;
                }
                let (ty, fill) = self.fill();
                self.push(ty, How::Filled(fill))
            }
            Change::Rename if named => self.untouched().is_some_and(|at| self.rename(at)),
            Change::RenameAndConvert if named => self
                .untouched()
                .is_some_and(|at| self.rename(at) && self.convert(at)),
            Change::Remove if named => self.untouched().is_some_and(|at| {
                self.fields.remove(at);
                true
            }),
            Change::Swap if named => self.swap(),
            Change::Split if named => self.split(),
            Change::Merge if named => self.merge(),
            Change::Wire if named => self.untouched().is_some_and(|at| {
                let rename = self.random.percent(70).then(|| *self.random.of(WIRES));
                let changed = self.fields[at].rename != rename;
                self.fields[at].rename = rename;
                changed
            }),
            _ => false,
        }
    }
}
