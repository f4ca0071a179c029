//! One `retired("stored.name", from = Old, into = f)` on a state.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Ident, LitStr, Path, Token, ext::IdentExt, parse::ParseStream, token::Paren};

use super::{
    At, Helper, Key, Kind, Slot, comma, to_next_comma, value,
    value::{Value, expression},
};
use crate::{ctxt::Ctxt, print, suggest};

const EXAMPLE: &str = "retired(\"account.viewed\", from = legacy::Viewed, into = |_| [])";
const HELPER: Helper = Helper {
    name: "retired",
    what: "retired",
    keys: &["from", "into"],
    elsewhere: &[],
};
const FROM: Kind = Kind {
    name: "the path of the old event",
    example: "legacy::Viewed",
};
const INTO: Kind = Kind {
    name: "a function or a closure",
    example: "|_| []",
};

/// A retired event.
pub(crate) struct Retired {
    pub(crate) name: At<String>,
    pub(crate) from: Path,
    pub(crate) into: Value,
}

/// Reads what follows `retired`; `None` when a part of it could not be read, which is reported.
pub(super) fn retired(
    cx: &mut Ctxt,
    key: &Key,
    input: ParseStream<'_>,
) -> syn::Result<Option<Retired>> {
    if !input.peek(Paren) {
        let message = format!(
            "`retired` takes the stored name, `from` and `into` in parentheses\nhelp: write `{EXAMPLE}`"
        );
        return Err(syn::Error::new(key.written.span(), message));
    }
    let content;
    syn::parenthesized!(content in input);
    let name = name(cx, key, &content);
    let name = cx.ok(name);
    let (mut from, mut into) = (Slot::empty(), Slot::empty());
    let mut broken = name.is_none();
    if broken {
        to_next_comma(&content)?;
    }
    comma(cx, &content)?;
    while !content.is_empty() {
        let one = one_key(cx, &content, &mut from, &mut into);
        if cx.ok(one) != Some(true) {
            broken = true;
            to_next_comma(&content)?;
        }
        comma(cx, &content)?;
    }
    let Some(name) = name.filter(|_| !broken) else {
        return Ok(None);
    };
    let (from, into) = match (from.0, into.0) {
        (Some(from), Some(into)) => (from, into),
        (from, into) => {
            let (missing, help) = match (from, into) {
                (Some(_), _) => (
                    "`into`",
                    "`into = |_| []` to drop it, or a function that gives today's events in its place",
                ),
                (_, Some(_)) => ("`from`", "`from = legacy::Viewed`, the struct that it was"),
                _ => (
                    "`from` and `into`",
                    "`from = legacy::Viewed, into = |_| []`",
                ),
            };
            let At { span, value } = name;
            cx.error_at(
                span,
                format_args!(
                    "missing {missing} on the retired event \"{value}\"\nhelp: add {help}"
                ),
            );
            return Ok(None);
        }
    };
    Ok(Some(Retired { name, from, into }))
}

/// Reads the stored name. As `name = ".."`, or as a word, it is reported and read as it was meant.
fn name(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<At<String>> {
    let ahead = input.fork();
    let word = ahead.call(Ident::parse_any).ok();
    let is_key = word.is_some() && ahead.peek(Token![=]);
    if let Some(word) = word.filter(|word| is_key && word == "name") {
        cx.error(
            &word,
            format_args!(
                "the stored name of a retired event stands alone\nhelp: write `{EXAMPLE}`"
            ),
        );
        input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
    } else if is_key || input.is_empty() {
        let message = format!("`retired` begins with the stored name\nhelp: write `{EXAMPLE}`");
        return Err(syn::Error::new(key.written.span(), message));
    }
    let span = input.span();
    if let Ok(literal) = input.parse::<LitStr>() {
        let value = literal.value();
        return Ok(At { span, value });
    }
    let mut value = String::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value += &print::tokens(&input.parse::<TokenTree>()?);
    }
    let message = format!("the stored name is a string\nhelp: write `retired(\"{value}\", ..)`");
    cx.error_at(span, message);
    Ok(At { span, value })
}

/// Reads `from = ..` or `into = ..`; `false` when the key is unknown.
fn one_key(
    cx: &mut Ctxt,
    input: ParseStream<'_>,
    from: &mut Slot<Path>,
    into: &mut Slot<Value>,
) -> syn::Result<bool> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format_args!(
            "`from` or `into` is expected here\nhelp: write `{EXAMPLE}`"
        )));
    }
    let written = input.call(Ident::parse_any)?;
    let Some(word) = suggest::key(cx, HELPER.what, &written, HELPER.keys) else {
        return Ok(false);
    };
    let key = Key { word, written };
    if word == "from" {
        let path = value(cx, &key, FROM, input, Path::parse_mod_style)?;
        if input.peek(Token![<]) {
            let text = print::tokens(&path);
            return Err(input.error(format!(
                "an event is not generic\nhelp: name a struct of its own in place of `{text}<..>`"
            )));
        }
        from.set(cx, &key, path);
    } else {
        let is_text = input.peek2(LitStr);
        let expression = expression(&key, INTO.example, &HELPER, input);
        if expression.is_err() {
            // Where it ends is not known, so nothing behind it is either.
            input.parse::<TokenStream>()?;
        }
        let expression = expression?;
        if is_text {
            return Err(INTO.error(expression.span, &key));
        }
        into.set(cx, &key, expression);
    }
    Ok(true)
}
