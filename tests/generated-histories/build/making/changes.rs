//! What can happen to a field from one version to the next.

use super::{Making, NAMES, WIRES};
use crate::{
    model::{Field, Fill, How, Style},
    types::{CONVERSIONS, TYPES, Type, Way, Wrap},
};

impl Making<'_> {
    /// A field that was there before and is still as it was.
    pub(super) fn untouched(&mut self) -> Option<usize> {
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

    pub(super) fn push(&mut self, ty: Type, how: How) -> bool {
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

    pub(super) fn rename(&mut self, at: usize) -> bool {
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

    pub(super) fn convert(&mut self, at: usize) -> bool {
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
    pub(super) fn child(&mut self) -> bool {
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

    pub(super) fn swap(&mut self) -> bool {
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
    pub(super) fn split(&mut self) -> bool {
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
    pub(super) fn merge(&mut self) -> bool {
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
    pub(super) fn fill(&mut self) -> (Type, Fill) {
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

    pub(super) fn any_type(&mut self) -> Type {
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
            wrap: *self.random.of(Wrap::ALL),
        }
    }
}
