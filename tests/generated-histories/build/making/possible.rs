//! Which of the histories that chance brings can come to an end at all: from each version on some value has to become one
//! of today, or the two templates would be compared in their errors only.

use std::collections::BTreeMap;

use crate::{
    model::{Fill, History, How},
    types::{Conversion, Type, Way},
};

/// What is known of a value.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// A number, or what has one in it: small ones fit everywhere.
    Number,
    /// The text of a number.
    Digits,
    /// The name of a currency.
    Currency,
    /// Any text, drawn for this field; and whether its letters are capitals.
    Text { drawn: usize, capitals: bool },
    /// Always the same, or a text that nothing can be read from.
    Fixed,
}

/// As what a text that was drawn is read; as both it cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Number,
    Currency,
}

pub(super) fn is_possible(history: &History) -> bool {
    (1..history.latest()).all(|version| is_possible_from(history, version))
}

fn is_possible_from(history: &History, version: usize) -> bool {
    let mut reads = BTreeMap::new();
    let drawn = |(at, field): (usize, &crate::model::Field)| (field.id, any(field.ty, at));
    let mut known: BTreeMap<usize, Known> = history
        .at(version)
        .fields
        .iter()
        .enumerate()
        .map(drawn)
        .collect();
    for to in version + 1..=history.latest() {
        let mut next = BTreeMap::new();
        for field in &history.at(to).fields {
            let made = match field.how {
                How::Kept | How::Child => Some(known[&field.id]),
                How::Converted(one) => convert(one, known[&field.id], &mut reads),
                How::Filled(Fill::One(one, id)) => convert(one, known[&id], &mut reads),
                How::Filled(Fill::Trait | Fill::Value | Fill::Two(..)) => Some(Known::Fixed),
            };
            let Some(made) = made else { return false };
            next.insert(field.id, made);
        }
        known = next;
    }
    true
}

fn any(ty: Type, drawn: usize) -> Known {
    match ty.plain().map(|plain| plain.name) {
        Some("String" | "Box<str>" | "Option<String>") => Known::Text {
            drawn,
            capitals: false,
        },
        Some("Currency") => Known::Currency,
        _ => Known::Number,
    }
}

/// What is known of the new value; nothing where it never comes about.
fn convert(one: &Conversion, old: Known, reads: &mut BTreeMap<usize, Read>) -> Option<Known> {
    let (is_text, is_currency) = (
        matches!(one.to, "String" | "Box<str>" | "Option<String>"),
        one.to == "Currency",
    );
    match (old, one.way) {
        (Known::Fixed, Way::Try) => None,
        (Known::Fixed, _) => Some(Known::Fixed),
        (Known::Number, _) if is_text => {
            // The text of a `bool` is no number.
            let has_digits = one.from != "bool";
            Some(if has_digits {
                Known::Digits
            } else {
                Known::Fixed
            })
        }
        (Known::Number, _) => Some(Known::Number),
        (Known::Digits, Way::Try) if is_currency => None,
        (Known::Currency, Way::Try) if !is_currency => None,
        (Known::Text { drawn, capitals }, Way::Try) => {
            let read = if is_currency {
                Read::Currency
            } else {
                Read::Number
            };
            let fits = *reads.entry(drawn).or_insert(read) == read && !(capitals && is_currency);
            let made = if is_currency {
                Known::Currency
            } else {
                Known::Number
            };
            fits.then_some(made)
        }
        (old, _) if !is_text => Some(match old {
            Known::Currency if is_currency => Known::Currency,
            // The length of a text, or the number in it.
            _ => Known::Number,
        }),
        // In capitals a currency is none.
        (Known::Currency, Way::With) => Some(Known::Fixed),
        (Known::Text { drawn, .. }, Way::With) if one.from == "String" => Some(Known::Text {
            drawn,
            capitals: true,
        }),
        (old, _) => Some(old),
    }
}
