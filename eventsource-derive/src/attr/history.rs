//! The words of a history: what stands in `was(..)`, `step(..)` and behind `vN`.

use proc_macro2::Span;
use syn::{
    Ident, LitInt, LitStr, Path, Token, Type, ext::IdentExt, parse::ParseStream, token::Paren,
};

use super::{
    At, Helper, Key, Kind, NUMBERED, SerdeItem, Slot, any,
    how::{How, HowSlots, in_parentheses, missing, old_name, old_type, serde_list},
    number, value,
};
use crate::{ctxt::Ctxt, name};

/// What stands behind the old name and type of a field.
const WAS: Helper = Helper {
    name: "event",
    what: "`was(..)`",
    keys: &["before", "with", "try_with", "serde"],
    elsewhere: &[],
};
/// What stands behind the old name of a variant.
const VARIANT_WAS: Helper = Helper {
    name: "event",
    what: "`was(..)`",
    keys: &["before", "serde"],
    elsewhere: &[("on the fields of a variant", &["with", "try_with"])],
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

const UNTIL_WHEN: &str =
    "it is not said until when this was so\nhelp: add `before = N`, the version that changed it";

/// `was(amount: f64, before = 3, with = f)` on a field.
pub(crate) struct FieldWas {
    pub(crate) at: Span,
    pub(crate) name: Option<Ident>,
    pub(crate) ty: Option<Type>,
    pub(crate) before: At<u32>,
    pub(crate) how: How,
    pub(crate) serde: Option<Vec<SerdeItem>>,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
}

/// `was(CreditCard, before = 2)` on a variant.
pub(crate) struct VariantWas {
    pub(crate) at: Span,
    pub(crate) name: Option<Ident>,
    pub(crate) before: At<u32>,
    pub(crate) serde: Option<Vec<SerdeItem>>,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
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
        Some(old_name(content, at, "field")?)
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
        return missing(whole, at, UNTIL_WHEN);
    };
    Ok(Some(FieldWas {
        at,
        name,
        ty,
        before,
        how,
        serde: serde.0,
        whole,
    }))
}

/// Of a variant the name changes; what it holds changes field by field.
pub(super) fn variant_was(
    cx: &mut Ctxt,
    key: &Key,
    input: ParseStream<'_>,
) -> syn::Result<Option<VariantWas>> {
    let only_the_name = |before: &str| {
        format!(
            "a variant had another name: `was(OldName, before = {before})`\nhelp: what its fields were stands on the fields"
        )
    };
    let inside = in_parentheses(key, "OldName, before = 2", input)?;
    let at = inside.span();
    let content = &inside.content;
    let name = if content.parse::<Option<Token![_]>>()?.is_some() {
        None
    } else {
        Some(old_name(content, at, "variant")?)
    };
    if content.peek(Token![:]) {
        return Err(syn::Error::new(at, only_the_name("N")));
    }
    let (mut before, mut serde) = (Slot::empty(), Slot::empty());
    let whole = inside.keys(cx, &VARIANT_WAS, |cx, key, input| {
        if key.word == "before" {
            let number = number(cx, key, input)?;
            before.set(cx, key, number);
        } else {
            let items = serde_list(key, input)?;
            serde.set(cx, key, items);
        }
        Ok(())
    })?;
    let Some(before) = before.0 else {
        return missing(whole, at, UNTIL_WHEN);
    };
    Ok(Some(VariantWas {
        at,
        name,
        before,
        serde: serde.0,
        whole,
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
        return missing(whole, at, UNTIL_WHEN);
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
