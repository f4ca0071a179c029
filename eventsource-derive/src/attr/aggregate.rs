//! The keys of `#[aggregate(..)]` on a state.

use quote::ToTokens;
use syn::{Attribute, Ident, Path, Token, Type, parse::ParseStream, token::Paren};

use super::{
    At, Helper, Kind, Retired, Seen, Slot, any, crate_path, list, listed as example_of,
    retired::retired, string, value,
};
use crate::{ctxt::Ctxt, print};

pub(crate) const HELPER: Helper = Helper {
    name: "aggregate",
    what: "aggregate",
    keys: &[
        "name",
        "id",
        "error",
        "events",
        "retired",
        "created_by",
        "event_enum",
        "event_derives",
        "crate",
    ],
    elsewhere: &[],
};

const NAME: Kind = Kind {
    name: "a string",
    example: "\"account\"",
};
const ID: Kind = Kind {
    name: "a type",
    example: "AccountId",
};
const ERROR: Kind = Kind {
    name: "a type",
    example: "AccountError",
};
const EVENT: Kind = Kind {
    name: "the path of an event",
    example: "Opened",
};
const ENUM: Kind = Kind {
    name: "a name for the generated enum",
    example: "AccountEvent",
};

/// What the attributes of an aggregate say.
pub(crate) struct Aggregate {
    pub(crate) seen: Seen,
    pub(crate) name: Option<At<String>>,
    pub(crate) id: Option<Type>,
    pub(crate) error: Option<Type>,
    pub(crate) events: Option<At<Vec<Listed>>>,
    pub(crate) retired: Vec<Retired>,
    pub(crate) created_by: Option<Path>,
    pub(crate) event_enum: Option<Ident>,
    pub(crate) event_derives: Vec<Path>,
    pub(crate) krate: Option<Path>,
}

/// One event of the list: `path::To::Opened`, or `path::To::Opened as FirstOpened`.
pub(crate) struct Listed {
    pub(crate) path: Path,
    pub(crate) alias: Option<Ident>,
}

impl Aggregate {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        let (mut name, mut id, mut error) = (Slot::empty(), Slot::empty(), Slot::empty());
        let (mut events, mut created_by) = (Slot::empty(), Slot::empty());
        let (mut event_enum, mut event_derives) = (Slot::empty(), Slot::empty());
        let (mut krate, mut all_retired) = (Slot::empty(), Vec::new());
        let seen = HELPER.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "name" => {
                    let text = string(cx, key, NAME, input)?;
                    name.set(cx, key, text);
                }
                "id" => {
                    let ty = value(cx, key, ID, input, any::<Type>)?;
                    id.set(cx, key, ty);
                }
                "error" => {
                    let ty = value(cx, key, ERROR, input, any::<Type>)?;
                    error.set(cx, key, ty);
                }
                "events" => {
                    let span = key.written.span();
                    let value = list(cx, key, EVENT.example, input, listed)?;
                    events.set(cx, key, At { span, value });
                }
                "retired" => all_retired.extend(retired(cx, key, input)?),
                "created_by" => {
                    let path = value(cx, key, EVENT, input, Path::parse_mod_style)?;
                    created_by.set(cx, key, path);
                }
                "event_enum" => {
                    let ident = value(cx, key, ENUM, input, any::<Ident>)?;
                    event_enum.set(cx, key, ident);
                }
                "event_derives" => {
                    let paths = list(cx, key, "Clone", input, derived)?;
                    event_derives.set(cx, key, paths);
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
            id: id.0,
            error: error.0,
            events: events.0,
            retired: all_retired,
            created_by: created_by.0,
            event_enum: event_enum.0,
            event_derives: event_derives.0.unwrap_or_default(),
            krate: krate.0,
        }
    }
}

/// Reads one event of the list.
fn listed(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<Listed> {
    let path = item(cx, input, "events", EVENT)?;
    if input.peek(Token![<]) {
        let text = print::tokens(&path);
        return Err(input.error(format!(
            "an event is not generic\nhelp: list a struct of its own in place of `{text}<..>`"
        )));
    }
    if input.parse::<Option<Token![as]>>()?.is_none() {
        return Ok(Listed { path, alias: None });
    }
    let at = input.span();
    let alias = input.parse().map_err(|_| {
        let text = print::tokens(&path);
        let message = format!("a name is expected after `as`\nhelp: write `{text} as Another`");
        syn::Error::new(at, message)
    })?;
    Ok(Listed {
        path,
        alias: Some(alias),
    })
}

/// Reads one trait that the enum shall derive.
fn derived(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<Path> {
    const DERIVE: Kind = Kind {
        name: "the path of a derive",
        example: "Clone",
    };
    item(cx, input, "event_derives", DERIVE)
}

/// Reads one path of a list. Nothing else may stand in it: what is not known must not be ignored.
pub(super) fn item(
    cx: &mut Ctxt,
    input: ParseStream<'_>,
    list: &str,
    kind: Kind,
) -> syn::Result<Path> {
    let Kind { name, example } = kind;
    if let Ok(literal) = input.fork().parse::<syn::LitStr>() {
        input.parse::<syn::LitStr>()?;
        let text = literal.value();
        let meant = literal.parse_with(Path::parse_mod_style);
        let example = if meant.is_ok() { &*text } else { example };
        let listed = example_of(list, example);
        let message = format!("`{list}(..)` takes {name}, not a string\nhelp: write `{listed}`");
        let error = syn::Error::new(literal.span(), message);
        let Ok(meant) = meant else { return Err(error) };
        cx.push(error);
        return Ok(meant);
    }
    let at = input.span();
    let path = input.call(Path::parse_mod_style);
    match path {
        Ok(path) if input.peek(Paren) || input.peek(Token![=]) => {
            let text = print::tokens(&path);
            let listed = example_of(list, example);
            let message = format!("unknown item `{text}` in `{list}(..)`\nhelp: write `{listed}`");
            Err(syn::Error::new_spanned(path, message))
        }
        Ok(path) if names_an_item(&path) => Ok(path),
        _ => {
            let listed = example_of(list, example);
            let message = format!("`{list}(..)` takes {name}\nhelp: write `{listed}`");
            Err(syn::Error::new(at, message))
        }
    }
}

/// `crate`, `self` and `super` are places, not items.
fn names_an_item(path: &Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| syn::parse2::<Ident>(last.ident.to_token_stream()).is_ok())
}
