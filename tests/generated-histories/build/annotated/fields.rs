//! What stands at a field, or on the event for one that is gone.

use std::fmt::Write as _;

use super::Writing;
use crate::{
    model::{Field, Fill, How, Style},
    types::{Conversion, Type, Way, Wrap},
};

impl Writing<'_> {
    /// Whether every version before one is a struct that was written by hand: nothing of them need be said.
    pub(super) fn is_before_all_shapes(&self, to: usize) -> bool {
        self.brief && (1..to).all(|version| self.history.at(version).explicit)
    }

    pub(super) fn since(&mut self, id: usize, to: usize, items: &mut Vec<String>) {
        let history = self.history;
        let field = history.at(to).field(id).expect("it was added there");
        let How::Filled(fill) = field.how else {
            panic!("a new field is filled")
        };
        if history.by_hand(to) {
            items.push(format!("since = {to}"));
            return;
        }
        let (word, said) = self.filled(field, fill, to);
        self.words.insert(match word {
            "default" => "since, default",
            "with" => "since, with",
            "try_with" => "since, try_with",
            _ => "since",
        });
        items.push(format!("since = {to}{said}"));
    }

    /// `with = ..` for a new field: the word, and it with a comma before it.
    fn filled(&mut self, field: &Field, fill: Fill, to: usize) -> (&'static str, String) {
        let word = match fill {
            Fill::Trait => return ("", String::new()),
            Fill::Value => {
                let plain = field.ty.plain().expect("only they have values");
                return ("default", format!(", default = {}", plain.value));
            }
            Fill::One(conversion, _) if conversion.way == Way::Try => "try_with",
            Fill::One(..) | Fill::Two(..) => "with",
        };
        let value = self.fill_expression(fill, to);
        let said = if self.random.percent(30) {
            let name = format!("fill_{}_at_{to}", field.id);
            let from = format!("&Shape<Today, {}>", to - 1);
            self.function(
                &name,
                "old",
                &from,
                &self.ty(field.ty, true),
                &value,
                word == "try_with",
            );
            name
        } else {
            format!("|old| {value}")
        };
        (word, format!(", {word} = {said}"))
    }

    pub(super) fn fill_expression(&self, fill: Fill, to: usize) -> String {
        let old = |id: usize| {
            let field = self.history.at(to - 1).field(id).expect("it was there");
            format!("old.{}.clone()", field.name)
        };
        match fill {
            Fill::Trait => "Default::default()".to_owned(),
            Fill::Value => panic!("a value needs its type"),
            Fill::One(conversion, id) => conversion.said(&old(id)),
            Fill::Two(one, other) => {
                format!("format!(\"{{}}/{{}}\", {}, {})", old(one), old(other))
            }
        }
    }

    fn function(&mut self, name: &str, value: &str, from: &str, to: &str, said: &str, tries: bool) {
        let _ = if tries {
            writeln!(
                self.helpers,
                "fn {name}({value}: {from}) -> Result<{to}, String> {{\n    ({said}).map_err(|error| error.to_string())\n}}"
            )
        } else {
            writeln!(
                self.helpers,
                "fn {name}({value}: {from}) -> {to} {{\n    {said}\n}}"
            )
        };
    }

    /// What a field was before a version; `described` is the version of the next look that is described.
    pub(super) fn was(
        &mut self,
        id: usize,
        from: usize,
        to: usize,
        described: usize,
        items: &mut Vec<String>,
    ) {
        let history = self.history;
        let older = history.at(to - 1).field(id).expect("it was there");
        let newer = history.at(described).field(id).expect("it is there");
        debug_assert!(from < to && to <= described, "looks follow each other");
        let (renamed, retyped) = (older.name != newer.name, older.ty != newer.ty);
        let by_hand = history.by_hand(to);
        let conversion = match newer.how {
            How::Converted(conversion) => Some(conversion),
            How::Kept | How::Child | How::Filled(_) => None,
        };
        let serde = serde_of_was(older, newer);
        if by_hand && !renamed && !retyped && serde.is_empty() {
            // The same shape with another meaning, of which the step tells.
            return;
        }
        let said = match conversion {
            Some(conversion) if !by_hand => self.converted(conversion, newer, to),
            _ => String::new(),
        };
        if let (Type::Child { wrap, .. }, true) = (older.ty, retyped) {
            self.words.insert(match wrap {
                Wrap::Bare => "Past in was",
                Wrap::Vec => "Past in Vec",
                Wrap::Option => "Past in Option",
                Wrap::Box => "Past in Box",
                Wrap::Map => "Past in a map",
                Wrap::Array => "Past in an array",
            });
        }
        self.words
            .insert(match (renamed, conversion.map(|one| one.way)) {
                (true, None) => "was: name",
                (true, Some(Way::From)) => "was: name and type",
                (true, Some(Way::With)) => "was: name and type, with",
                (true, Some(Way::Try)) => "was: name and type, try_with",
                (false, Some(Way::From)) => "was: type",
                (false, Some(Way::With)) if !retyped => "was: same type, with",
                (false, Some(Way::With)) => "was: type, with",
                (false, Some(Way::Try)) => "was: type, try_with",
                (false, None) if retyped => "nested",
                (false, None) => "was: serde",
            });
        if !serde.is_empty() {
            self.words.insert("was: serde");
        }
        let before = history.at(to).fields.iter().any(|other| {
            let old = history.at(to - 1).field(other.id);
            other.name == older.name && old.is_some_and(|old| old.name == newer.name)
        });
        if renamed && before {
            self.words.insert("was: name, swapped");
        }
        // What did not change may be said or left out.
        let name = if renamed || history.style != Style::Newtype && self.random.percent(20) {
            older.name
        } else {
            "_"
        };
        let ty =
            if retyped || older.ty.plain().is_some() && (name == "_" || self.random.percent(20)) {
                format!(": {}", self.ty(older.ty, false))
            } else {
                String::new()
            };
        items.push(format!("was({name}{ty}, before = {to}{said}{serde})"));
    }

    /// `with = ..` for a field that was another, with a comma before it.
    fn converted(&mut self, conversion: &Conversion, newer: &Field, to: usize) -> String {
        let word = match conversion.way {
            Way::From => return String::new(),
            Way::With => "with",
            Way::Try => "try_with",
        };
        let said = match (self.random.below(3), conversion.path) {
            (0, _) => {
                let name = format!("convert_{}_to_{to}", newer.id);
                let said = conversion.said("value");
                let tries = conversion.way == Way::Try;
                self.function(&name, "value", conversion.from, conversion.to, &said, tries);
                name
            }
            (_, Some(path)) => path.to_owned(),
            _ => format!("|value| {}", conversion.said("value")),
        };
        format!(", {word} = {said}")
    }

    /// A field that is gone: each of its looks, computed from the one before.
    pub(super) fn gone(&mut self, id: usize, items: &mut Vec<String>) {
        let history = self.history;
        for (from, last) in history.looks(id) {
            let (field, to) = (history.at(from).field(id).expect("it was there"), last + 1);
            if self.all_by_hand(from, to) {
                continue;
            }
            if field.ty.plain().is_none() {
                self.words.insert("Past in had");
            }
            let mut text = format!("had({}: {}", field.name, self.ty(field.ty, false));
            let mut parts = vec![format!("before = {to}")];
            if from > 1 {
                let (word, said) = self.again(id, from);
                self.words.insert(match word {
                    "default" => "had, since, default",
                    "with" => "had, since, with",
                    "try_with" => "had, since, try_with",
                    _ => "had, since",
                });
                parts.push(format!("since = {from}{said}"));
            } else {
                self.words.insert("had");
            }
            if let Some(rename) = field.rename {
                self.words.insert("had: serde");
                parts.push(format!("serde(rename = \"{rename}\")"));
            }
            self.random.shuffle(&mut parts);
            for part in parts {
                text.push_str(", ");
                text.push_str(&part);
            }
            items.push(text + ")");
        }
    }

    /// Where the value of a field that is gone came from in one of its looks.
    fn again(&mut self, id: usize, from: usize) -> (&'static str, String) {
        let history = self.history;
        let field = history.at(from).field(id).expect("it was there");
        if history.by_hand(from) {
            return ("", String::new());
        }
        let fill = match field.how {
            How::Filled(fill) => fill,
            How::Converted(conversion) => Fill::One(conversion, id),
            How::Kept | How::Child => {
                let old = history.at(from - 1).field(id).expect("it was there");
                return ("with", format!(", with = |old| old.{}.clone()", old.name));
            }
        };
        self.filled(field, fill, from)
    }
}

/// `serde(..)` in a `was`, with a comma before it: where the name in storage was not what would be taken for it.
fn serde_of_was(older: &Field, newer: &Field) -> String {
    let must = newer.rename.is_some() && older.name != newer.name;
    if older.rename == newer.rename && !must {
        return String::new();
    }
    match older.rename {
        Some(rename) => format!(", serde(rename = \"{rename}\")"),
        None => ", serde()".to_owned(),
    }
}
