//! `had(..)`: fields and variants that are gone.

use syn::{
    Fields, Ident, Token, Type,
    ext::IdentExt,
    parse::ParseStream,
    token::{Brace, Paren},
};

use super::{
    At, Helper, Key, SerdeItem, Slot,
    how::{How, HowSlots, Inside, in_parentheses, missing, old_name, old_type, serde_list},
    number,
};
use crate::ctxt::Ctxt;

/// What stands behind a field that is gone.
const HAD: Helper = Helper {
    name: "event",
    what: "`had(..)`",
    keys: &["since", "before", "default", "with", "try_with", "serde"],
    elsewhere: &[],
};
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
