//! The rules of an enum with a history: every variant that was stored leads to one of today.

use std::collections::BTreeSet;

use super::{
    history::{change_is_in_range, in_range},
    serde, steps,
};
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
    changes_are_changes(cx, of);
    looks_follow_each_other(cx, of);
    fields_are_as_old_as_their_variant(cx, of);
    gone_variants_become_something(cx, of);
    fields_are_filled_without_the_old_value(cx, of);
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

/// `was(_, before = 2)` says that something changed, and not what.
fn changes_are_changes(cx: &mut Ctxt, of: &Versioned<'_>) {
    if of.broken {
        return;
    }
    for variant in &of.variants {
        for (was, pair) in variant.was.iter().zip(variant.looks.windows(2)) {
            let [older, newer] = pair else { continue };
            if name::of(&older.name) == name::of(&newer.name) && was.serde.is_none() {
                cx.error_at(
                    was.at,
                    format_args!(
                        "a variant had another name: `was(OldName, before = {})`\n\
                         help: what its fields were stands on the fields",
                        was.before.value
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

/// Before the variant was there, there was no field of it.
fn fields_are_as_old_as_their_variant(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in &of.variants {
        let Some(born) = variant.since.as_ref().filter(|since| in_range(of, since)) else {
            continue;
        };
        let (born, name) = (born.value, &variant.name);
        for track in &of.tracks[variant.fields.clone()] {
            let changes = track.was.iter().map(|was| ("before", &was.before));
            let since = track.since.iter().map(|since| ("since", since));
            for (word, number) in changes.chain(since) {
                if in_range(of, number) && number.value <= born {
                    cx.error_at(
                        number.span,
                        format_args!(
                            "`{name}` was added in version {born}, so nothing of it changed in version {}\n\
                             help: remove this; `{word}` is for what changed later",
                            number.value
                        ),
                    );
                }
            }
        }
    }
}

/// A variant that is gone was stored all the same.
fn gone_variants_become_something(cx: &mut Ctxt, of: &Versioned<'_>) {
    for variant in of.variants.iter().filter(|variant| variant.gone.is_some()) {
        let by_hand = variant.gone.as_ref();
        let by_hand = by_hand.and_then(|gone| steps::by_hand(of, gone.value));
        if variant.how.said().is_none() && by_hand.is_none() && !of.broken {
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

fn attributes_are_known(cx: &mut Ctxt, of: &Versioned<'_>) {
    if !of.has_generated_shapes() {
        return;
    }
    for variant in &of.variants {
        let name = &variant.name;
        let looks = variant.looks.iter().flat_map(|look| &look.serde);
        let mut seen = BTreeSet::new();
        for item in looks {
            let key = item.key();
            if !ON_A_VARIANT.contains(&&*key) && seen.insert(key.clone()) {
                cx.error(
                    &item.key,
                    format_args!("`serde({key})` cannot be given to the older shapes of `{name}`\nhelp: write the older shapes by hand, `v1 = OldShape`"),
                );
            }
        }
        for look in &variant.looks {
            if let Some(open) = &look.open {
                serde::report(cx, look.at, &format!("`{name}`"), open, look.before);
            }
        }
    }
}
