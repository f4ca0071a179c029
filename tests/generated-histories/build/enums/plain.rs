//! The second template for enums.

use std::fmt::Write as _;

use super::{Becomes, Enum, Style, held, type_name};
use crate::{
    model::{Field, Fill, How, cased},
    plain::from,
    types::Way,
};

pub(super) fn plain(made: &Enum) -> String {
    let (mut text, latest) = (String::new(), made.latest());
    for (at, version) in made.versions.iter().enumerate() {
        let number = at + 1;
        let _ = writeln!(
            text,
            "#[derive(Debug, Clone, Serialize)]\npub(super) enum V{number} {{"
        );
        let mut any = String::new();
        for (place, one) in version.variants.iter().enumerate() {
            let wire = version
                .case
                .map_or_else(|| one.name.to_owned(), |case| snake(one.name, case));
            let shape = held(
                one,
                &format!("K{}", one.id),
                |field| type_name(field).to_owned(),
                false,
            );
            let shape = one.fields.iter().fold(shape, |shape, field| {
                let from = format!("f{}: ", field.id);
                let to = format!("#[serde(rename = \"{}\")] {from}", field.plain_name());
                if one.style == Style::Named {
                    shape.replace(&from, &to)
                } else {
                    shape
                }
            });
            let _ = writeln!(text, "    #[serde(rename = \"{wire}\")]\n    {shape},");
            let value = held(
                one,
                &format!("Self::K{}", one.id),
                |_| "Any::any(random)".to_owned(),
                false,
            );
            let _ = writeln!(any, "            {place} => {value},");
        }
        if number < latest {
            // A variant that is gone becomes one of today, past all versions between.
            let _ = writeln!(text, "    #[serde(skip)]\n    Became(V{latest}),");
        }
        let count = version.variants.len();
        let _ = writeln!(
            text,
            "}}\nimpl Any for V{number} {{\n    fn any(random: &mut Random) -> Self {{\n        match random.below({count}) {{\n{any}            _ => unreachable!(),\n        }}\n    }}\n}}"
        );
        if number > 1 {
            step(made, number, &mut text);
        }
    }
    let _ = writeln!(
        text,
        "pub(super) fn today(new: V{latest}) -> Today {{\n    match new {{"
    );
    for one in &made.versions[latest - 1].variants {
        let value = |field: &Field| format!("f{}", field.id);
        let old = held(one, &format!("V{latest}::K{}", one.id), value, false);
        let new = held(one, &format!("Today::{}", one.name), value, true);
        let _ = writeln!(text, "        {old} => {new},");
    }
    text.push_str("    }\n}\n");
    for version in 1..=latest {
        from(version, latest, &mut text);
    }
    text
}

fn step(made: &Enum, to: usize, text: &mut String) {
    let (from, latest) = (to - 1, made.latest());
    let _ = writeln!(
        text,
        "pub(super) fn to_{to}(old: V{from}) -> Result<V{to}, Failed> {{\n    let mut failed = Failed::default();\n    Ok(match old {{"
    );
    for one in &made.versions[from - 1].variants {
        let local = |field: &Field| format!("f{}", field.id);
        let pattern = held(one, &format!("V{from}::K{}", one.id), local, false);
        let _ = write!(text, "        {pattern} => {{ ");
        if let Some(new) = made.variant(to, one.id) {
            let mut tries = false;
            for field in &new.fields {
                let (id, old) = (field.id, format!("f{}.clone()", field.id));
                match field.how {
                    How::Converted(way) if way.way == Way::Try => {
                        tries = true;
                        let name = called(made, one.id, to, id);
                        let _ = write!(
                            text,
                            "let f{id} = failed.or({to}, Some(\"{name}\"), {}); ",
                            way.same(&old)
                        );
                    }
                    How::Converted(way) => {
                        let _ = write!(text, "let f{id} = {}; ", way.same(&old));
                    }
                    How::Filled(fill) => {
                        let plain = field.ty.plain().expect("enums hold no histories");
                        let value = if matches!(fill, Fill::Value) {
                            plain.same_value
                        } else {
                            plain.empty
                        };
                        let _ = write!(text, "let f{id} = {value}; ");
                    }
                    How::Kept | How::Child => {}
                }
            }
            if tries {
                text.push_str("failed.check()?; ");
            }
            let value = |field: &Field| {
                let expect = if field.can_fail() {
                    ".expect(\"did not fail\")"
                } else {
                    ""
                };
                format!("f{}{expect}", field.id)
            };
            let _ = writeln!(
                text,
                "{} }}",
                held(new, &format!("V{to}::K{}", one.id), value, false)
            );
            continue;
        }
        let gone = made
            .gone
            .iter()
            .find(|gone| gone.0 == one.id)
            .expect("it is gone");
        let value = match gone.2 {
            Becomes::Nothing => format!("V{latest}::K0"),
            Becomes::Text => {
                let all: Vec<_> = (one.fields.iter())
                    .map(|one| format!("f{}.to_string()", one.id))
                    .collect();
                format!("V{latest}::K1([{}].join(\"/\"))", all.join(", "))
            }
            Becomes::Checked => {
                let _ = write!(
                    text,
                    "failed.or({to}, Some(\"{}\"), (f0 < 56).then_some(())); failed.check()?; ",
                    one.name
                );
                format!("V{latest}::K0")
            }
        };
        let value = if to < latest {
            format!("V{to}::Became({value})")
        } else {
            value
        };
        let _ = writeln!(text, "{value} }}");
    }
    let became = if to < latest {
        format!("V{to}::Became(new)")
    } else {
        "new".to_owned()
    };
    let _ = writeln!(
        text,
        "        V{from}::Became(new) => {became},\n    }})\n}}"
    );
}

/// What an error calls a field of a variant at a version: its place, or its name of today, or the last one that it had.
fn called(made: &Enum, variant: usize, to: usize, id: usize) -> String {
    let last = (to..=made.latest())
        .rev()
        .find_map(|version| made.variant(version, variant));
    let last = last.expect("it is there");
    let at = last.fields.iter().position(|field| field.id == id);
    let at = at.expect("fields of a variant stay");
    if last.style == Style::Named {
        last.fields[at].plain_name().to_owned()
    } else {
        at.to_string()
    }
}

/// What `rename_all` makes of the name of a variant.
fn snake(name: &str, case: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    if case == "snake_case" {
        snake
    } else {
        cased(&snake, case)
    }
}
