//! The rules of an aggregate.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Data, DeriveInput, GenericParam, Path};

use super::helper_stands_on_the_type;
use crate::{
    ast::{Aggregate, AggregateEvent, EnumClash},
    attr,
    ctxt::Ctxt,
    name, print,
};

pub(crate) fn aggregate(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    aggregate_is_not_a_union(cx, aggregate);
    owns_its_state(cx, aggregate.original);
    helper_stands_on_the_type(cx, aggregate.original, &attr::AGGREGATE);
    aggregate_has_its_keys(cx, aggregate);
    category_can_be_stored(cx, aggregate);
    events_are_listed_once(cx, aggregate);
    retired_is_said_once(cx, aggregate);
    retired_is_not_listed(cx, aggregate);
    enum_has_a_name_of_its_own(cx, aggregate);
    creator_is_listed(cx, aggregate);
    debug_is_not_derived(cx, aggregate);
}

fn aggregate_is_not_a_union(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    if let Data::Union(data) = &aggregate.original.data {
        cx.error(
            data.union_token,
            "#[derive(Aggregate)] goes on a struct or an enum: a union cannot be a state",
        );
    }
}

/// Nothing in a stored stream says which `T` it was.
pub(super) fn owns_its_state(cx: &mut Ctxt, original: &DeriveInput) {
    let ident = &original.ident;
    for param in &original.generics.params {
        match param {
            GenericParam::Lifetime(param) => {
                let lifetime = &param.lifetime;
                cx.error(
                    lifetime,
                    format_args!(
                        "an aggregate owns its state: `{ident}` cannot borrow for `{lifetime}`\n\
                         help: replace `&{lifetime} str` by `String`, and so on"
                    ),
                );
            }
            GenericParam::Type(syn::TypeParam { ident: param, .. })
            | GenericParam::Const(syn::ConstParam { ident: param, .. }) => cx.error(
                param,
                format_args!(
                    "an aggregate is not generic: `{param}` cannot be known when the stream is read back\n\
                     help: use one aggregate type for each `{param}`"
                ),
            ),
        }
    }
}

/// Each of the four keys is needed; a forgotten one is never guessed.
fn aggregate_has_its_keys(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    if aggregate.seen.broken {
        return;
    }
    let ident = aggregate.ident;
    let plain = name::of(ident);
    let all = [
        (
            "name",
            format!("name = \"{}\"", name::suggested(ident)),
            aggregate.name.is_some(),
        ),
        ("id", format!("id = {plain}Id"), aggregate.id.is_some()),
        (
            "error",
            format!("error = {plain}Error"),
            aggregate.error.is_some(),
        ),
        ("events", "events(..)".to_owned(), aggregate.list.is_some()),
    ];
    let missing = || all.iter().filter(|(_, _, present)| !present);
    let words: Vec<String> = missing().map(|(word, ..)| format!("`{word}`")).collect();
    let code: Vec<&str> = missing().map(|(_, code, _)| code.as_str()).collect();
    let words = match words.as_slice() {
        [] => {
            if let (Some(list), []) = (aggregate.list, aggregate.events.as_slice()) {
                cx.error_at(
                    list,
                    format_args!(
                        "aggregate `{ident}` lists no event\nhelp: write `events(Opened, ..)`"
                    ),
                );
            }
            return;
        }
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    };
    cx.error(
        ident,
        format_args!(
            "missing {words} on aggregate `{ident}`\nhelp: add `#[aggregate({})]`",
            code.join(", ")
        ),
    );
}

fn category_can_be_stored(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    if let Some(name) = &aggregate.name
        && let Err(problem) = name::CATEGORY.check(&name.value)
    {
        cx.error_at(name.span, problem);
    }
}

/// Each event is one variant. Two paths of one last segment need an alias.
fn events_are_listed_once(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    let mut paths = BTreeSet::new();
    let mut variants = BTreeMap::new();
    for event in &aggregate.events {
        let variant = name::of(&event.variant);
        if !paths.insert(event.key()) {
            cx.error(
                &event.path,
                format_args!("`{}` is listed twice", event.text),
            );
        } else if let Some(first) = variants.insert(variant, &event.text) {
            let (text, variant) = (&event.text, &event.variant);
            let plain = name::of(variant);
            cx.error(
                &event.path,
                format_args!(
                    "`{first}` and `{text}` would both be `{}::{variant}`\n\
                     help: write `{text} as Other{plain}`",
                    aggregate.event_enum
                ),
            );
        }
    }
}

/// A retired event becomes one thing, which one function says.
fn retired_is_said_once(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for retired in &aggregate.retired {
        let (name, path) = (&retired.name, &retired.path);
        if !names.insert(&name.value) {
            cx.error_at(
                name.span,
                format_args!("\"{}\" is retired twice", name.value),
            );
        } else if !paths.insert(retired.key()) {
            let text = &retired.text;
            cx.error(path, format_args!("`{text}` is retired twice"));
        }
    }
}

/// What can still happen is not retired.
fn retired_is_not_listed(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    let listed: BTreeSet<_> = aggregate.events.iter().map(AggregateEvent::key).collect();
    for retired in &aggregate.retired {
        let text = &retired.text;
        if listed.contains(retired.key()) {
            cx.error(
                &retired.path,
                format_args!(
                    "`{text}` is listed and retired\nhelp: remove it from `events(..)` if it is not to happen again"
                ),
            );
        }
    }
}

/// The generated enum stands beside the state.
fn enum_has_a_name_of_its_own(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    let name = name::of(&aggregate.event_enum);
    let help = format!(
        "help: write `event_enum = {}Events`",
        name::of(aggregate.ident)
    );
    match aggregate.enum_clash() {
        None => {}
        Some(EnumClash::State) => cx.error(
            &aggregate.event_enum,
            format_args!("the state itself is called `{name}`\n{help}"),
        ),
        Some(EnumClash::Event(event)) => cx.error(
            &event.path,
            format_args!("the generated enum is called `{name}`, too\n{help}"),
        ),
    }
}

/// An event that is not in the list would be unknown when the stream is read.
fn creator_is_listed(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    if aggregate.seen.broken || aggregate.list.is_none() || aggregate.events.is_empty() {
        return;
    }
    if let (Some(path), None) = (&aggregate.created_by, aggregate.creator()) {
        let text = print::tokens(path);
        if aggregate.retired.iter().any(|retired| retired.text == text) {
            let ident = aggregate.ident;
            cx.error(
                path,
                format_args!(
                    "`{text}` is retired, so it cannot create aggregate `{ident}`\nhelp: name the event that it becomes"
                ),
            );
            return;
        }
        cx.error(
            path,
            format_args!(
                "`{text}` creates aggregate `{}`, but is not in its list\nhelp: write `events({text}, ..)`",
                aggregate.ident
            ),
        );
    }
}

/// `Debug` is written by the derive, since it works where an event has none.
fn debug_is_not_derived(cx: &mut Ctxt, aggregate: &Aggregate<'_>) {
    for path in aggregate.event_derives.iter().filter(|path| is_debug(path)) {
        cx.error(
            path,
            format_args!("`{}` has `Debug` already", aggregate.event_enum),
        );
    }
}

pub(crate) fn is_debug(path: &Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| last.ident == "Debug")
}
