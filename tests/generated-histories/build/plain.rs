//! The second template: a struct for each version that writes what was stored, and a function from each version to the
//! next. The values that it gives come about without the grammar, and without what the first template makes of the history.
//! Where a conversion fails, it says again what the derives promise: what an error calls the field, and at which version a
//! value in an event is found to have failed.

use std::fmt::Write as _;

use crate::{
    model::{Child, Field, Fill, History, How, Style},
    types::{Type, Way, Wrap},
};

pub(crate) fn write(history: &History, children: &[Child]) -> String {
    let mut text = String::new();
    for version in 1..=history.latest() {
        shape(history, children, version, &mut text);
        if version > 1 {
            step(history, children, version, &mut text);
        }
    }
    today(history, children, &mut text);
    for version in 1..=history.latest() {
        from(version, history.latest(), &mut text);
    }
    if history.is_child {
        text.push_str(&value_test(&history.id, history.latest()));
    } else {
        test(history, &mut text);
    }
    text
}

fn ty(children: &[Child], ty: Type) -> String {
    match ty {
        Type::Plain(plain) => plain.name.to_owned(),
        Type::Child {
            child,
            version,
            wrap,
        } => wrap.around(&format!("{}::V{version}", children[child].id)),
    }
}

fn shape(history: &History, children: &[Child], version: usize, text: &mut String) {
    let at = history.at(version);
    text.push_str("#[derive(Debug, Clone, Serialize)]\n");
    if history.style == Style::Newtype {
        text.push_str("#[serde(transparent)]\n");
    }
    let nothing = at.fields.is_empty() && history.style == Style::Unit;
    if nothing {
        let _ = writeln!(text, "pub(super) struct V{version};");
    } else {
        let _ = writeln!(text, "pub(super) struct V{version} {{");
        for field in &at.fields {
            if history.style != Style::Newtype {
                let wire = field.wire(at.container);
                let _ = writeln!(text, "    #[serde(rename = \"{wire}\")]");
            }
            let _ = writeln!(text, "    f{}: {},", field.id, ty(children, field.ty));
        }
        text.push_str("}\n");
    }
    let values: String = at.fields.iter().fold(String::new(), |mut values, field| {
        let _ = write!(values, "f{}: Any::any(random), ", field.id);
        values
    });
    let body = if nothing {
        "Self".to_owned()
    } else {
        format!("Self {{ {values}}}")
    };
    let _ = writeln!(
        text,
        "impl Any for V{version} {{\n    fn any(random: &mut Random) -> Self {{\n        {body}\n    }}\n}}"
    );
}

fn step(history: &History, children: &[Child], to: usize, text: &mut String) {
    let at = history.at(to);
    let _ = writeln!(
        text,
        "pub(super) fn to_{to}(old: V{}) -> Result<V{to}, Failed> {{\n    let mut failed = Failed::default();",
        to - 1
    );
    let (mut values, mut tries) = (String::new(), false);
    for field in &at.fields {
        let (id, place) = (field.id, place(history, field, to));
        let (value, can_fail) = value(history, children, field, to);
        if can_fail {
            tries = true;
            // A value in an event is only asked for when it is today's.
            let at = if matches!(field.how, How::Child) {
                last_move(history, field.id)
            } else {
                to
            };
            let _ = writeln!(text, "    let f{id} = failed.or({at}, {place}, {value});");
            let _ = write!(values, "f{id}: f{id}.expect(\"did not fail\"), ");
        } else {
            let _ = writeln!(text, "    let f{id} = {value};");
            let _ = write!(values, "f{id}, ");
        }
    }
    if tries {
        text.push_str("    failed.check()?;\n");
    }
    let made = if at.fields.is_empty() && history.style == Style::Unit {
        format!("V{to}")
    } else {
        format!("V{to} {{ {values}}}")
    };
    let _ = writeln!(text, "    Ok({made})\n}}");
}

/// How an error of the step calls the field; a step as a whole calls none.
fn place(history: &History, field: &Field, to: usize) -> String {
    if history.by_hand(to) {
        "None".to_owned()
    } else {
        format!("Some(\"{}\")", history.called(field.id, to))
    }
}

fn last_move(history: &History, id: usize) -> usize {
    let moves = |version: &usize| {
        let field = history.at(*version).field(id);
        field.is_some_and(|field| matches!(field.how, How::Child))
    };
    (2..=history.latest()).rev().find(moves).expect("it moved")
}

/// The value of a field, and whether it is an `Option` of it.
fn value(history: &History, children: &[Child], field: &Field, to: usize) -> (String, bool) {
    let old = |id: usize| format!("old.f{id}.clone()");
    match field.how {
        How::Kept => (old(field.id), false),
        How::Converted(one) => (one.same(&old(field.id)), one.way == Way::Try),
        How::Filled(Fill::One(one, id)) => (one.same(&old(id)), one.way == Way::Try),
        How::Filled(Fill::Two(one, other)) => {
            let (one, other) = (old(one), old(other));
            (
                format!("[{one}.to_string(), {other}.to_string()].join(\"/\")"),
                false,
            )
        }
        How::Filled(Fill::Trait) => {
            let empty = match field.ty {
                Type::Plain(plain) => plain.empty,
                Type::Child {
                    wrap: Wrap::Vec, ..
                } => "Vec::new()",
                Type::Child { .. } => "None",
            };
            (empty.to_owned(), false)
        }
        How::Filled(Fill::Value) => {
            let plain = field.ty.plain().expect("only they have values");
            (plain.same_value.to_owned(), false)
        }
        How::Child => {
            let was = history.at(to - 1).field(field.id).expect("it was there");
            let (
                Type::Child {
                    child,
                    version,
                    wrap,
                },
                Type::Child { version: new, .. },
            ) = (was.ty, field.ty)
            else {
                panic!("it holds a value with a history")
            };
            let id = &children[child].id;
            let steps = (version + 1..=new).fold(String::new(), |mut steps, to| {
                let _ = write!(steps, ".and_then({id}::to_{to})");
                steps
            });
            let one = format!("Ok(one){steps}.ok()");
            (held(wrap, &old(field.id), &one), true)
        }
    }
}

/// Does something with each `one` in a value that holds them; it gives an `Option`.
fn held(wrap: Wrap, value: &str, one: &str) -> String {
    match wrap {
        Wrap::Bare => format!("{{ let one = {value}; {one} }}"),
        Wrap::Vec => format!("{value}.into_iter().map(|one| {one}).collect::<Option<Vec<_>>>()"),
        Wrap::Option => {
            format!("match {value} {{ Some(one) => {one}.map(Some), None => Some(None) }}")
        }
        Wrap::Box => format!("{{ let one = *{value}; {one}.map(Box::new) }}"),
        Wrap::Map => format!(
            "{value}.into_iter().map(|(key, one)| {one}.map(|one| (key, one))).collect::<Option<BTreeMap<_, _>>>()"
        ),
        Wrap::Array => format!(
            "{{ let [one, other] = {value}; let first = {one}; let one = other; let second = {one}; \
             first.and_then(|first| second.map(|second| [first, second])) }}"
        ),
    }
}

/// The newest of the plain structs as the event itself: the same values under the names of the fields.
fn today(history: &History, children: &[Child], text: &mut String) {
    let latest = history.latest();
    let mut fields = String::new();
    for field in &history.at(latest).fields {
        let value = match field.ty {
            Type::Plain(_) => format!("new.f{}", field.id),
            Type::Child { child, wrap, .. } => {
                let (id, value) = (&children[child].id, format!("new.f{}", field.id));
                match wrap {
                    Wrap::Bare => format!("{id}::today({value})"),
                    Wrap::Vec => {
                        format!("{value}.into_iter().map({id}::today).collect()")
                    }
                    Wrap::Option | Wrap::Array => format!("{value}.map({id}::today)"),
                    Wrap::Box => format!("Box::new({id}::today(*{value}))"),
                    Wrap::Map => format!(
                        "{value}.into_iter().map(|(key, one)| (key, {id}::today(one))).collect()"
                    ),
                }
            }
        };
        let name = if history.style == Style::Newtype {
            "0"
        } else {
            field.name
        };
        let _ = write!(fields, "{name}: {value}, ");
    }
    if history.skipped {
        fields.push_str("never_stored: None, ");
    }
    let made = if history.style == Style::Unit {
        "Today".to_owned()
    } else {
        format!("Today {{ {fields}}}")
    };
    let _ = writeln!(
        text,
        "pub(super) fn today(new: V{latest}) -> Today {{\n    {made}\n}}"
    );
}

/// What runs the history, in a test of its own and among all.
fn test(history: &History, text: &mut String) {
    let (id, latest) = (&history.id, history.latest());
    let _ = writeln!(
        text,
        "pub(super) fn run() -> Tally {{\n    let mut case = Case::new::<Today>(SEED, \"{id}\");"
    );
    for version in 1..=latest {
        let at = history.at(version);
        let _ = writeln!(
            text,
            "    case.version({version}, \"{}\", {}, from_{version});",
            at.event, at.container.strict
        );
    }
    let _ = writeln!(
        text,
        "    case.done({latest})\n}}\n#[test]\nfn reads_what_each_version_wrote() {{\n    run();\n}}"
    );
}

/// What brings a version to today, step by step.
pub(crate) fn from(version: usize, latest: usize, text: &mut String) {
    let steps = (version + 1..=latest).fold(String::new(), |mut steps, to| {
        let _ = write!(steps, ".and_then(to_{to})");
        steps
    });
    let _ = writeln!(
        text,
        "pub(super) fn from_{version}(old: V{version}) -> Result<Today, Failed> {{\n    Ok(old){steps}.map(today)\n}}"
    );
}

/// What runs the history of a value alone.
pub(crate) fn value_test(id: &str, latest: usize) -> String {
    let mut text = "#[test]\nfn reads_what_each_version_wrote() {\n".to_owned();
    for version in 1..=latest {
        let _ = writeln!(
            text,
            "    value::<_, Today, {version}>(SEED, \"{id}\", from_{version});"
        );
    }
    text + "}\n"
}
