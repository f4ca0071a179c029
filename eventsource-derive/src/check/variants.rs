//! The rules of an enum with a history: every variant that was stored leads to one of today.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{change_is_in_range, in_range};
use crate::{
    ast::{Style, Versioned},
    ctxt::Ctxt,
    name,
};

/// On a variant: what the older shapes have, too.
const ON_A_VARIANT: &[&str] = &[
    "rename",
    "alias",
    "rename_all",
    "other",
    "untagged",
    "skip_serializing",
];

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    numbers_are_in_range(cx, of);
    only_the_name_of_a_variant_changes(cx, of);
    looks_follow_each_other(cx, of);
    gone_variants_become_something(cx, of);
    fields_are_filled_without_the_old_value(cx, of);
    no_name_is_used_twice(cx, of);
    attributes_are_known(cx, of);
}

fn numbers_are_in_range(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in &of.variants {
        if let Some(since) = &variant.since {
            change_is_in_range(cx, of, "since", since);
        }
        for before in variant
            .was
            .iter()
            .map(|was| &was.before)
            .chain(&variant.gone)
        {
            change_is_in_range(cx, of, "before", before);
        }
    }
}

/// What a variant holds changes field by field.
fn only_the_name_of_a_variant_changes(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in &of.variants {
        let name = &variant.name;
        for was in &variant.was {
            let before = was.before.value;
            let other = was.ty.is_some() || was.how.said().is_some();
            let same =
                was.name.as_ref().is_none_or(|old| name::of(old) == *name) && was.serde.is_none();
            if other || same {
                cx.error_at(
                    was.at,
                    format_args!(
                        "a variant was called otherwise: `was(OldName, before = {before})`\n\
                         help: what its fields were stands on the fields"
                    ),
                );
            }
        }
    }
}

fn looks_follow_each_other(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in &of.variants {
        let name = &variant.name;
        let since = variant.since.as_ref().filter(|since| in_range(of, since));
        let ends = variant
            .was
            .iter()
            .map(|was| &was.before)
            .chain(&variant.gone);
        let mut earlier = None;
        for end in ends.filter(|end| in_range(of, end)) {
            if let Some(since) = since
                && end.value <= since.value
            {
                cx.error_at(
                    end.span,
                    format_args!(
                        "`{name}` was added in version {}, so there was none before version {}",
                        since.value, end.value
                    ),
                );
            } else if earlier == Some(end.value) {
                cx.error_at(
                    end.span,
                    format_args!("two descriptions of `{name}` before version {}", end.value),
                );
            }
            earlier = Some(end.value);
        }
    }
}

/// A variant that is gone was stored all the same.
fn gone_variants_become_something(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in of.variants.iter().filter(|variant| variant.gone.is_some()) {
        if variant.how.said().is_none() && !of.broken {
            let (name, ident) = (&variant.name, of.ident);
            cx.error_at(
                variant.at,
                format_args!(
                    "nothing says what an old `{name}` becomes\nhelp: add `with = f`, where `f` makes a `{ident}` of its fields"
                ),
            );
        }
    }
}

/// The old value is another variant, or it has no field to look at.
fn fields_are_filled_without_the_old_value(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in &of.variants {
        for track in &of.tracks[variant.fields.clone()] {
            let Some(since) = &track.since else { continue };
            if let Some((word @ ("with" | "try_with"), value)) = track.fill.said() {
                cx.error_at(
                    value.span,
                    format_args!(
                        "in a variant a field is filled with `default = ..`, not with `{word}`\n\
                         help: put the fields of `{}` into a struct that derives `Schema`, or write `step({}, {word} = ..)`",
                        variant.name, since.value
                    ),
                );
            } else if variant.style != Style::Named {
                cx.error_at(
                    since.span,
                    format_args!(
                        "the places of `{}` have no names, so none can be added",
                        variant.name
                    ),
                );
            }
        }
    }
}

fn no_name_is_used_twice(cx: &mut Ctxt, of: &Versioned<'_>) {
    if of.broken {
        return;
    }
    let mut reported = BTreeSet::new();
    let all = of.variants.iter().flat_map(|variant| &variant.looks);
    let versions: BTreeSet<u32> = all
        .map(|look| look.from)
        .filter(|from| *from <= of.latest())
        .collect();
    for version in versions {
        let mut names = BTreeMap::new();
        for look in of
            .variants
            .iter()
            .filter_map(|variant| variant.look_at(version))
        {
            let name = name::of(&look.name);
            if let Some(first) = names.insert(name.clone(), look.at)
                && reported.insert(name.clone())
            {
                cx.error_at(
                    look.at,
                    format_args!("two variants were called `{name}` in version {version}"),
                );
                cx.error_at(first, format_args!("the other `{name}` is here"));
            }
        }
    }
}

fn attributes_are_known(cx: &mut Ctxt, of: &Versioned<'_>) {
    if !of.has_generated_shapes() {
        return;
    }
    for variant in &of.variants {
        let name = &variant.name;
        for item in &variant.serde {
            if !ON_A_VARIANT.iter().any(|known| item.is(known)) {
                let key = &item.key;
                cx.error(
                    key,
                    format_args!("`serde({key})` cannot be given to the older shapes of `{name}`\nhelp: write the older shapes by hand, `v1 = OldShape`"),
                );
            }
        }
        for look in &variant.looks {
            if let Some(item) = &look.unstated {
                let key = &item.key;
                cx.error_at(
                    look.at,
                    format_args!(
                        "`{name}` has `serde({key} = ..)` today; it is not said what it had before version {}\n\
                         help: add `serde({key} = \"..\")`, or `serde()` for none",
                        look.before.unwrap_or_default()
                    ),
                );
            }
        }
    }
}
