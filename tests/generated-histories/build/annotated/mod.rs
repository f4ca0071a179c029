//! The first template: today's struct, with its history in the grammar.

use std::{collections::BTreeSet, fmt::Write as _};

mod by_hand;

use crate::{
    model::{Child, Container, Field, Fill, History, How, Style},
    random::Random,
    types::{Conversion, Type, Way, Wrap},
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
    "nested",
    "Past in was",
    "Past in had",
    "Past in Vec",
    "Past in Option",
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

    /// Whether every version before one is a struct that was written by hand: nothing of them need be said.
    fn is_before_all_shapes(&self, to: usize) -> bool {
        self.brief && (1..to).all(|version| self.history.at(version).explicit)
    }

    fn since(&mut self, id: usize, to: usize, items: &mut Vec<String>) {
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

    fn fill_expression(&self, fill: Fill, to: usize) -> String {
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
    fn was(
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
    fn gone(&mut self, id: usize, items: &mut Vec<String>) {
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
