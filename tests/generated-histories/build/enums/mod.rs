//! Histories of enums in events, and both templates for them: variants come, change their names, go, and what they hold
//! changes.

use std::{collections::BTreeSet, fmt::Write as _};

mod plain;

use crate::{
    model::{Child, Field, Fill, How},
    plain::value_test,
    random::Random,
    types::{CONVERSIONS, TYPES, Type, Way},
};

/// Every word that has to occur in an enum.
pub(crate) const WORDS: &[&str] = &[
    "enum: was",
    "enum: since",
    "enum: had, with",
    "enum: had, try_with",
    "enum: was serde",
    "enum: field was",
    "enum: field was, with",
    "enum: field was, try_with",
    "enum: field was, name",
    "enum: field since",
    "enum: field since, default",
];

const NAMES: &[&str] = &[
    "Cash",
    "CreditCard",
    "Cheque",
    "Self_",
    "Old",
    "New",
    "BankTransfer",
    "Error",
    "Value",
    "Ok",
];
const FIELDS: &[&str] = &["amount", "old", "r#type", "total_cents", "note", "value"];
const CASES: &[&str] = &["snake_case", "kebab-case", "SCREAMING_SNAKE_CASE"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Unit,
    Tuple,
    Named,
}

#[derive(Debug, Clone)]
struct Variant {
    id: usize,
    name: &'static str,
    style: Style,
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
struct Version {
    variants: Vec<Variant>,
    case: Option<&'static str>,
}

/// What a variant that is gone becomes, today: one of the two that stay for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// The variant 0, which holds nothing.
    Nothing,
    /// The variant 1, which holds a text: that of all its fields.
    Text,
    /// The variant 0 if the first field, a `u8`, is small.
    Checked,
}

struct Enum {
    versions: Vec<Version>,
    /// The variant, the version that removed it, and what it becomes.
    gone: Vec<(usize, usize, Becomes)>,
}

/// An enum as code, with the words that it uses.
pub(crate) fn write(random: &mut Random, id: &str) -> (Child, String, BTreeSet<&'static str>) {
    let made = make(random);
    let mut words = BTreeSet::new();
    let text = annotated(&made, random, &mut words)
        + &plain::plain(&made)
        + &value_test(id, made.versions.len());
    let mut fields = made.versions.iter().flat_map(|version| &version.variants);
    let child = Child {
        id: id.to_owned(),
        latest: made.versions.len(),
        can_fail: fields.any(|variant| variant.fields.iter().any(Field::can_fail))
            || made.gone.iter().any(|gone| gone.2 == Becomes::Checked),
    };
    (child, text, words)
}

fn make(random: &mut Random) -> Enum {
    let latest = 2 + random.below(3);
    let mut next = 0;
    let case = random.percent(50).then(|| *random.of(CASES));
    let mut now = Version {
        variants: Vec::new(),
        case,
    };
    for style in [Style::Unit, Style::Tuple, Style::Named, Style::Tuple] {
        add(random, &mut now, &mut next, Some(style));
    }
    let mut made = Enum {
        versions: vec![now.clone()],
        gone: Vec::new(),
    };
    for to in 2..=latest {
        for field in now.variants.iter_mut().flat_map(|one| &mut one.fields) {
            field.how = How::Kept;
        }
        let older = now.clone();
        let mut changes = 0;
        while changes < 2 {
            changes += usize::from(change(random, &mut now, &mut made, &older, &mut next, to));
        }
        made.versions.push(now.clone());
    }
    made
}

/// A variant that was not there; the first two are those that stay.
fn add(random: &mut Random, now: &mut Version, next: &mut usize, style: Option<Style>) -> bool {
    let name = *random.of(NAMES);
    let Some(name) = fresh(now, name).or_else(|| NAMES.iter().find_map(|name| fresh(now, name)))
    else {
        return false;
    };
    let id = now
        .variants
        .iter()
        .map(|one| one.id + 1)
        .max()
        .unwrap_or(0)
        .max(*next);
    let style = style.unwrap_or_else(|| *random.of(&[Style::Unit, Style::Tuple, Style::Named]));
    let count = match (id, style) {
        (_, Style::Unit) => 0,
        (1, _) => 1,
        _ => 1 + random.below(2),
    };
    let mut fields: Vec<Field> = Vec::new();
    for number in 0..count {
        let shown: Vec<_> = TYPES.iter().filter(|ty| ty.display).collect();
        let &ty = random.of(&shown);
        let ty = if id == 1 {
            Type::named("String")
        } else {
            Type::Plain(ty)
        };
        let name = FIELDS[(random.below(3) + 3 * number) % FIELDS.len()];
        fields.push(Field {
            id: number,
            name,
            ty,
            rename: None,
            how: How::Kept,
        });
    }
    now.variants.push(Variant {
        id,
        name,
        style,
        fields,
    });
    *next = id + 1;
    true
}

fn fresh(now: &Version, name: &'static str) -> Option<&'static str> {
    now.variants
        .iter()
        .all(|one| one.name != name)
        .then_some(name)
}

fn change(
    random: &mut Random,
    now: &mut Version,
    made: &mut Enum,
    older: &Version,
    next: &mut usize,
    to: usize,
) -> bool {
    let at = random.below(now.variants.len());
    let name = *random.of(NAMES);
    let free = fresh(now, name).is_some();
    let id = now.variants[at].id;
    let Some(was) = older.variants.iter().find(|one| one.id == id) else {
        return false;
    };
    let many = now.variants.len() > 3;
    let one = &mut now.variants[at];
    match random.below(10) {
        0 => add(random, now, next, None),
        1 => {
            let case = random.percent(70).then(|| *random.of(CASES));
            let changed = case != older.case && now.case == older.case;
            if changed {
                now.case = case;
            }
            changed
        }
        2 if free && one.name == was.name => {
            one.name = name;
            true
        }
        3 if id > 1 && many => {
            // What is gone has one look: `had` tells of one.
            let same = |version: &Version| {
                let variant = version.variants.iter().find(|one| one.id == id);
                variant.is_none_or(|variant| {
                    let mut fields = variant.fields.iter().zip(&was.fields);
                    variant.name == was.name
                        && variant.fields.len() == was.fields.len()
                        && fields.all(|(one, other)| {
                            (one.name, one.ty) == (other.name, other.ty)
                                && matches!(other.how, How::Kept)
                                && matches!(one.how, How::Kept)
                        })
                })
            };
            if !made.versions.iter().all(same) || !same(now) {
                return false;
            }
            let small = was
                .fields
                .first()
                .is_some_and(|one| one.ty == Type::named("u8"));
            let becomes = match random.below(3) {
                0 if !was.fields.is_empty() => Becomes::Text,
                1 if small => Becomes::Checked,
                _ => Becomes::Nothing,
            };
            now.variants.remove(at);
            made.gone.push((id, to, becomes));
            true
        }
        // What the first two hold is what others become.
        4 | 5 if id > 1 && !one.fields.is_empty() => {
            let which = random.below(one.fields.len());
            let field = &mut one.fields[which];
            let conversions: Vec<_> = CONVERSIONS
                .iter()
                .filter(|one| field.ty.plain().is_some_and(|plain| plain.name == one.from))
                .collect();
            if conversions.is_empty()
                || !matches!(field.how, How::Kept)
                || which >= was.fields.len()
            {
                return false;
            }
            let &conversion = random.of(&conversions);
            field.ty = Type::named(conversion.to);
            field.how = How::Converted(conversion);
            true
        }
        6..=9 if one.style == Style::Named => {
            let name = *random.of(FIELDS);
            if one.fields.iter().any(|field| field.name == name) {
                return false;
            }
            if random.percent(50) {
                let which = random.below(was.fields.len());
                let renamed = one.fields[which].name != was.fields[which].name;
                one.fields[which].name = name;
                return !renamed;
            }
            let fill = *random.of(&[Fill::Trait, Fill::Value]);
            one.fields.push(Field {
                id: one.fields.len(),
                name,
                ty: Type::Plain(random.of(TYPES)),
                rename: None,
                how: How::Filled(fill),
            });
            true
        }
        _ => false,
    }
}

impl Enum {
    fn latest(&self) -> usize {
        self.versions.len()
    }

    fn variant(&self, version: usize, id: usize) -> Option<&Variant> {
        let mut variants = self.versions[version - 1].variants.iter();
        variants.find(|one| one.id == id)
    }

    /// The first version that has a variant.
    fn since(&self, id: usize) -> usize {
        let has = |version: &usize| self.variant(*version, id).is_some();
        (1..=self.latest()).find(has).expect("it was there")
    }

    fn today(&self, id: usize) -> &'static str {
        self.variant(self.latest(), id).expect("it stays").name
    }
}

fn type_name(field: &Field) -> &'static str {
    field.ty.plain().expect("enums hold no histories").name
}

fn annotated(made: &Enum, random: &mut Random, words: &mut BTreeSet<&'static str>) -> String {
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

/// A variant with what it holds: `K1(a, b)`, or `K1 { f0: a }`.
fn held(one: &Variant, name: &str, value: impl Fn(&Field) -> String, names: bool) -> String {
    let values: Vec<_> = (one.fields.iter())
        .map(|field| match (one.style, names) {
            (Style::Named, true) => format!("{}: {}", field.name, value(field)),
            (Style::Named, false) => format!("f{}: {}", field.id, value(field)),
            _ => value(field),
        })
        .collect();
    match one.style {
        Style::Unit => name.to_owned(),
        Style::Tuple => format!("{name}({})", values.join(", ")),
        Style::Named => format!("{name} {{ {} }}", values.join(", ")),
    }
}
