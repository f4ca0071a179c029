//! Makes histories: fields for the first version, and for each version after it some changes that a developer might have
//! made.

use crate::{
    model::{Child, Container, Field, Fill, History, How, Style, Version},
    random::Random,
    types::{CONVERSIONS, TYPES, Type, Way, Wrap},
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

/// What the grammar has no words for, or what has no one order in which it fails.
fn is_expressible(history: &History, children: &[Child]) -> bool {
    let latest = history.latest();
    let mut moving = 0;
    for id in history.ids() {
        let fields = history
            .versions
            .iter()
            .filter_map(|version| version.field(id));
        let child = fields.filter_map(|field| match field.ty {
            Type::Child { child, .. } => Some(child),
            Type::Plain(_) => None,
        });
        let Some(child) = child.max() else { continue };
        let looks = history.looks(id);
        match history.today(id) {
            // A value that is gone is never brought to today, so it has one look.
            None if looks.len() > 1 => return false,
            None => {}
            Some(today) => {
                let Type::Child { version, .. } = today.ty else {
                    return false;
                };
                if version != children[child].latest {
                    return false;
                }
                moving += usize::from(children[child].can_fail);
            }
        }
    }
    // A value in the event fails at the version where it is today's, which may be after another failure.
    if moving > 1 || moving == 1 && history.can_fail() {
        return false;
    }
    for version in 1..=latest {
        let at = history.at(version);
        if version < latest && at.explicit {
            let around = [version.saturating_sub(1).max(1), version, version + 1];
            let unfit = |version: &usize| {
                let at = history.at(*version);
                at.fields.is_empty() || at.has_children()
            };
            if around.iter().any(unfit) {
                return false;
            }
        }
        let mut wires: Vec<_> = at.fields.iter().map(|f| f.wire(at.container)).collect();
        wires.sort_unstable();
        if wires.windows(2).any(|pair| pair[0] == pair[1]) {
            return false;
        }
        if version == 1 {
            continue;
        }
        let older = history.at(version - 1);
        let same_fields = at.fields.len() == older.fields.len()
            && at.fields.iter().all(|field| {
                let mut looks = history.looks(field.id).into_iter();
                looks.all(|(from, _)| from != version)
            });
        let described = !same_fields
            || history.by_hand(version)
            || (at.container, &at.event) != (older.container, &older.event);
        if !described {
            return false;
        }
        for field in &at.fields {
            let moves = matches!(field.how, How::Child);
            if moves && history.by_hand(version) {
                return false;
            }
            // A field that takes a name in the version that frees it: only from one that is still there.
            let freed = older.fields.iter().find(|other| other.name == field.name);
            if let (How::Filled(_), Some(freed)) = (field.how, freed)
                && history.today(freed.id).is_none()
            {
                return false;
            }
        }
    }
    history.style != Style::Unit || history.at(latest).fields.is_empty()
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

    /// A field that was there before and is still as it was.
    fn untouched(&mut self) -> Option<usize> {
        if self.fields.is_empty() {
            return None;
        }
        let at = self.random.below(self.fields.len());
        let field = &self.fields[at];
        let older = self.older.iter().find(|older| older.id == field.id)?;
        let same = older.name == field.name
            && older.rename == field.rename
            && matches!(field.how, How::Kept);
        same.then_some(at)
    }

    fn name(&mut self) -> Option<&'static str> {
        let name = *self.random.of(NAMES);
        if self.fields.iter().any(|field| field.name == name) {
            return None;
        }
        // Names that were free already are the usual case.
        let freed = self.older.iter().find(|field| field.name == name);
        let still = freed.is_none_or(|freed| self.fields.iter().any(|f| f.id == freed.id));
        still.then_some(name)
    }

    fn push(&mut self, ty: Type, how: How) -> bool {
        let name = loop {
            if let Some(name) = self.name() {
                break name;
            }
        };
        let rename =
            (self.style == Style::Named && self.random.percent(10)).then(|| *self.random.of(WIRES));
        let field = Field {
            id: self.next_id,
            name,
            ty,
            rename,
            how,
        };
        self.next_id += 1;
        // Anywhere: the order of fields is nothing that is stored.
        let at = self.random.below(self.fields.len() + 1);
        self.fields.insert(at, field);
        true
    }

    fn rename(&mut self, at: usize) -> bool {
        // Also one that is free since this version.
        let name = *self.random.of(NAMES);
        if self.fields.iter().any(|field| field.name == name) {
            return false;
        }
        let field = &mut self.fields[at];
        field.name = name;
        if field.rename.is_some() && self.random.percent(50) {
            field.rename = None;
        }
        true
    }

    fn convert(&mut self, at: usize) -> bool {
        let Some(plain) = self.fields[at].ty.plain() else {
            return false;
        };
        let ways: Vec<_> = CONVERSIONS
            .iter()
            .filter(|conversion| conversion.from == plain.name)
            .collect();
        if ways.is_empty() {
            return false;
        }
        let &conversion = self.random.of(&ways);
        let field = &mut self.fields[at];
        field.ty = Type::named(conversion.to);
        field.how = How::Converted(conversion);
        true
    }

    /// A value in the event moves on in its own history.
    fn child(&mut self) -> bool {
        for at in 0..self.fields.len() {
            let field = &self.fields[at];
            let Type::Child {
                child,
                version,
                wrap,
            } = field.ty
            else {
                continue;
            };
            let latest = self.children[child].latest;
            if version == latest || !matches!(field.how, How::Kept) {
                continue;
            }
            let version = version + 1 + self.random.below(latest - version);
            self.fields[at].ty = Type::Child {
                child,
                version,
                wrap,
            };
            self.fields[at].how = How::Child;
            return true;
        }
        false
    }

    fn swap(&mut self) -> bool {
        let (Some(one), Some(other)) = (self.untouched(), self.untouched()) else {
            return false;
        };
        if one == other {
            return false;
        }
        let name = self.fields[one].name;
        self.fields[one].name = self.fields[other].name;
        self.fields[other].name = name;
        true
    }

    /// One field goes, and two are computed from it.
    fn split(&mut self) -> bool {
        let Some(at) = self.untouched() else {
            return false;
        };
        let Some(plain) = self.fields[at].ty.plain() else {
            return false;
        };
        let id = self.fields[at].id;
        let ways: Vec<_> = CONVERSIONS
            .iter()
            .filter(|conversion| conversion.from == plain.name)
            .collect();
        if ways.len() < 2 {
            return false;
        }
        self.fields.remove(at);
        for _ in 0..2 {
            let &conversion = self.random.of(&ways);
            let fill = Fill::One(conversion, id);
            self.push(Type::named(conversion.to), How::Filled(fill));
        }
        true
    }

    /// Two fields go, and one is computed from them.
    fn merge(&mut self) -> bool {
        let (Some(one), Some(other)) = (self.untouched(), self.untouched()) else {
            return false;
        };
        let shown = |at: usize| {
            self.fields[at]
                .ty
                .plain()
                .is_some_and(|plain| plain.display)
        };
        if one == other || !shown(one) || !shown(other) {
            return false;
        }
        let ids = (self.fields[one].id, self.fields[other].id);
        self.fields
            .retain(|field| field.id != ids.0 && field.id != ids.1);
        self.push(Type::named("String"), How::Filled(Fill::Two(ids.0, ids.1)))
    }

    /// A new field, and where its value comes from.
    fn fill(&mut self) -> (Type, Fill) {
        if self.random.percent(50) && !self.older.is_empty() {
            let source = self.random.of(&self.older).clone();
            let ways: Vec<_> = CONVERSIONS
                .iter()
                .filter(|one| {
                    source
                        .ty
                        .plain()
                        .is_some_and(|plain| plain.name == one.from)
                })
                // A value that can fail is rarer in life, but each way is to be met.
                .filter(|one| one.way != Way::From || self.older.len() > 1)
                .collect();
            if !ways.is_empty() {
                let &conversion = self.random.of(&ways);
                let ty = Type::named(conversion.to);
                return (ty, Fill::One(conversion, source.id));
            }
        }
        if self.random.percent(15)
            && !self.is_child
            && let Type::Child { child, version, .. } = self.child_type()
        {
            let wrap = *self.random.of(&[Wrap::Vec, Wrap::Option]);
            let ty = Type::Child {
                child,
                version,
                wrap,
            };
            return (ty, Fill::Trait);
        }
        let ty = Type::Plain(self.random.of(TYPES));
        let fill = if self.random.percent(50) {
            Fill::Trait
        } else {
            Fill::Value
        };
        (ty, fill)
    }

    fn any_type(&mut self) -> Type {
        if !self.is_child && self.style == Style::Named && self.random.percent(15) {
            return self.child_type();
        }
        Type::Plain(self.random.of(TYPES))
    }

    fn child_type(&mut self) -> Type {
        let child = self.random.below(self.children.len());
        Type::Child {
            child,
            version: 1 + self.random.below(self.children[child].latest),
            wrap: *self.random.of(&[Wrap::Bare, Wrap::Vec, Wrap::Option]),
        }
    }
}
