//! The keys of `#[projection(..)]` and of `#[reaction(..)]`.

use std::cell::Cell;

use proc_macro2::Span;
use syn::{Attribute, Path, Token, Type, parse::ParseStream};

use super::{
    At, Helper, Key, Kind, Seen, Slot, aggregate::item, any, crate_path, list, no_value, number,
    string, value,
};
use crate::ctxt::Ctxt;

pub(crate) const PROJECTION: Helper = Helper {
    name: "projection",
    what: "projection",
    keys: &[
        "name",
        "version",
        "from",
        "events",
        "ignores",
        "transaction",
        "at_least_once",
        "crate",
    ],
    elsewhere: &[],
};

pub(crate) const REACTION: Helper = Helper {
    name: "reaction",
    what: "reaction",
    keys: &["name", "from", "events", "ignores", "crate"],
    elsewhere: &[
        (
            "to a projection: a reaction is never built anew",
            &["version"],
        ),
        (
            "to a projection: a reaction is delivered to at least once",
            &["transaction", "at_least_once"],
        ),
    ],
};

const NAME: Kind = Kind {
    name: "a string",
    example: "\"balances\"",
};
const AGGREGATE: Kind = Kind {
    name: "the path of an aggregate",
    example: "Account",
};
const EVENT: Kind = Kind {
    name: "the path of an event",
    example: "Opened",
};
const IGNORED: Kind = Kind {
    name: "the path of an event, or `..`",
    example: "Closed",
};
const TRANSACTION: Kind = Kind {
    name: "a type",
    example: "SqliteTx",
};

/// What the attributes of a projection or a reaction say.
#[derive(Default)]
pub(crate) struct Projection {
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    pub(crate) version: Option<At<u32>>,
    pub(crate) from: Option<Listing<Path>>,
    pub(crate) events: Option<Listing<Path>>,
    pub(crate) ignores: Option<Listing<Ignored>>,
    /// Without a type where it could not be read.
    pub(crate) transaction: Option<At<Option<Type>>>,
    pub(crate) at_least_once: Option<At<()>>,
    pub(crate) krate: Option<Path>,
}

/// A list, the key before it, and whether a part of it could not be read.
pub(crate) struct Listing<T> {
    pub(crate) key: Span,
    pub(crate) items: Vec<T>,
    pub(crate) broken: bool,
}

/// One item of `ignores(..)`.
pub(crate) enum Ignored {
    Event(Path),
    /// `..`: all others.
    Others(Span),
}

impl Projection {
    pub(crate) fn read(cx: &mut Ctxt, helper: &Helper, attrs: &[Attribute]) -> Self {
        let (mut name, mut version, mut krate) = (Slot::empty(), Slot::empty(), Slot::empty());
        let (mut from, mut events, mut ignores) = (Slot::empty(), Slot::empty(), Slot::empty());
        let (mut transaction, mut at_least_once) = (Slot::empty(), Slot::empty());
        let seen = helper.each_key(cx, attrs, |cx, key, input| {
            let span = key.written.span();
            match key.word {
                "name" => {
                    let text = string(cx, key, NAME, input)?;
                    name.set(cx, key, text);
                }
                "version" => {
                    let number = number(cx, key, input)?;
                    version.set(cx, key, number);
                }
                "from" => {
                    let all = listing(cx, key, AGGREGATE, input, aggregate)?;
                    from.set(cx, key, all);
                }
                "events" => {
                    let all = listing(cx, key, EVENT, input, event)?;
                    events.set(cx, key, all);
                }
                "ignores" => {
                    let all = listing(cx, key, IGNORED, input, ignored)?;
                    ignores.set(cx, key, all);
                }
                "transaction" => {
                    let ty = value(cx, key, TRANSACTION, input, any::<Type>);
                    let (ty, error) = match ty {
                        Ok(ty) => (Some(ty), None),
                        Err(error) => (None, Some(error)),
                    };
                    transaction.set(cx, key, At { span, value: ty });
                    return error.map_or(Ok(()), Err);
                }
                "at_least_once" => {
                    at_least_once.set(cx, key, At { span, value: () });
                    no_value(key, input)?;
                }
                _ => {
                    let path = crate_path(cx, key, input)?;
                    krate.set(cx, key, path);
                }
            }
            Ok(())
        });
        Self {
            seen,
            name: name.0,
            version: version.0,
            from: from.0,
            events: events.0,
            ignores: ignores.0,
            transaction: transaction.0,
            at_least_once: at_least_once.0,
            krate: krate.0,
        }
    }
}

fn listing<T>(
    cx: &mut Ctxt,
    key: &Key,
    kind: Kind,
    input: ParseStream<'_>,
    read: fn(&mut Ctxt, ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Listing<T>> {
    let broken = Cell::new(false);
    let items = list(cx, key, kind.example, input, |cx, input| {
        let one = read(cx, input);
        broken.set(broken.get() || one.is_err());
        one
    })?;
    Ok(Listing {
        key: key.written.span(),
        items,
        broken: broken.get(),
    })
}

fn aggregate(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<Path> {
    let path = item(cx, input, "from", AGGREGATE)?;
    without_more(input, "an aggregate")?;
    Ok(path)
}

fn event(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<Path> {
    let path = item(cx, input, "events", EVENT)?;
    without_more(input, "an event")?;
    Ok(path)
}

fn ignored(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<Ignored> {
    let span = input.span();
    if input.parse::<Option<Token![..]>>()?.is_some() {
        return Ok(Ignored::Others(span));
    }
    let path = item(cx, input, "ignores", IGNORED)?;
    without_more(input, "an event")?;
    Ok(Ignored::Event(path))
}

/// Behind a path stands a comma, or nothing.
fn without_more(input: ParseStream<'_>, what: &str) -> syn::Result<()> {
    if input.peek(Token![<]) {
        return Err(input.error(format!(
            "{what} is not generic\nhelp: name a type without parameters"
        )));
    }
    if input.peek(Token![as]) {
        return Err(input.error(format!(
            "{what} needs no other name here\nhelp: remove `as` and what follows it"
        )));
    }
    Ok(())
}
