//! The rules of a projection and of a reaction. What is to be seen of the events and the aggregates themselves, constants
//! check that the expansion holds.

use std::collections::BTreeSet;

use syn::{Data, GenericParam};

use super::helper_stands_on_the_type;
use crate::{
    ast::{Named, Projection},
    ctxt::Ctxt,
    name,
};

pub(crate) fn projection(cx: &mut Ctxt, projection: &Projection<'_>) {
    is_not_a_union(cx, projection);
    is_not_generic(cx, projection);
    helper_stands_on_the_type(cx, projection.original, projection.helper);
    has_its_keys(cx, projection);
    name_can_be_kept(cx, projection);
    version_is_one_or_more(cx, projection);
    lives_in_one_place(cx, projection);
    lists_are_not_empty(cx, projection);
    nothing_is_named_twice(cx, projection);
    others_stand_alone(cx, projection);
}

fn is_not_a_union(cx: &mut Ctxt, projection: &Projection<'_>) {
    if let Data::Union(data) = &projection.original.data {
        let (derive, what) = if projection.is_reaction() {
            ("Reaction", "a reaction")
        } else {
            ("Projection", "a projection")
        };
        cx.error(
            data.union_token,
            format_args!(
                "#[derive({derive})] goes on a struct or an enum: a union cannot be {what}"
            ),
        );
    }
}

/// One name is kept, whatever `T` is.
fn is_not_generic(cx: &mut Ctxt, projection: &Projection<'_>) {
    let (ident, what) = (projection.ident, projection.helper.what);
    for param in &projection.original.generics.params {
        match param {
            GenericParam::Lifetime(param) => {
                let lifetime = &param.lifetime;
                cx.error(
                    lifetime,
                    format_args!(
                        "a {what} owns its state: `{ident}` cannot borrow for `{lifetime}`\n\
                         help: replace `&{lifetime} str` by `String`, and so on"
                    ),
                );
            }
            GenericParam::Type(syn::TypeParam { ident: param, .. })
            | GenericParam::Const(syn::ConstParam { ident: param, .. }) => cx.error(
                param,
                format_args!(
                    "a {what} is not generic: one name means one checkpoint\n\
                     help: use one {what} type for each `{param}`"
                ),
            ),
        }
    }
}

/// Each of them is needed; a forgotten one is never guessed.
fn has_its_keys(cx: &mut Ctxt, projection: &Projection<'_>) {
    if projection.seen.broken {
        return;
    }
    let (ident, what) = (projection.ident, projection.helper.what);
    let all = [
        (
            "name",
            format!("name = \"{}\"", name::suggested(ident)),
            projection.name.is_some(),
        ),
        (
            "version",
            "version = 1".to_owned(),
            projection.version.is_some() || projection.is_reaction(),
        ),
        ("from", "from(..)".to_owned(), projection.from.is_some()),
        (
            "events",
            "events(..)".to_owned(),
            projection.events.is_some(),
        ),
    ];
    let missing = || all.iter().filter(|(_, _, present)| !present);
    let words: Vec<String> = missing().map(|(word, ..)| format!("`{word}`")).collect();
    let code: Vec<&str> = missing().map(|(_, code, _)| code.as_str()).collect();
    let words = match words.as_slice() {
        [] => return,
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    };
    cx.error(
        ident,
        format_args!(
            "missing {words} on {what} `{ident}`\nhelp: add `#[{}({})]`",
            projection.helper.name,
            code.join(", ")
        ),
    );
}

fn name_can_be_kept(cx: &mut Ctxt, projection: &Projection<'_>) {
    let rule = if projection.is_reaction() {
        &name::REACTION
    } else {
        &name::PROJECTION
    };
    if let Some(name) = &projection.name
        && let Err(problem) = rule.check(&name.value)
    {
        cx.error_at(name.span, problem);
    }
}

fn version_is_one_or_more(cx: &mut Ctxt, projection: &Projection<'_>) {
    if let Some(version) = &projection.version
        && version.value == 0
    {
        cx.error_at(
            version.span,
            "versions start at 1\nhelp: write `version = 1` for the first version of a projection",
        );
    }
}

fn lives_in_one_place(cx: &mut Ctxt, projection: &Projection<'_>) {
    if let (Some(_), Some(other)) = (&projection.transaction, &projection.at_least_once) {
        cx.error_at(
            other.span,
            "`transaction` and `at_least_once` exclude each other: what is written in the store's transaction is \
             written exactly once\nhelp: remove one of them",
        );
    }
}

fn lists_are_not_empty(cx: &mut Ctxt, projection: &Projection<'_>) {
    let (ident, what) = (projection.ident, projection.helper.what);
    if let Some(list) = &projection.from
        && list.items.is_empty()
        && !list.broken
    {
        cx.error_at(
            list.key,
            format_args!("{what} `{ident}` names no aggregate\nhelp: write `from(Account, ..)`"),
        );
    }
    if let Some(list) = &projection.events
        && list.items.is_empty()
        && !list.broken
    {
        cx.error_at(
            list.key,
            format_args!("{what} `{ident}` lists no event\nhelp: write `events(Opened, ..)`"),
        );
    }
    if let Some(list) = &projection.ignored
        && list.items.is_empty()
        && !list.broken
        && projection.ignores_others.is_none()
    {
        cx.error_at(
            list.key,
            "`ignores()` names no event\nhelp: remove it, or write `ignores(..)` to ignore all events that are not listed",
        );
    }
}

fn nothing_is_named_twice(cx: &mut Ctxt, projection: &Projection<'_>) {
    let mut twice = |items: &[Named], how: &str| {
        let mut seen = BTreeSet::new();
        for item in items {
            if !seen.insert(item.key().to_owned()) {
                let text = &item.text;
                cx.error(&item.path, format_args!("`{text}` is {how} twice"));
            }
        }
        seen
    };
    twice(projection.aggregates(), "named");
    let listed = twice(projection.listed(), "listed");
    twice(projection.ignored(), "ignored");
    let mut said = BTreeSet::new();
    for item in projection.ignored() {
        if listed.contains(item.key()) && said.insert(item.key()) {
            let text = &item.text;
            cx.error(
                &item.path,
                format_args!(
                    "`{text}` is listed and ignored\nhelp: remove it from `ignores(..)`, or from `events(..)` if it has no handler"
                ),
            );
        }
    }
}

/// Beside `..` a name would say nothing.
fn others_stand_alone(cx: &mut Ctxt, projection: &Projection<'_>) {
    if let Some(span) = projection.ignores_others
        && !projection.ignored().is_empty()
    {
        cx.error_at(
            span,
            "`..` ignores every event that is not listed\nhelp: write `ignores(..)`, or only the names",
        );
    }
}
