//! The first template: today's struct, with its history in the grammar.

use std::{collections::BTreeSet, fmt::Write as _};

mod by_hand;
mod fields;

use crate::{
    model::{Child, Container, Field, History, Style},
    random::Random,
    types::Type,
};

/// What a history is written with.
pub(crate) struct Annotated {
    pub(crate) text: String,
    /// The words of the grammar that it uses.
    pub(crate) words: BTreeSet<&'static str>,
}

/// Every word that has to occur, and what of it.
pub(crate) const WORDS: &[&str] = &[
    "since",
    "since, default",
    "since, with",
    "since, try_with",
    "was: name",
    "was: name, swapped",
    "was: type",
    "was: type, with",
    "was: type, try_with",
    "was: name and type",
    "was: name and type, with",
    "was: name and type, try_with",
    "was: same type, with",
    "was: serde",
    "had",
    "had, since",
    "had, since, default",
    "had, since, with",
    "had, since, try_with",
    "had: serde",
    "a name again",
    "event: was",
    "event: was serde",
    "step, with",
    "step, try_with",
    "vN, From",
    "vN, TryFrom",
    "vN, a value in it",
    "nested",
    "Past in was",
    "Past in had",
    "Past in Vec",
    "Past in Option",
    "Past in Box",
    "Past in a map",
    "Past in an array",
    "rename_all",
    "deny_unknown_fields",
    "skip",
    "newtype",
    "unit",
    "Option field",
    "keyword",
    "one version",
    "six versions",
];

pub(crate) fn write(history: &History, children: &[Child], random: &mut Random) -> Annotated {
    let brief = random.percent(50);
    let mut writing = Writing {
        brief,
        history,
        children,
        random,
        words: BTreeSet::new(),
        helpers: String::new(),
    };
    let text = writing.all();
    let words = writing.words;
    Annotated { text, words }
}

struct Writing<'a> {
    history: &'a History,
    children: &'a [Child],
    random: &'a mut Random,
    words: BTreeSet<&'static str>,
    /// Functions and structs beside the event.
    helpers: String,
    /// Whether nothing is said that only concerns shapes that were written by hand.
    brief: bool,
}

impl Writing<'_> {
    fn all(&mut self) -> String {
        let history = self.history;
        let latest = history.latest();
        let mut items = Vec::new();
        if !history.is_child {
            items.push(format!("name = \"{}\"", history.at(latest).event));
        }
        if latest > 1 || self.random.percent(50) {
            items.push(format!("version = {latest}"));
        }
        self.on_the_event(&mut items);
        let mut fields = String::new();
        for id in history.ids() {
            match history.today(id) {
                Some(_) => {}
                None => self.gone(id, &mut items),
            }
        }
        for field in &history.at(latest).fields {
            self.field(field, &mut fields);
        }
        if history.skipped {
            self.words.insert("skip");
            fields.push_str("    #[serde(skip)]\n    pub(super) never_stored: Option<u8>,\n");
        }
        self.by_hand(&mut items);
        match latest {
            1 => self.words.insert("one version"),
            6 => self.words.insert("six versions"),
            _ => true,
        };
        let derive = if history.is_child { "Schema" } else { "Event" };
        let mut text = format!("#[derive(Debug, PartialEq, Serialize, Deserialize, {derive})]\n");
        self.attributes(&mut items, "", &mut text);
        text.push_str(&container(history.at(latest).container));
        text.push_str("pub(super) struct Today");
        match history.style {
            Style::Newtype => {
                self.words.insert("newtype");
                let _ = writeln!(text, "(\n{fields});");
            }
            Style::Unit => {
                self.words.insert("unit");
                text.push_str(";\n");
            }
            Style::Named => {
                let _ = writeln!(text, " {{\n{fields}}}");
            }
        }
        text + &self.helpers
    }

    /// Writes what stands in `#[event(..)]`, in any order, in one attribute or several.
    fn attributes(&mut self, items: &mut [String], indent: &str, text: &mut String) {
        self.random.shuffle(items);
        let mut rest = &items[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(1 + self.random.below(rest.len()));
            let _ = writeln!(text, "{indent}#[event({})]", now.join(", "));
            rest = later;
        }
    }

    fn on_the_event(&mut self, items: &mut Vec<String>) {
        let history = self.history;
        for to in 2..=history.latest() {
            let (older, newer) = (history.at(to - 1), history.at(to));
            if older.event != newer.event {
                self.words.insert("event: was");
                items.push(format!("was(\"{}\", before = {to})", older.event));
            }
        }
        self.containers(items);
        for version in &history.versions {
            if version.container.case.is_some() {
                self.words.insert("rename_all");
            }
            if version.container.strict {
                self.words.insert("deny_unknown_fields");
            }
        }
    }

    /// What the attributes of the type were, where a shape is generated that has them.
    fn containers(&mut self, items: &mut Vec<String>) {
        let history = self.history;
        let mut newer = history.at(history.latest()).container;
        let mut end = history.latest();
        while end > 1 {
            let older = history.at(end - 1).container;
            let start = (1..end)
                .rev()
                .take_while(|version| history.at(*version).container == older)
                .last()
                .expect("the version before the end");
            if older != newer && !self.all_by_hand(start, end) {
                self.words.insert("event: was serde");
                let was = container_was(older, newer);
                items.push(format!("was(serde({was}), before = {end})"));
                newer = older;
            }
            end = start;
        }
    }

    /// Whether all shapes from a version up to another were written by hand: nothing of them may be said.
    fn all_by_hand(&self, from: usize, to: usize) -> bool {
        (from..to).all(|version| self.history.at(version).explicit)
    }

    /// A field of today.
    fn field(&mut self, today: &Field, text: &mut String) {
        let history = self.history;
        let looks = history.looks(today.id);
        let mut items = Vec::new();
        let since = looks[0].0;
        if since > 1 && !self.is_before_all_shapes(since) {
            self.since(today.id, since, &mut items);
        }
        let mut newer = looks[looks.len() - 1].0;
        for (from, last) in looks.iter().rev().skip(1) {
            if !self.all_by_hand(*from, last + 1) {
                self.was(today.id, *from, last + 1, newer, &mut items);
                newer = *from;
            }
        }
        if let Type::Child { child, .. } = today.ty {
            let latest = self.children[child].latest;
            if latest > 1 || self.random.percent(50) {
                self.words.insert("nested");
                items.push(format!("nested = {latest}"));
            }
        }
        if today.name.starts_with("r#") {
            self.words.insert("keyword");
        }
        let reused = history.versions.iter().any(|version| {
            let mut fields = version.fields.iter();
            fields.any(|field| field.id != today.id && field.name == today.name)
        });
        if reused && since > 1 {
            self.words.insert("a name again");
        }
        self.attributes(&mut items, "    ", text);
        if let Some(rename) = today.rename {
            let _ = writeln!(text, "    #[serde(rename = \"{rename}\")]");
        }
        let ty = self.ty(today.ty, true);
        if ty.starts_with("Option") {
            self.words.insert("Option field");
        }
        if history.style == Style::Newtype {
            let _ = writeln!(text, "    pub(super) {ty},");
        } else {
            let _ = writeln!(text, "    pub(super) {}: {ty},", today.name);
        }
    }

    /// The type of a field; the value in it is today's or a past one.
    fn ty_of_child(&self, child: usize, version: usize, today: bool) -> String {
        let module = &self.children[child].id;
        if today && version == self.children[child].latest {
            format!("{module}::Today")
        } else {
            format!("Past<{module}::Today, {version}>")
        }
    }

    fn ty(&self, ty: Type, today: bool) -> String {
        match ty {
            Type::Plain(plain) => plain.name.to_owned(),
            Type::Child {
                child,
                version,
                wrap,
            } => wrap.around(&self.ty_of_child(child, version, today)),
        }
    }
}

fn container_items(container: Container) -> String {
    let case = container
        .case
        .map(|case| format!("rename_all = \"{case}\""));
    let strict = container.strict.then(|| "deny_unknown_fields".to_owned());
    case.into_iter()
        .chain(strict)
        .collect::<Vec<_>>()
        .join(", ")
}

/// What the attributes were; what there was none of is said, too, unless there was nothing at all.
fn container_was(older: Container, newer: Container) -> String {
    let mut was = container_items(older);
    if was.is_empty() {
        return was;
    }
    if older.case.is_none() && newer.case.is_some() {
        was.push_str(", not(rename_all)");
    }
    if !older.strict && newer.strict {
        was.push_str(", not(deny_unknown_fields)");
    }
    was
}

fn container(container: Container) -> String {
    let items = container_items(container);
    if items.is_empty() {
        return items;
    }
    format!("#[serde({items})]\n")
}
