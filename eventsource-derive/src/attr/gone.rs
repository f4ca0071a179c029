//! `had(..)`: fields and variants that are gone.

use proc_macro2::TokenTree;
use syn::{
    Fields, FieldsNamed, FieldsUnnamed, Ident, Token, Type,
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
/// What stands behind a variant that is gone.
const HAD_VARIANT: Helper = Helper {
    name: "event",
    what: "`had(..)`",
    keys: &["since", "before", "with", "try_with", "serde"],
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
    /// Whether all of it could be read.
    pub(crate) whole: bool,
}

/// `had(Cheque { number: String }, before = 2, with = f)` on an enum.
pub(crate) struct HadVariant {
    pub(crate) name: Ident,
    pub(crate) fields: Fields,
    pub(crate) since: Option<At<u32>>,
    pub(crate) before: At<u32>,
    pub(crate) how: How,
    pub(crate) serde: Vec<SerdeItem>,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
}

pub(super) fn had(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<Option<Had>> {
    let inside = in_parentheses(key, "memo: String, before = 2", input)?;
    let at = inside.span();
    let content = &inside.content;
    let name = old_name(content, at, "field")?;
    if content.parse::<Option<Token![:]>>()?.is_none() {
        let message = format!(
            "the type of `{name}` is missing\nhelp: write `had({name}: String, before = 2)`"
        );
        return Err(syn::Error::new(name.span(), message));
    }
    let ty = old_type(content)?;
    let Some(tail) = had_tail(cx, &inside, &HAD)? else {
        return Ok(None);
    };
    Ok(Some(Had {
        name,
        ty,
        since: tail.since,
        before: tail.before,
        fill: tail.how,
        serde: tail.serde,
        whole: tail.whole,
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
    if !content.peek(Ident::peek_any) {
        return Err(variant());
    }
    let name = old_name(content, at, "variant")?;
    // Parsed in a fork first, since what is left in braces would be an error of its own.
    let fields = if content.peek(Brace) {
        content.fork().parse::<FieldsNamed>().map(Fields::Named)
    } else if content.peek(Paren) {
        content.fork().parse::<FieldsUnnamed>().map(Fields::Unnamed)
    } else if content.is_empty() || content.peek(Token![,]) {
        Ok(Fields::Unit)
    } else {
        return Err(variant());
    };
    if !matches!(fields, Ok(Fields::Unit)) {
        content.parse::<TokenTree>()?;
    }
    let fields = fields.map_err(|_| variant())?;
    for attr in fields.iter().flat_map(|field| &field.attrs) {
        if HAD.is(attr) {
            let message = "what the fields of a variant that is gone were before cannot be said here\n\
                           help: write the older shape by hand, `v1 = OldShape`";
            cx.error(attr.path(), message);
        }
    }
    let Some(tail) = had_tail(cx, &inside, &HAD_VARIANT)? else {
        return Ok(None);
    };
    Ok(Some(HadVariant {
        name,
        fields,
        since: tail.since,
        before: tail.before,
        how: tail.how,
        serde: tail.serde,
        whole: tail.whole,
    }))
}

/// What stands behind what is gone.
struct HadTail {
    since: Option<At<u32>>,
    before: At<u32>,
    how: How,
    serde: Vec<SerdeItem>,
    whole: bool,
}

fn had_tail(cx: &mut Ctxt, inside: &Inside<'_>, helper: &Helper) -> syn::Result<Option<HadTail>> {
    let mut how = HowSlots::empty();
    let (mut since, mut before, mut serde) = (Slot::empty(), Slot::empty(), Slot::empty());
    let whole = inside.keys(cx, helper, |cx, key, input| {
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
            _ => how.read(cx, key, helper, input)?,
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
        whole,
    }))
}
