//! The keys of `#[event(..)]` on a field, and on a variant.

use syn::Attribute;

use super::{
    At, FieldWas, Helper, How, Nested, Slot, VariantWas, history, how::HowSlots, nested, no_value,
    number,
};
use crate::ctxt::Ctxt;

pub(crate) const FIELD: Helper = Helper {
    name: "event",
    what: "field",
    keys: &[
        "since", "was", "default", "with", "try_with", "nested", "opaque",
    ],
    elsewhere: &[(
        "on the type, not on a field",
        &[
            "name", "version", "oldest", "had", "step", "shape", "sample", "crate",
        ],
    )],
};

const VARIANT: Helper = Helper {
    name: "event",
    what: "variant",
    keys: &["since", "was", "had"],
    elsewhere: &[
        (
            "on the type, not on a variant",
            &[
                "name", "version", "oldest", "step", "shape", "sample", "crate",
            ],
        ),
        (
            "on a field, not on a variant",
            &["default", "with", "try_with", "nested", "opaque"],
        ),
    ],
};

/// What the attributes of a field say about its history.
pub(crate) struct Field {
    /// Whether something could not be read, so that what is missing may have been it.
    pub(crate) broken: bool,
    pub(crate) since: Option<At<u32>>,
    pub(crate) fill: How,
    pub(crate) was: Vec<FieldWas>,
    pub(crate) nested: Nested,
    pub(crate) opaque: bool,
}

/// What the attributes of a variant say about its history.
pub(crate) struct Variant {
    pub(crate) broken: bool,
    pub(crate) since: Option<At<u32>>,
    pub(crate) was: Vec<VariantWas>,
}

impl Field {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        let (mut since, mut held, mut opaque) = (Slot::empty(), Slot::empty(), Slot::empty());
        let mut fill = HowSlots::empty();
        let mut was = Vec::new();
        let mut broken = false;
        let seen = FIELD.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "since" => {
                    let number = number(cx, key, input)?;
                    since.set(cx, key, number);
                }
                "nested" => {
                    let one = nested::nested(cx, key, input)?;
                    held.set(cx, key, one);
                }
                "opaque" => {
                    no_value(key, input)?;
                    opaque.set(cx, key, ());
                }
                "was" => match history::field_was(cx, key, input)? {
                    Some(one) => {
                        broken |= !one.whole;
                        was.push(one);
                    }
                    None => broken = true,
                },
                _ => fill.read(cx, key, &FIELD, input)?,
            }
            Ok(())
        });
        Self {
            broken: broken || seen.broken,
            since: since.0,
            fill: fill.how(cx),
            was,
            nested: held.0.unwrap_or_default(),
            opaque: opaque.0.is_some(),
        }
    }
}

impl Variant {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        let mut since = Slot::empty();
        let mut was = Vec::new();
        let mut broken = false;
        let seen = VARIANT.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "since" => {
                    let number = number(cx, key, input)?;
                    since.set(cx, key, number);
                }
                "was" => match history::variant_was(cx, key, input)? {
                    Some(one) => {
                        broken |= !one.whole;
                        was.push(one);
                    }
                    None => broken = true,
                },
                _ => return Err(syn::Error::new(key.written.span(), HAD_ON_A_VARIANT)),
            }
            Ok(())
        });
        Self {
            broken: broken || seen.broken,
            since: since.0,
            was,
        }
    }
}

/// On the type it would be a variant that is gone.
const HAD_ON_A_VARIANT: &str = "a field that is gone cannot be described on a variant\n\
    help: put the fields of the variant into a struct that derives `Schema`, or write the older shape by hand, `v1 = OldShape`";
