//! The words of a history: what stands in `was(..)`, `had(..)`, `step(..)` and behind `vN`.

use proc_macro2::{Span, TokenTree};
use syn::{
    Fields, Ident, LitInt, LitStr, Path, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token::{Brace, Paren},
};

use super::{
    At, Helper, Key, Kind, NUMBERED, Seen, SerdeItem, Slot, any, comma, number,
    serde::list_of_items,
    value,
    value::{Value, expression},
};
use crate::{ctxt::Ctxt, name};

/// What stands behind the old name and type of a field.
const WAS: Helper = Helper {
    name: "event",
    what: "`was(..)`",
    keys: &["before", "with", "try_with", "serde"],
    elsewhere: &[],
};
/// What stands behind a field that is gone.
const HAD: Helper = Helper {
    name: "event",
    what: "`had(..)`",
    keys: &["since", "before", "default", "with", "try_with", "serde"],
    elsewhere: &[],
};
/// What stands behind the old name of an event, or the old attributes of the type.
const BEFORE: Helper = Helper {
    name: "event",
    what: "`was(..)`",
    keys: &["before"],
    elsewhere: &[],
};
/// What stands behind the number of a step.
const STEP: Helper = Helper {
    name: "event",
    what: "`step(..)`",
    keys: &["with", "try_with"],
    elsewhere: &[],
};

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

/// `was(amount: f64, before = 3, with = f)` on a field.
pub(crate) struct FieldWas {
    pub(crate) at: Span,
    pub(crate) name: Option<Ident>,
    pub(crate) ty: Option<Type>,
    pub(crate) before: At<u32>,
    pub(crate) how: How,
    pub(crate) serde: Option<Vec<SerdeItem>>,
}

/// `had(memo: String, since = 2, before = 4)` on the type.
pub(crate) struct Had {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) since: Option<At<u32>>,
    pub(crate) before: At<u32>,
    pub(crate) fill: How,
    pub(crate) serde: Vec<SerdeItem>,
}

/// `had(Cheque { number: String }, before = 2, with = f)` on an enum.
pub(crate) struct HadVariant {
    pub(crate) name: Ident,
    pub(crate) fields: Fields,
    pub(crate) since: Option<At<u32>>,
    pub(crate) before: At<u32>,
    pub(crate) how: How,
    pub(crate) serde: Vec<SerdeItem>,
}

/// `was("deposit.made", before = 2)` on an event.
pub(crate) struct NameWas {
    pub(crate) name: At<String>,
    pub(crate) before: At<u32>,
}

/// `was(serde(rename_all = "camelCase"), before = 2)` on the type.
pub(crate) struct ContainerWas {
    pub(crate) serde: Vec<SerdeItem>,
    pub(crate) before: At<u32>,
}

/// `step(3, with = f)` on the type.
pub(crate) struct Step {
    pub(crate) to: At<u32>,
    pub(crate) how: How,
}

/// `v1 = legacy::OpenedV1` on the type.
pub(crate) struct Explicit {
    pub(crate) version: At<u32>,
    pub(crate) path: Path,
}

/// What a `was` on the type was: an old name, or old attributes.
pub(super) enum TypeWas {
    Name(NameWas),
    Serde(ContainerWas),
}

/// The number in `v1`.
pub(super) fn version_of(word: &Ident) -> Option<u32> {
    let text = name::of(word);
    let digits = text.strip_prefix('v')?;
    // Not `v01`, and not a word that only begins so.
    (digits.chars().all(|c| c.is_ascii_digit()) && !digits.starts_with('0') || digits == "0")
        .then(|| digits.parse().ok())?
}

pub(super) fn explicit(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<Explicit> {
    const PATH: Kind = Kind {
        name: "the path of a struct",
        example: "OpenedV1",
    };
    let version = version_of(&key.written).unwrap_or_default();
    let written = Key {
        word: NUMBERED,
        written: key.written.clone(),
    };
    let path = value(cx, &written, PATH, input, any::<Path>).map_err(|error| {
        let text = error.to_string().replace(NUMBERED, &name::of(&key.written));
        syn::Error::new(error.span(), text)
    })?;
    let span = key.written.span();
    Ok(Explicit {
        version: At {
            span,
            value: version,
        },
        path,
    })
}

pub(super) fn field_was(
    cx: &mut Ctxt,
    key: &Key,
    input: ParseStream<'_>,
) -> syn::Result<Option<FieldWas>> {
    let inside = in_parentheses(key, "old_name: OldType, before = 2", input)?;
    let at = inside.span();
    let content = &inside.content;
    if content
        .fork()
        .call(Ident::parse_any)
        .is_ok_and(|word| WAS.keys.contains(&name::of(&word).as_str()))
        && (content.peek2(Token![=]) || content.peek2(Paren))
    {
        let message = "the old name or the old type stands first\n\
                       help: write `was(old_name: OldType, before = 2)`, `was(old_name, before = 2)` or `was(_: OldType, before = 2)`";
        return Err(content.error(message));
    }
    let name = if content.parse::<Option<Token![_]>>()?.is_some() {
        None
    } else {
        Some(content.call(Ident::parse_any).map_err(|_| old_name(at))?)
    };
    let ty = match content.parse::<Option<Token![:]>>()? {
        Some(_) => Some(old_type(content)?),
        None => None,
    };
    let mut how = HowSlots::empty();
    let (mut before, mut serde) = (Slot::empty(), Slot::empty());
    let whole = inside.keys(cx, &WAS, |cx, key, input| {
        match key.word {
            "before" => {
                let number = number(cx, key, input)?;
                before.set(cx, key, number);
            }
            "serde" => {
                let items = serde_list(key, input)?;
                serde.set(cx, key, items);
            }
            _ => how.read(cx, key, &WAS, input)?,
        }
        Ok(())
    })?;
    let how = how.how(cx);
    let Some(before) = before.0 else {
        return missing(
            whole,
            at,
            "it is not said until when this was so\nhelp: add `before = N`, the version that changed it",
        );
    };
    Ok(Some(FieldWas {
        at,
        name,
        ty,
        before,
        how,
        serde: serde.0,
    }))
}

pub(super) fn had(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<Option<Had>> {
    let inside = in_parentheses(key, "memo: String, before = 2", input)?;
    let at = inside.span();
    let content = &inside.content;
    let name = content.call(Ident::parse_any).map_err(|_| old_name(at))?;
    if content.parse::<Option<Token![:]>>()?.is_none() {
        let message = format!(
            "the type of `{name}` is missing\nhelp: write `had({name}: String, before = 2)`"
        );
        return Err(syn::Error::new(name.span(), message));
    }
    let ty = old_type(content)?;
    let Some(tail) = had_tail(cx, &inside)? else {
        return Ok(None);
    };
    Ok(Some(Had {
        name,
        ty,
        since: tail.since,
        before: tail.before,
        fill: tail.how,
        serde: tail.serde,
    }))
}

pub(super) fn had_variant(
    cx: &mut Ctxt,
    key: &Key,
    input: ParseStream<'_>,
) -> syn::Result<Option<HadVariant>> {
    let inside = in_parentheses(
        key,
        "Cheque { number: String }, before = 2, with = f",
        input,
    )?;
    let at = inside.span();
    let content = &inside.content;
    let variant = || {
        syn::Error::new(
            at,
            "the variant stands here, as it was\nhelp: write `had(Cheque { number: String }, before = 2, with = f)`",
        )
    };
    let name = content.call(Ident::parse_any).map_err(|_| variant())?;
    let fields = if content.peek(Brace) {
        Fields::Named(content.parse().map_err(|_| variant())?)
    } else if content.peek(Paren) {
        Fields::Unnamed(content.parse().map_err(|_| variant())?)
    } else if content.is_empty() || content.peek(Token![,]) {
        Fields::Unit
    } else {
        return Err(variant());
    };
    let Some(tail) = had_tail(cx, &inside)? else {
        return Ok(None);
    };
    Ok(Some(HadVariant {
        name,
        fields,
        since: tail.since,
        before: tail.before,
        how: tail.how,
        serde: tail.serde,
    }))
}

/// What stands behind what is gone.
struct HadTail {
    since: Option<At<u32>>,
    before: At<u32>,
    how: How,
    serde: Vec<SerdeItem>,
}

fn had_tail(cx: &mut Ctxt, inside: &Inside<'_>) -> syn::Result<Option<HadTail>> {
    let mut how = HowSlots::empty();
    let (mut since, mut before, mut serde) = (Slot::empty(), Slot::empty(), Slot::empty());
    let whole = inside.keys(cx, &HAD, |cx, key, input| {
        match key.word {
            "since" => {
                let number = number(cx, key, input)?;
                since.set(cx, key, number);
            }
            "before" => {
                let number = number(cx, key, input)?;
                before.set(cx, key, number);
            }
            "serde" => {
                let items = serde_list(key, input)?;
                serde.set(cx, key, items);
            }
            _ => how.read(cx, key, &HAD, input)?,
        }
        Ok(())
    })?;
    let how = how.how(cx);
    let Some(before) = before.0 else {
        let message = "it is not said when this was removed\nhelp: add `before = N`, the version that removed it";
        return missing(whole, inside.word, message);
    };
    Ok(Some(HadTail {
        since: since.0,
        before,
        how,
        serde: serde.0.unwrap_or_default(),
    }))
}

/// What stands first in a `was` on the type.
enum TypeWasFirst {
    Name(At<String>),
    Serde(Vec<SerdeItem>),
}

pub(super) fn type_was(
    cx: &mut Ctxt,
    key: &Key,
    names: bool,
    input: ParseStream<'_>,
) -> syn::Result<Option<TypeWas>> {
    let example = if names {
        "\"old.name\", before = 2"
    } else {
        "serde(rename_all = \"camelCase\"), before = 2"
    };
    let inside = in_parentheses(key, example, input)?;
    let content = &inside.content;
    let at = inside.span();
    let first = if names && content.peek(LitStr) {
        let literal: LitStr = content.parse()?;
        TypeWasFirst::Name(At {
            span: literal.span(),
            value: literal.value(),
        })
    } else if content
        .fork()
        .call(Ident::parse_any)
        .is_ok_and(|word| word == "serde")
    {
        let written = content.call(Ident::parse_any)?;
        let key = Key {
            word: "serde",
            written,
        };
        TypeWasFirst::Serde(serde_list(&key, content)?)
    } else {
        let on = "help: what a field was stands on the field; a field that is gone is `had(name: Type, before = N)`";
        let message = if names {
            format!("on the event stands what its stored name was: `was({example})`\n{on}")
        } else {
            format!("on the type stands what its serde attributes were: `was({example})`\n{on}")
        };
        return Err(syn::Error::new(at, message));
    };
    let mut before = Slot::empty();
    let whole = inside.keys(cx, &BEFORE, |cx, key, input| {
        let number = number(cx, key, input)?;
        before.set(cx, key, number);
        Ok(())
    })?;
    let Some(before) = before.0 else {
        return missing(
            whole,
            at,
            "it is not said until when this was so\nhelp: add `before = N`, the version that changed it",
        );
    };
    Ok(Some(match first {
        TypeWasFirst::Name(name) => TypeWas::Name(NameWas { name, before }),
        TypeWasFirst::Serde(serde) => TypeWas::Serde(ContainerWas { serde, before }),
    }))
}

pub(super) fn step(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<Option<Step>> {
    let inside = in_parentheses(key, "2, with = path_or_closure", input)?;
    let at = inside.span();
    let literal: LitInt = inside.content.parse().map_err(|_| {
        let message = "the version to which the step leads stands first\nhelp: write `step(2, with = path_or_closure)`";
        syn::Error::new(at, message)
    })?;
    let value = literal.base10_parse()?;
    let mut how = HowSlots::empty();
    let whole = inside.keys(cx, &STEP, |cx, key, input| how.read(cx, key, &STEP, input))?;
    let how = how.how(cx);
    if how.said().is_none() {
        return missing(
            whole,
            at,
            "a step says how an old value becomes a new one\nhelp: add `with = path_or_closure`",
        );
    }
    let to = At {
        span: literal.span(),
        value,
    };
    Ok(Some(Step { to, how }))
}

/// What must be there and is not. `None` where something was reported that may have been it.
fn missing<T>(whole: bool, at: Span, message: &str) -> syn::Result<Option<T>> {
    if whole {
        Err(syn::Error::new(at, message))
    } else {
        Ok(None)
    }
}

fn old_name(at: Span) -> syn::Error {
    syn::Error::new(at, "the name of the field stands here, as it was")
}

fn old_type(input: ParseStream<'_>) -> syn::Result<Type> {
    let at = input.span();
    input
        .parse()
        .map_err(|_| syn::Error::new(at, "the type of the field stands here, as it was"))
}

/// Reads `(rename = "x")` behind `serde`.
fn serde_list(key: &Key, input: ParseStream<'_>) -> syn::Result<Vec<SerdeItem>> {
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
struct Inside<'a> {
    content: syn::parse::ParseBuffer<'a>,
    word: Span,
}

fn in_parentheses<'a>(key: &Key, example: &str, input: ParseStream<'a>) -> syn::Result<Inside<'a>> {
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
    fn span(&self) -> Span {
        if self.content.is_empty() {
            self.word
        } else {
            self.content.span()
        }
    }

    /// Reads the keys behind what stands first; `false` when something was reported.
    fn keys(
        &self,
        cx: &mut Ctxt,
        helper: &Helper,
        mut read: impl FnMut(&mut Ctxt, &Key, ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<bool> {
        let mut seen = Seen::default();
        comma(cx, &self.content)?;
        helper.keys_of(cx, &self.content, &mut seen, &mut read)?;
        Ok(!seen.broken)
    }
}
