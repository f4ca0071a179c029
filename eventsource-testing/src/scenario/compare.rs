//! Expected events against those that came.

use eventsource_core::{Aggregate, AggregateEvent};
use serde_json::Value;

use super::{
    checks::{same_stored, settled_json},
    journal::Stored,
    report::{json::Side, table::Table, text::chain},
    run::{Made, encoded},
};
use crate::exact::{same, tree};

/// What is left out of a comparison.
#[derive(Default)]
pub(super) struct Ignored {
    /// Stored names.
    events: Vec<&'static str>,
    /// Stored names, and the paths of fields in them.
    fields: Vec<(&'static str, &'static str)>,
}

impl Ignored {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.fields.is_empty()
    }

    pub(super) fn event(&mut self, name: &'static str) {
        self.events.push(name);
    }

    pub(super) fn field(&mut self, event: &'static str, path: &'static str) {
        self.fields.push((event, path));
    }

    fn fields_of(&self, event: &str) -> impl Iterator<Item = &'static str> {
        let own = self.fields.iter().filter(move |(name, _)| *name == event);
        own.map(|(_, path)| *path)
    }
}

/// Events that are expected, and those of the ones that came that are to be looked at.
pub(super) struct Compared<'a, A: Aggregate> {
    expected: &'a [A::Event],
    made: &'a Made<A>,
    /// The places in `made` that are not ignored.
    kept: Vec<usize>,
    ignored: &'a Ignored,
}

impl<'a, A: Aggregate> Compared<'a, A> {
    pub(super) fn new(expected: &'a [A::Event], made: &'a Made<A>, ignored: &'a Ignored) -> Self {
        let is_kept = |at: &usize| {
            let name = made.decided[*at].schema().name;
            !ignored.events.contains(&name)
        };
        Self {
            expected,
            made,
            kept: (0..made.read.len()).filter(is_kept).collect(),
            ignored,
        }
    }

    /// Whether exactly the expected events came, in their order.
    pub(super) fn in_order(&self) -> bool {
        let pairs = self.expected.iter().zip(&self.kept);
        self.expected.len() == self.kept.len() && { pairs }
            .all(|(event, at)| self.equal(event, *at))
    }

    /// Whether exactly the expected events came.
    pub(super) fn in_any_order(&self) -> bool {
        let (_, rest) = self.matched();
        self.expected.len() == self.kept.len() && rest.is_empty()
    }

    /// For each expected event the place of an equal one that came, and the places that are left.
    fn matched(&self) -> (Vec<Option<usize>>, Vec<usize>) {
        let mut rest = self.kept.clone();
        let matched = self.expected.iter().map(|event| {
            let found = rest.iter().position(|at| self.equal(event, *at))?;
            Some(rest.remove(found))
        });
        (matched.collect(), rest)
    }

    fn equal(&self, expected: &A::Event, at: usize) -> bool {
        let (made, eq) = (self.made, A::abilities().eq_event);
        if self
            .ignored
            .fields_of(expected.schema().name)
            .next()
            .is_some()
        {
            return encoded(expected).is_ok_and(|stored| self.same_rest(&stored, &made.stored[at]));
        }
        match eq(&made.read[at], expected) {
            // What a check has found is not said again as a difference.
            Some(same) => same || made.flawed[at] && eq(&made.decided[at], expected) == Some(true),
            None => encoded(expected).is_ok_and(|it| same_stored::<A>(&it, &made.stored[at])),
        }
    }

    /// Whether two events are stored alike, but for the ignored fields.
    fn same_rest(&self, one: &Stored, other: &Stored) -> bool {
        let read = |it: &Stored| tree(it.payload.bytes());
        let rest = |stored: &Stored, value: Option<Value>| self.rest(stored.name.as_str(), value);
        one.name.as_str() == other.name.as_str()
            && (same(rest(one, read(one)), rest(other, read(other)))
                || same(
                    rest(one, settled_json::<A>(one)),
                    rest(other, settled_json::<A>(other)),
                ))
    }

    fn rest(&self, name: &str, mut value: Option<Value>) -> Option<Value> {
        for path in self.ignored.fields_of(name) {
            remove(value.as_mut()?, path);
        }
        value
    }

    /// What is wrong with the question itself.
    pub(super) fn misuse(&self) -> Option<String> {
        let is_ignored = |event: &&A::Event| self.ignored.events.contains(&event.schema().name);
        if let Some(event) = self.expected.iter().find(is_ignored) {
            return Some(format!(
                "`{}` is expected, and ignored",
                event.schema().name
            ));
        }
        let expected = self.expected.iter().filter_map(|event| encoded(event).ok());
        let made = self.kept.iter().map(|at| self.made.stored[*at].clone());
        let all: Vec<Stored> = expected.chain(made).collect();
        self.ignored.fields.iter().find_map(|(name, path)| {
            let mut own = all.iter().filter(|it| it.name.as_str() == *name).peekable();
            own.peek()?;
            let has =
                |it: &Stored| tree(it.payload.bytes()).is_some_and(|mut v| remove(&mut v, path));
            (!own.any(has)).then(|| format!("`{name}` has no field `{path}` that could be ignored"))
        })
    }

    /// What was to be ignored, and is not there.
    pub(super) fn ignored_nothing(&self) -> Option<String> {
        let came = |name: &str| { self.made.decided.iter() }.any(|it| it.schema().name == name);
        let event = { self.ignored.events.iter() }.find(|name| !came(name));
        if let Some(name) = event {
            return Some(format!("no `{name}` came that could be ignored"));
        }
        let mut fields = self.ignored.fields.iter();
        let (name, _) = fields.find(|(name, _)| !came(name))?;
        Some(format!("no `{name}` came that has a field to be ignored"))
    }

    /// Both side by side, the events that came in the order of the expected ones where the order does not matter.
    pub(super) fn table(&self, any_order: bool) -> Table {
        let mut actual = self.kept.clone();
        if any_order {
            let (matched, mut rest) = self.matched();
            let name = |at: usize| self.made.decided[at].schema().name;
            actual.clear();
            for (event, matched) in self.expected.iter().zip(matched) {
                let same_name = rest.iter().position(|at| name(*at) == event.schema().name);
                actual.extend(matched.or_else(|| same_name.map(|found| rest.remove(found))));
            }
            actual.extend(rest);
        }
        let mut equals = Vec::with_capacity(self.expected.len() * actual.len());
        for event in self.expected {
            equals.extend(actual.iter().map(|at| self.equal(event, *at)));
        }
        let expected = self.expected.iter().map(|event| match encoded(event) {
            Ok(stored) => self.side(&stored),
            Err(_) => side(event),
        });
        let actual = actual.iter().map(|at| self.side(&self.made.stored[*at]));
        Table::new(expected.collect(), actual.collect(), &equals)
    }

    fn side(&self, stored: &Stored) -> Side {
        let side = Side::of(stored);
        match self.rest(stored.name.as_str(), settled_json::<A>(stored)) {
            Some(value) => side.holding(value),
            None => side,
        }
    }

    /// `1 expected, 2 actual`.
    pub(super) fn counts(&self) -> String {
        let (expected, kept) = (self.expected.len(), self.kept.len());
        match self.made.read.len() - kept {
            0 => format!("{expected} expected, {kept} actual"),
            ignored => format!("{expected} expected, {kept} actual, {ignored} ignored"),
        }
    }
}

/// An event as it would be stored.
pub(super) fn side<E: AggregateEvent>(event: &E) -> Side {
    match encoded(event) {
        Ok(stored) => Side::of(&stored),
        Err(error) => Side::unwritten(event.schema(), &chain(&error)),
    }
}

/// Takes a field out, at `a.b` in the object `a`, and in each element where that is a list. Whether there was one.
fn remove(value: &mut Value, path: &str) -> bool {
    match (value, path.split_once('.')) {
        (Value::Array(elements), _) => {
            let mut any = false;
            for element in elements {
                any |= remove(element, path);
            }
            any
        }
        (Value::Object(fields), None) => fields.remove(path).is_some(),
        (Value::Object(fields), Some((first, rest))) => fields
            .get_mut(first)
            .is_some_and(|field| remove(field, rest)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_taken_out_wherever_its_path_leads() {
        let mut value =
            json!({"at": 1, "by": {"name": "ann", "at": 2}, "lines": [{"at": 3}, {"n": 4}]});
        assert!(remove(&mut value, "at"));
        assert!(remove(&mut value, "by.at"));
        assert!(remove(&mut value, "lines.at"));
        assert!(!remove(&mut value, "by.name.first"));
        assert!(!remove(&mut value, "gone"));
        assert_eq!(
            value,
            json!({"by": {"name": "ann"}, "lines": [{}, {"n": 4}]})
        );
    }
}
