//! Makes histories of enums.

use super::{Becomes, CASES, Enum, FIELDS, NAMES, Style, Variant, Version};
use crate::{
    model::{Field, Fill, How},
    random::Random,
    types::{CONVERSIONS, TYPES, Type},
};

pub(super) fn make(random: &mut Random) -> Enum {
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
