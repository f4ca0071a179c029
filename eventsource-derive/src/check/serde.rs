//! What serde's attributes mean for older shapes. The list is closed: an attribute either belongs to every shape that
//! the rules below give it to, or is refused where there are older shapes.

use proc_macro2::Span;

use crate::{
    ast::{Open, Style, Track, Versioned, Why},
    attr::SerdeItem,
    ctxt::Ctxt,
};

/// On the type: what the older shapes have, too, and what concerns writing only.
const ON_THE_TYPE: &[&str] = &["rename_all", "deny_unknown_fields", "expecting", "rename"];
/// On an enum, which has its variants in storage.
const ON_AN_ENUM: &[&str] = &["rename_all_fields", "tag", "content", "untagged"];
/// On a field, likewise.
const ON_A_FIELD: &[&str] = &[
    "rename",
    "alias",
    "default",
    "flatten",
    "with",
    "deserialize_with",
];

pub(super) fn check(cx: &mut Ctxt, of: &Versioned<'_>) {
    skipped_fields_have_no_history(cx, of);
    if of.latest() == 1 && of.pin.is_none() {
        // There is one shape, and serde knows what it is.
        return;
    }
    flatten_and_deny_do_not_meet(cx, of);
    if !of.has_generated_shapes() {
        // What was written by hand has its own attributes.
        return;
    }
    attributes_are_known(cx, of);
    attributes_of_old_looks_are_stated(cx, of);
    default_of_new_events_is_not_meant_for_old_ones(cx, of);
}

/// A field that is never stored has no shape.
fn skipped_fields_have_no_history(cx: &mut Ctxt, of: &Versioned<'_>) {
    let all = of
        .skipped
        .iter()
        .chain(of.variants.iter().flat_map(|variant| &variant.skipped));
    for skipped in all.filter(|skipped| skipped.history) {
        let ident = &skipped.ident;
        cx.error(
            ident,
            format_args!(
                "`{ident}` is under `serde(skip)`: it is never stored, so it has no history\nhelp: remove `#[event(..)]` from it"
            ),
        );
    }
}

/// serde does not support the pair: what is flattened takes the fields that would be unknown.
fn flatten_and_deny_do_not_meet(cx: &mut Ctxt, of: &Versioned<'_>) {
    if !of.serde.iter().any(|item| item.is("deny_unknown_fields")) {
        return;
    }
    let looks = of.tracks.iter().flat_map(|track| &track.looks);
    let mut items = looks.flat_map(|look| &look.serde);
    if let Some(item) = items.find(|item| item.is("flatten")) {
        cx.error(
            item,
            "`flatten` and `deny_unknown_fields` do not go together: what is flattened takes every field",
        );
    }
}

/// An older shape is read by the same attributes; what cannot be copied would be lost in silence.
fn attributes_are_known(cx: &mut Ctxt, of: &Versioned<'_>) {
    let ident = of.ident;
    let containers = of.containers.iter().flat_map(|was| &was.serde);
    for item in of.serde.iter().chain(containers) {
        let on_an_enum = of.style == Style::Enum && ON_AN_ENUM.iter().any(|known| item.is(known));
        if on_an_enum || ON_THE_TYPE.iter().any(|known| item.is(known)) {
            continue;
        }
        let help = if item.is("default") {
            "write `#[serde(default)]` on the fields"
        } else {
            "write the older shapes by hand, `v1 = OldShape`, and this attribute where it belongs"
        };
        refuse(cx, item, &format!("the older shapes of `{ident}`"), help);
    }
    for track in &of.tracks {
        let looks = track.looks.iter().flat_map(|look| &look.serde);
        let mut seen: Vec<String> = Vec::new();
        for item in track.serde.iter().chain(looks) {
            let text = item.key.to_string();
            if item.is_about_writing()
                || ON_A_FIELD.iter().any(|known| item.is(known))
                || seen.contains(&text)
            {
                continue;
            }
            seen.push(text);
            let what = format!("the older shapes of `{}`", track.name);
            refuse(
                cx,
                item,
                &what,
                "give the field a type of its own that does this",
            );
        }
    }
}

fn refuse(cx: &mut Ctxt, item: &SerdeItem, what: &str, help: &str) {
    let key = &item.key;
    cx.error(
        key,
        format_args!("`serde({key})` cannot be given to {what}\nhelp: {help}"),
    );
}

/// A field that was called otherwise may have been written under another name than today's `rename`; one of another
/// type was read by another function. What is stated states all of it.
fn attributes_of_old_looks_are_stated(cx: &mut Ctxt, of: &Versioned<'_>) {
    for track in &of.tracks {
        for look in &track.looks {
            if let Some(open) = &look.open {
                report(cx, look.at, &format!("`{}`", track.name), open, look.before);
            }
        }
    }
    for was in &of.containers {
        if let Some(open) = &was.open {
            let (what, before) = (format!("`{}`", of.ident), Some(was.before.value));
            report(cx, was.before.span, &what, open, before);
        }
    }
}

/// Reports an attribute that an older look has or has not.
pub(super) fn report(cx: &mut Ctxt, at: Span, what: &str, open: &Open, before: Option<u32>) {
    let (key, before) = (open.item.key(), before.unwrap_or_default());
    let (has, when) = match open.until {
        None => ("has", "today".to_owned()),
        Some(until) => ("had", format!("before version {until}")),
    };
    let example = example(&open.item);
    let value = if open.item.has_value() { " = .." } else { "" };
    match open.why {
        Why::Unsaid => {
            let mut kept = String::new();
            for item in open.kept.iter().filter(|item| !item.is_about_writing()) {
                kept.push_str(", ");
                kept.push_str(&self::example(item));
            }
            let none = if kept.is_empty() {
                "serde()".to_owned()
            } else {
                format!("serde(not({key}){kept})")
            };
            cx.error_at(
                at,
                format_args!(
                    "{what} {has} `serde({key}{value})` {when}; it is not said what it had before version {before}\n\
                     help: add `serde({example}{kept})`, or `{none}` for none"
                ),
            );
        }
        Why::LeftOut => cx.error_at(
            at,
            format_args!(
                "{what} {has} `serde({key}{value})` {when}; it is not said whether it had it before version {before}\n\
                 help: put `{example}` into the `serde(..)` of this, or `not({key})` if it had none"
            ),
        ),
        Why::NotThere => cx.error(
            &open.item,
            format_args!("{what} {has} no `serde({key})` {when}, so there is none to take away\nhelp: remove `not({key})`"),
        ),
    }
}

/// The attribute as an example: its value may have been another one.
fn example(item: &SerdeItem) -> String {
    let value = if item.has_value() { " = \"..\"" } else { "" };
    format!("{}{value}", item.key())
}

/// `serde(default = "f")` is for events of this version in which the field is missing; older ones need a word of ours.
fn default_of_new_events_is_not_meant_for_old_ones(cx: &mut Ctxt, of: &Versioned<'_>) {
    let added = |track: &&Track<'_>| track.since.is_some() && track.fill.said().is_none();
    for track in of.tracks.iter().filter(added) {
        let named = |item: &&SerdeItem| item.is("default") && item.has_value();
        if let Some(item) = track.serde.iter().find(named) {
            cx.error(
                item,
                format_args!(
                    "this is the value of `{}` where a new event leaves it out; older events would get `Default`\n\
                     help: say what older events get: `since = {}, default = ..`",
                    track.name,
                    track.since.as_ref().map_or(2, |since| since.value)
                ),
            );
        }
    }
}
