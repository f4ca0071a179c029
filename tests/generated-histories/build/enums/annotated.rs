//! The first template for enums.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{Becomes, Enum, Style, Variant, type_name};
use crate::{
    model::{Field, Fill, How},
    random::Random,
    types::Way,
};

pub(super) fn annotated(
    made: &Enum,
    random: &mut Random,
    words: &mut BTreeSet<&'static str>,
) -> String {
    let latest = made.latest();
    let mut items = vec![format!("version = {latest}")];
    for (id, before, becomes) in &made.gone {
        let one = made.variant(before - 1, *id).expect("it was there");
        let fields: Vec<_> = (one.fields.iter())
            .map(|field| match one.style {
                Style::Named => format!("{}: {}", field.name, type_name(field)),
                _ => type_name(field).to_owned(),
            })
            .collect();
        let fields = match one.style {
            Style::Unit => String::new(),
            Style::Tuple => format!("({})", fields.join(", ")),
            Style::Named => format!(" {{ {} }}", fields.join(", ")),
        };
        let values: Vec<_> = (0..one.fields.len()).map(|at| format!("a{at}")).collect();
        let values = values.join(", ");
        let (nothing, text) = (made.today(0), made.today(1));
        let how = match becomes {
            Becomes::Nothing => format!("with = |{values}| Today::{nothing}"),
            Becomes::Text => {
                let holes = vec!["{}"; one.fields.len()].join("/");
                format!("with = |{values}| Today::{text}(format!(\"{holes}\", {values}))")
            }
            Becomes::Checked => format!(
                "try_with = |{values}| a0.checked_add(200).map(|_| Today::{nothing}).ok_or(\"too much\")"
            ),
        };
        words.insert(if *becomes == Becomes::Checked {
            "enum: had, try_with"
        } else {
            "enum: had, with"
        });
        let since = made.since(*id);
        let since = if since > 1 {
            format!("since = {since}, ")
        } else {
            String::new()
        };
        items.push(format!(
            "had({}{fields}, {since}before = {before}, {how})",
            one.name
        ));
    }
    for to in 2..=latest {
        let (older, newer) = (&made.versions[to - 2], &made.versions[to - 1]);
        if older.case != newer.case {
            words.insert("enum: was serde");
            items.push(format!("was(serde({}), before = {to})", case(older.case)));
        }
    }
    random.shuffle(&mut items);
    let mut text = "#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]\n".to_owned();
    for item in items {
        let _ = writeln!(text, "#[event({item})]");
    }
    let now = &made.versions[latest - 1];
    if now.case.is_some() {
        let _ = writeln!(text, "#[serde({})]", case(now.case));
    }
    text.push_str("pub(super) enum Today {\n");
    for one in &now.variants {
        let since = made.since(one.id);
        if since > 1 {
            words.insert("enum: since");
            let _ = writeln!(text, "    #[event(since = {since})]");
        }
        for to in since + 1..=latest {
            let older = made.variant(to - 1, one.id).expect("it was there");
            if older.name != made.variant(to, one.id).expect("it is there").name {
                words.insert("enum: was");
                let _ = writeln!(text, "    #[event(was({}, before = {to}))]", older.name);
            }
        }
        let fields: String = one.fields.iter().fold(String::new(), |mut fields, field| {
            let history = field_history(made, one, field, words);
            let name = if one.style == Style::Named {
                format!("{}: ", field.name)
            } else {
                String::new()
            };
            let _ = write!(fields, "{history}{name}{}, ", type_name(field));
            fields
        });
        let body = match one.style {
            Style::Unit => String::new(),
            Style::Tuple => format!("({fields})"),
            Style::Named => format!(" {{ {fields}}}"),
        };
        let _ = writeln!(text, "    {}{body},", one.name);
    }
    text + "}\n"
}

fn case(case: Option<&str>) -> String {
    case.map_or_else(String::new, |case| format!("rename_all = \"{case}\""))
}

fn field_history(
    made: &Enum,
    one: &Variant,
    today: &Field,
    words: &mut BTreeSet<&'static str>,
) -> String {
    let mut text = String::new();
    let mut newer: Option<&Field> = None;
    for to in (made.since(one.id)..=made.latest()).rev() {
        let variant = made.variant(to, one.id).expect("it was there");
        let Some(field) = variant.fields.iter().find(|field| field.id == today.id) else {
            break;
        };
        if let Some(newer) = newer {
            let renamed = field.name != newer.name;
            let how = match newer.how {
                How::Converted(way) => Some(way),
                _ => None,
            };
            let said = match how {
                Some(way) if way.way == Way::With => {
                    format!(", with = |value| {}", way.said("value"))
                }
                Some(way) if way.way == Way::Try => {
                    format!(", try_with = |value| {}", way.said("value"))
                }
                _ => String::new(),
            };
            if renamed || how.is_some() {
                words.insert(match how.map(|way| way.way) {
                    None => "enum: field was, name",
                    Some(Way::From) => "enum: field was",
                    Some(Way::With) => "enum: field was, with",
                    Some(Way::Try) => "enum: field was, try_with",
                });
                let name = if renamed { field.name } else { "_" };
                let ty = how.map_or_else(String::new, |way| format!(": {}", way.from));
                let before = to + 1;
                let _ = write!(text, "#[event(was({name}{ty}, before = {before}{said}))] ");
            }
        }
        if let How::Filled(fill) = field.how {
            let default = match fill {
                Fill::Value => field.ty.plain().map(|plain| plain.value),
                _ => None,
            };
            words.insert(if default.is_some() {
                "enum: field since, default"
            } else {
                "enum: field since"
            });
            let default = default.map_or_else(String::new, |value| format!(", default = {value}"));
            let _ = write!(text, "#[event(since = {to}{default})] ");
        }
        newer = Some(field);
    }
    text
}
