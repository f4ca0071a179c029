//! Histories of enums in events, and both templates for them: variants come, change their names, go, and what they hold
//! changes.

use std::collections::BTreeSet;

mod annotated;
mod making;
mod plain;

use annotated::annotated;
use making::make;

use crate::{
    model::{Child, Field},
    plain::value_test,
    random::Random,
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
