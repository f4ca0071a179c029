//! What the words of a history have in common: parentheses, keys in them, and how one value becomes another.

use proc_macro2::{Span, TokenTree};
use syn::{
    Ident, Type,
    ext::IdentExt,
    parse::{ParseBuffer, ParseStream, Parser},
    token::Paren,
};

use super::{
    Helper, Key, Seen, SerdeItem, Slot, comma,
    serde::list_of_items,
    value::{Value, expression},
};
use crate::ctxt::Ctxt;

/// How an older value becomes the newer one.
#[derive(Clone)]
pub(crate) enum How {
    /// By `From`, or by `Default` where there is no older value.
    Auto,
    Default(Value),
    With(Value),
    TryWith(Value),
}

impl How {
    /// The word and the value that the user gave.
    pub(crate) fn said(&self) -> Option<(&'static str, &Value)> {
        match self {
            Self::Auto => None,
            Self::Default(value) => Some(("default", value)),
            Self::With(value) => Some(("with", value)),
            Self::TryWith(value) => Some(("try_with", value)),
        }
    }
}

/// The slots of the three words, of which one can be given.
pub(super) struct HowSlots(Slot<Value>, Slot<Value>, Slot<Value>);

impl HowSlots {
    pub(super) const fn empty() -> Self {
        Self(Slot::empty(), Slot::empty(), Slot::empty())
    }

    /// Reads the value of one of the three words.
    pub(super) fn read(
        &mut self,
        cx: &mut Ctxt,
        key: &Key,
        helper: &Helper,
        input: ParseStream<'_>,
    ) -> syn::Result<()> {
        let (slot, example) = match key.word {
            "default" => (&mut self.0, "0"),
            "with" => (&mut self.1, "path_or_closure"),
            _ => (&mut self.2, "path_or_closure"),
        };
        let value = expression(key, example, helper, input)?;
        slot.set(cx, key, value);
        Ok(())
    }

    pub(super) fn how(self, cx: &mut Ctxt) -> How {
        let given = [
            self.0.0.map(How::Default),
            self.1.0.map(How::With),
            self.2.0.map(How::TryWith),
        ];
        let mut given = given.into_iter().flatten();
        let how = given.next().unwrap_or(How::Auto);
        if let (Some((one, _)), Some(other)) = (how.said(), given.next())
            && let Some((word, value)) = other.said()
        {
            cx.error_at(
                value.span,
                format_args!(
                    "`{one}` and `{word}` both say what the value is\nhelp: keep one of them"
                ),
            );
        }
        how
    }
}

/// What must be there and is not. `None` where something was reported that may have been it.
pub(super) fn missing<T>(whole: bool, at: Span, message: &str) -> syn::Result<Option<T>> {
    if whole {
        Err(syn::Error::new(at, message))
    } else {
        Ok(None)
    }
}

/// Reads the name of what was there before. A keyword was a name as any other in what is stored.
pub(super) fn old_name(input: ParseStream<'_>, at: Span, what: &str) -> syn::Result<Ident> {
    let message = format!("the name of the {what} stands here, as it was");
    let word = input
        .call(Ident::parse_any)
        .map_err(|_| syn::Error::new(at, message))?;
    let text = word.to_string();
    if ["self", "Self", "super", "crate"].contains(&text.as_str()) {
        let message = format!(
            "no {what} can be called `{text}`\nhelp: give it another name, and say what is stored: `serde(rename = \"{text}\")`"
        );
        return Err(syn::Error::new(word.span(), message));
    }
    if syn::parse_str::<Ident>(&text).is_ok() {
        return Ok(word);
    }
    Ok(Ident::new_raw(&text, word.span()))
}

pub(super) fn old_type(input: ParseStream<'_>) -> syn::Result<Type> {
    let at = input.span();
    input
        .parse()
        .map_err(|_| syn::Error::new(at, "the type of the field stands here, as it was"))
}

/// Reads `(rename = "x")` behind `serde`.
pub(super) fn serde_list(key: &Key, input: ParseStream<'_>) -> syn::Result<Vec<SerdeItem>> {
    let error = || {
        let message = "`serde` takes what the attribute was\nhelp: write `serde(rename = \"..\")`, or `serde()` for none";
        syn::Error::new(key.written.span(), message)
    };
    if !input.peek(Paren) {
        return Err(error());
    }
    let content;
    syn::parenthesized!(content in input);
    let tokens = content.parse()?;
    list_of_items.parse2(tokens).map_err(|_| error())
}

/// What stands in the parentheses behind a word.
pub(super) struct Inside<'a> {
    pub(super) content: ParseBuffer<'a>,
    pub(super) word: Span,
}

pub(super) fn in_parentheses<'a>(
    key: &Key,
    example: &str,
    input: ParseStream<'a>,
) -> syn::Result<Inside<'a>> {
    let word = key.written.span();
    if !input.peek(Paren) {
        let key = key.word;
        let message = format!("`{key}` takes parentheses\nhelp: write `{key}({example})`");
        return Err(syn::Error::new(word, message));
    }
    let content;
    syn::parenthesized!(content in input);
    Ok(Inside { content, word })
}

/// What was not read because of a mistake before it is no mistake of its own.
impl Drop for Inside<'_> {
    fn drop(&mut self) {
        while self.content.parse::<TokenTree>().is_ok() {}
    }
}

impl Inside<'_> {
    /// Where a message about the content stands.
    pub(super) fn span(&self) -> Span {
        if self.content.is_empty() {
            self.word
        } else {
            self.content.span()
        }
    }

    /// Reads the keys behind what stands first; `false` when something was reported.
    pub(super) fn keys(
        &self,
        cx: &mut Ctxt,
        helper: &Helper,
        mut read: impl FnMut(&mut Ctxt, &Key, ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<bool> {
        let mut seen = Seen::default();
        seen.broken |= !comma(cx, &self.content)?;
        helper.keys_of(cx, &self.content, &mut seen, &mut read)?;
        Ok(!seen.broken)
    }
}
