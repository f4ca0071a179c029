//! Reads helper attributes. No reader here returns early for good: what is wrong goes to the [`Ctxt`], and reading goes
//! on behind the next comma, so that each mistake is reported once.

mod aggregate;
mod aggregate_id;
mod event;
mod field;
mod gone;
mod history;
mod how;
mod nested;
mod projection;
mod retired;
mod serde;
mod snapshot;
mod value;

pub(crate) use aggregate::{Aggregate, HELPER as AGGREGATE, Listed};
pub(crate) use aggregate_id::{HELPER as AGGREGATE_ID, Id};
pub(crate) use event::{EVENT, Event, SCHEMA};
#[cfg(test)]
pub(crate) use field::FIELD;
pub(crate) use field::{Field, Variant};
pub(crate) use gone::{Had, HadVariant};
pub(crate) use history::{ContainerWas, Explicit, FieldWas, NameWas, Step, VariantWas};
pub(crate) use how::How;
pub(crate) use nested::Nested;
use proc_macro2::{Span, TokenTree};
pub(crate) use projection::{Ignored, Listing, PROJECTION, Projection, REACTION};
pub(crate) use retired::Retired;
pub(crate) use serde::{Item as SerdeItem, items as serde_items};
pub(crate) use snapshot::{HELPER as SNAPSHOT, Snapshot, is_opaque};
use syn::{
    Attribute, Ident, LitInt, LitStr, Meta, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    token::{Bracket, Paren},
};
pub(crate) use value::Value;

use crate::{ctxt::Ctxt, name, print, suggest};

/// A value and the place where the user wrote it.
#[derive(Clone)]
pub(crate) struct At<T> {
    pub(crate) span: Span,
    pub(crate) value: T,
}

/// The value of one key, which can be set once.
pub(crate) struct Slot<T>(Option<T>);

impl<T> Slot<T> {
    const fn empty() -> Self {
        Self(None)
    }

    fn set(&mut self, cx: &mut Ctxt, key: &Key, value: T) {
        if self.0.is_some() {
            cx.error(&key.written, format_args!("`{}` is set twice", key.word));
        } else {
            self.0 = Some(value);
        }
    }
}

/// The helper attribute of one derive.
pub(crate) struct Helper {
    /// Its name.
    pub(crate) name: &'static str,
    /// How messages call its keys.
    pub(crate) what: &'static str,
    /// Its keys, in the order in which messages list them.
    pub(crate) keys: &'static [&'static str],
    /// Keys that stand elsewhere, and where.
    pub(crate) elsewhere: &'static [(&'static str, &'static [&'static str])],
}

/// The key that names the struct of a version: `v1`, `v2` and so on.
pub(crate) const NUMBERED: &str = "vN";

/// A key as it was meant, and as it was written.
pub(crate) struct Key {
    pub(crate) word: &'static str,
    pub(crate) written: Ident,
}

/// Whether there was such an attribute, and whether a part of it could not be read.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) present: bool,
    pub(crate) broken: bool,
}

impl Helper {
    pub(crate) fn is(&self, attr: &Attribute) -> bool {
        attr.path().is_ident(self.name)
    }

    /// Reads each key of the helper attributes among `attrs`; `read` reads what follows the key.
    pub(crate) fn each_key(
        &self,
        cx: &mut Ctxt,
        attrs: &[Attribute],
        mut read: impl FnMut(&mut Ctxt, &Key, ParseStream<'_>) -> syn::Result<()>,
    ) -> Seen {
        let mut seen = Seen::default();
        for attr in attrs.iter().filter(|attr| self.is(attr)) {
            seen.present = true;
            if !matches!(attr.meta, Meta::List(_)) {
                seen.broken = true;
                let (name, key) = (self.name, self.keys[0]);
                let message =
                    format!("the keys stand in parentheses\nhelp: write `#[{name}({key} = ..)]`");
                cx.error(&attr.meta, message);
                continue;
            }
            let all = attr.parse_args_with(|input: ParseStream<'_>| {
                self.keys_of(cx, input, &mut seen, &mut read)
            });
            seen.broken |= cx.ok(all).is_none();
        }
        seen
    }

    fn keys_of(
        &self,
        cx: &mut Ctxt,
        input: ParseStream<'_>,
        seen: &mut Seen,
        read: &mut impl FnMut(&mut Ctxt, &Key, ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<()> {
        while !input.is_empty() {
            let one = self.one_key(cx, input, read);
            if cx.ok(one) != Some(true) {
                seen.broken = true;
                to_next_comma(input)?;
            }
            seen.broken |= !comma(cx, input)?;
        }
        Ok(())
    }

    /// Reads one key and its value; `false` when the key is unknown.
    fn one_key(
        &self,
        cx: &mut Ctxt,
        input: ParseStream<'_>,
        read: &mut impl FnMut(&mut Ctxt, &Key, ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<bool> {
        if !input.peek(Ident::peek_any) {
            let message = format!(
                "a key is expected here\nhelp: write `#[{}({} = ..)]`",
                self.name, self.keys[0]
            );
            return Err(input.error(message));
        }
        let written = input.call(Ident::parse_any)?;
        if self.keys.contains(&NUMBERED) && history::version_of(&written).is_some() {
            let word = NUMBERED;
            read(cx, &Key { word, written }, input)?;
            return Ok(true);
        }
        let text = name::of(&written);
        let belongs = |(_, keys): &&(_, &[&str])| keys.contains(&text.as_str());
        if !self.keys.contains(&text.as_str())
            && let Some((place, _)) = self.elsewhere.iter().find(belongs)
        {
            return Err(syn::Error::new(
                written.span(),
                format!("`{text}` belongs {place}"),
            ));
        }
        let Some(word) = suggest::key(cx, self.what, &written, self.keys) else {
            return Ok(false);
        };
        read(cx, &Key { word, written }, input)?;
        Ok(true)
    }
}

/// Reads the comma before the next item, if there is one; `false` where it is missing, which is reported.
fn comma(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<bool> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(true);
    }
    cx.error_at(input.span(), "a `,` is missing before this");
    if !input.peek(Ident::peek_any) {
        to_next_comma(input)?;
        input.parse::<Option<Token![,]>>()?;
    }
    // A word is read as the next item all the same.
    Ok(false)
}

/// Steps over a value that could not be read.
fn to_next_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Refuses a value behind a key that has none.
fn no_value(key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) || input.peek(Ident::peek_any) {
        return Ok(());
    }
    let word = key.word;
    let message = format!("`{word}` takes no value\nhelp: write `{word}`");
    Err(syn::Error::new(key.written.span(), message))
}

/// What a value is, in words, and an example of one.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
}

impl Kind {
    fn error(self, at: Span, key: &Key) -> syn::Error {
        let (word, Self { name, example }) = (key.word, self);
        syn::Error::new(
            at,
            format!("`{word}` is {name}\nhelp: write `{word} = {example}`"),
        )
    }
}

/// Reads `= value` as a string.
fn string(cx: &mut Ctxt, key: &Key, kind: Kind, input: ParseStream<'_>) -> syn::Result<At<String>> {
    let word = key.word;
    equals(key, kind, input)?;
    let at = input.span();
    if let Ok(literal) = input.parse::<LitStr>() {
        return Ok(At {
            span: at,
            value: literal.value(),
        });
    }
    // One word or number is taken as the string that was meant.
    let end = input.fork();
    let one_token = end.parse::<TokenTree>().is_ok() && (end.is_empty() || end.peek(Token![,]));
    if !one_token || input.peek(Token![,]) || input.peek(Paren) {
        return Err(kind.error(at, key));
    }
    let value = print::tokens(&input.parse::<TokenTree>()?);
    cx.error_at(
        at,
        format_args!(
            "`{word}` is {}\nhelp: write `{word} = \"{value}\"`",
            kind.name
        ),
    );
    Ok(At { span: at, value })
}

/// Reads `= number`.
fn number(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<At<u32>> {
    const NUMBER: Kind = Kind {
        name: "a whole number from 1 to 4294967295",
        example: "2",
    };
    let kind = match key.word {
        "version" => Kind {
            example: "1",
            ..NUMBER
        },
        _ => NUMBER,
    };
    let literal = value(cx, key, kind, input, any::<LitInt>)?;
    let span = literal.span();
    let value = literal.base10_parse().map_err(|_| kind.error(span, key))?;
    Ok(At { span, value })
}

/// Reads `= value` as anything that is no string; in a string it is reported and read as it was meant.
fn value<T>(
    cx: &mut Ctxt,
    key: &Key,
    kind: Kind,
    input: ParseStream<'_>,
    parse: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let word = key.word;
    equals(key, kind, input)?;
    let at = input.span();
    if let Ok(literal) = input.fork().parse::<LitStr>() {
        let Ok(meant) = literal.parse_with(parse) else {
            input.parse::<LitStr>()?;
            return Err(kind.error(at, key));
        };
        input.parse::<LitStr>()?;
        let text = literal.value();
        cx.error(
            &literal,
            format_args!(
                "`{word}` is {}, not a string\nhelp: write `{word} = {text}`",
                kind.name
            ),
        );
        return Ok(meant);
    }
    // syn's own words would list what its grammar allows, which says little to a user.
    parse(input).map_err(|_| kind.error(at, key))
}

fn equals(key: &Key, kind: Kind, input: ParseStream<'_>) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() && !input.is_empty() {
        return Ok(());
    }
    let (word, Kind { example, .. }) = (key.word, kind);
    Err(syn::Error::new(
        key.written.span(),
        format!("`{word}` takes a value\nhelp: write `{word} = {example}`"),
    ))
}

/// Reads `(item, item, ..)`. An item that cannot be read is reported, and the next one is read. `= item` and
/// `= [item, ..]` are reported and read as they were meant.
fn list<T>(
    cx: &mut Ctxt,
    key: &Key,
    example: &str,
    input: ParseStream<'_>,
    item: impl Fn(&mut Ctxt, ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let error = || {
        let word = key.word;
        let listed = listed(word, example);
        let message = format!("`{word}` takes a list in parentheses\nhelp: write `{listed}`");
        syn::Error::new(key.written.span(), message)
    };
    if !input.peek(Paren) {
        let assigned = input.parse::<Option<Token![=]>>()?.is_some();
        if !assigned || input.is_empty() || input.peek(Token![,]) {
            return Err(error());
        }
        cx.push(error());
    }
    let content;
    if input.peek(Paren) {
        syn::parenthesized!(content in input);
    } else if input.peek(Bracket) {
        syn::bracketed!(content in input);
    } else {
        return Ok(vec![item(cx, input)?]);
    }
    let mut items = Vec::new();
    while !content.is_empty() {
        let one = item(cx, &content);
        match cx.ok(one) {
            Some(one) => items.push(one),
            None => to_next_comma(&content)?,
        }
        comma(cx, &content)?;
    }
    Ok(items)
}

/// A list as a message shows it. Where `..` is an item itself, it cannot stand for more of them.
fn listed(word: &str, example: &str) -> String {
    match word {
        "ignores" => format!("ignores({example})"),
        _ => format!("{word}({example}, ..)"),
    }
}

/// Reads `crate = path`. A relative path would be looked up in the scope of the derived type, which can differ from
/// type to type; so it is refused, and the usual path stands in for it.
fn crate_path(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<Path> {
    const PATH: Kind = Kind {
        name: "a path",
        example: "::eventsource_core",
    };
    let path = value(cx, key, PATH, input, Path::parse_mod_style)?;
    if path.leading_colon.is_none() && path.segments[0].ident != "crate" {
        let text = print::tokens(&path);
        cx.error(
            &path,
            format_args!(
                "the path must be absolute\nhelp: write `::{text}` for another crate, or start it with `crate::`"
            ),
        );
        return Ok(crate_or_default(None));
    }
    Ok(path)
}

/// The path under which the generated code finds `eventsource-core`.
pub(crate) fn crate_or_default(path: Option<Path>) -> Path {
    path.unwrap_or_else(|| syn::parse_quote!(::eventsource_core))
}

/// Parses what `T` is; a function, since a method cannot be named for all `T`.
fn any<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse()
}
