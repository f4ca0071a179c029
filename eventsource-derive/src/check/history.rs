//! The rules of a history: every version is described, and each description fits the others.

use std::collections::BTreeSet;

use syn::Attribute;

use super::{changes, names, nested, oldest, serde, steps, variants};
use crate::{
    ast::{Style, Versioned},
    attr::At,
    ctxt::Ctxt,
};

pub(super) fn versioned(cx: &mut Ctxt, of: &Versioned<'_>) {
    if !version_is_one(cx, of) {
        // Numbers would be compared with one that is none.
        return;
    }
    newtype_has_no_fields_to_add(cx, of);
    numbers_are_in_range(cx, of);
    oldest::check(cx, of);
    fills_have_a_field_to_fill(cx, of);
    looks_follow_each_other(cx, of);
    changes::check(cx, of);
    steps::check(cx, of);
    names::check(cx, of);
    serde::check(cx, of);
    variants::check(cx, of);
    shape_does_not_depend_on_the_build(cx, of);
    pin_is_a_pin(cx, of);
    nested::check(cx, of);
}

/// Every version above the oldest must say what the older shapes were, or what is stored could not be read.
///
/// `more` are versions that are described by what is not of the struct.
pub(super) fn every_version_is_described(
    cx: &mut Ctxt,
    of: &Versioned<'_>,
    more: impl Iterator<Item = u32>,
) {
    let (latest, first) = (of.latest(), of.oldest() + 1);
    if of.broken || latest < first {
        return;
    }
    let mut described: BTreeSet<u32> = of.steps.iter().map(|step| step.to.value).collect();
    described.extend(more);
    described.extend(of.containers.iter().map(|was| was.before.value));
    for explicit in &of.explicit {
        let version = explicit.version.value;
        described.extend([version, version.saturating_add(1)]);
    }
    for track in &of.tracks {
        let added = track.since.iter().chain(&track.gone);
        described.extend(added.map(|number| number.value));
        described.extend(track.was.iter().map(|was| was.before.value));
    }
    for variant in &of.variants {
        let added = variant.since.iter().chain(&variant.gone);
        described.extend(added.map(|number| number.value));
        described.extend(variant.was.iter().map(|was| was.before.value));
    }
    let mut missing = (first..=latest).filter(|version| !described.contains(version));
    let Some(first) = missing.next() else { return };
    let ident = of.ident;
    // Not all of them: there may be four thousand million.
    let also = if missing.next().is_some() {
        ", nor in others after it"
    } else {
        ""
    };
    let described_at = format!(
        "`since = {first}`, `was(.., before = {first})` or `had(.., before = {first})`, \
         or with `step({first}, with = f)` if only the meaning changed"
    );
    cx.error_at(
        of.version.span,
        format_args!(
            "nothing says what changed in version {first} of `{ident}`{also}\nhelp: describe it with {described_at}"
        ),
    );
}

fn version_is_one(cx: &mut Ctxt, of: &Versioned<'_>) -> bool {
    if of.latest() == 0 {
        cx.error_at(
            of.version.span,
            "versions start at 1\nhelp: remove `version` for the first version of an event",
        );
    }
    of.latest() > 0
}

/// The one value of a newtype has no name and was always there; a unit struct has nothing.
fn newtype_has_no_fields_to_add(cx: &mut Ctxt, of: &Versioned<'_>) {
    if of.style != Style::Unnamed {
        return;
    }
    let ident = of.ident;
    if of.tracks.iter().all(|track| track.field.is_none())
        && let Some(skipped) = of.skipped.first()
    {
        cx.error(
            &skipped.field.ty,
            format_args!("the one value of `{ident}` is under `serde(skip)`, so nothing of it would be stored\nhelp: write `struct {ident};`, or remove `skip`"),
        );
    }
    for track in &of.tracks {
        if let Some(gone) = &track.gone {
            cx.error_at(
                track.at,
                format_args!(
                    "`{ident}` is one value without a name, so it had no field `{}` before version {}\n\
                     help: write the older shape as a struct of its own: `v{} = OldShape`",
                    track.name,
                    gone.value,
                    gone.value.saturating_sub(1)
                ),
            );
        } else if let Some(since) = &track.since {
            cx.error_at(
                since.span,
                format_args!("the one value of `{ident}` was always there\nhelp: say what it was: `was(_: OldType, before = {})`", since.value),
            );
        }
        for was in &track.was {
            if let Some(old) = &was.name {
                cx.error(
                    old,
                    format_args!(
                        "the one value of `{ident}` has no name, and had none\nhelp: write `was(_: OldType, before = {})`",
                        was.before.value
                    ),
                );
            }
        }
    }
}

fn numbers_are_in_range(cx: &mut Ctxt, of: &Versioned<'_>) {
    for track in &of.tracks {
        if let Some(since) = &track.since {
            change_is_in_range(cx, of, "since", since);
        }
        for before in track.was.iter().map(|was| &was.before).chain(&track.gone) {
            change_is_in_range(cx, of, "before", before);
        }
    }
    for was in &of.containers {
        change_is_in_range(cx, of, "before", &was.before);
    }
    for step in &of.steps {
        let (to, ident, latest) = (step.to.value, of.ident, of.latest());
        if to < 2 {
            cx.error_at(
                step.to.span,
                format_args!("versions start at 1, so no step leads to version {to}; the first is `step(2, ..)`"),
            );
        } else if to > latest {
            cx.error_at(
                step.to.span,
                format_args!("`step({to}, ..)`, but `{ident}` is only at version {latest}\nhelp: set `version = {to}`"),
            );
        }
    }
}

/// A number names the version that introduced a change: the first one introduced nothing.
pub(super) fn change_is_in_range(cx: &mut Ctxt, of: &Versioned<'_>, word: &str, number: &At<u32>) {
    let (value, ident, latest) = (number.value, of.ident, of.latest());
    if value < 2 {
        cx.error_at(
            number.span,
            format_args!(
                "versions start at 1, so `{word} = {value}` describes nothing; the first change is `{word} = 2`"
            ),
        );
    } else if value > latest {
        cx.error_at(
            number.span,
            format_args!("`{word} = {value}`, but `{ident}` is only at version {latest}\nhelp: set `version = {value}`"),
        );
    }
}

/// `default = 3` on a field that was always there would never be used.
fn fills_have_a_field_to_fill(cx: &mut Ctxt, of: &Versioned<'_>) {
    if of.broken {
        return;
    }
    for track in of.tracks.iter().filter(|track| track.since.is_none()) {
        if let Some((word, value)) = track.fill.said() {
            let mend = if track.gone.is_some() || word == "default" {
                "add `since = N`".to_owned()
            } else {
                format!("add `since = N`, or move this into `was(.., {word} = ..)`")
            };
            cx.error_at(
                value.span,
                format_args!(
                    "`{}` has always been there, so nothing fills it in\nhelp: {mend}",
                    track.name
                ),
            );
        }
    }
}

/// Each look of a field has versions of its own, after the field was added.
fn looks_follow_each_other(cx: &mut Ctxt, of: &Versioned<'_>) {
    for track in &of.tracks {
        let name = &track.name;
        if let (Some(since), Some(gone)) = (&track.since, &track.gone)
            && gone.value <= since.value
            && in_range(of, gone)
            && in_range(of, since)
        {
            cx.error_at(
                gone.span,
                format_args!(
                    "`{name}` would have been removed in version {} before it was added in version {}",
                    gone.value, since.value
                ),
            );
        }
        for (index, was) in track.was.iter().enumerate() {
            let before = was.before.value;
            if !in_range(of, &was.before) {
                continue;
            }
            if let Some(since) = &track.since
                && in_range(of, since)
                && before <= since.value
            {
                cx.error_at(
                    was.before.span,
                    format_args!(
                        "`{name}` was added in version {}, so it had no earlier form before version {before}",
                        since.value
                    ),
                );
            } else if index > 0 && track.was[index - 1].before.value == before {
                cx.error_at(
                    was.before.span,
                    format_args!(
                        "two descriptions of `{name}` before version {before}\n\
                         help: merge them: `was(old_name: OldType, before = {before})`"
                    ),
                );
            }
        }
    }
}

pub(super) fn in_range(of: &Versioned<'_>, number: &At<u32>) -> bool {
    (2..=of.latest()).contains(&number.value)
}

/// Under a `#[cfg]` one version would be two shapes.
fn shape_does_not_depend_on_the_build(cx: &mut Ctxt, of: &Versioned<'_>) {
    if of.latest() == 1 && of.pin.is_none() {
        return;
    }
    let fields = of.tracks.iter().filter_map(|track| track.field);
    for field in fields.chain(of.skipped.iter().map(|skipped| skipped.field)) {
        let cfg =
            |attr: &&Attribute| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr");
        if let Some(attr) = field.attrs.iter().find(cfg) {
            cx.error(
                &attr.meta,
                format_args!(
                    "a field that only some builds have gives one version of `{}` two shapes\n\
                     help: make it an `Option` that is always there",
                    of.ident
                ),
            );
        }
    }
}

fn pin_is_a_pin(cx: &mut Ctxt, of: &Versioned<'_>) {
    let Some(pin) = &of.pin else { return };
    let digits = pin
        .value
        .chars()
        .all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    if pin.value.len() != 8 || !digits {
        cx.error_at(
            pin.span,
            "a pinned shape is eight of the digits 0 to 9 and a to f\n\
             help: write `shape = \"00000000\"`; the compiler then says what it is",
        );
    }
}
