//! The keys of `#[event(..)]` on a field, and on a variant.

use syn::Attribute;

use super::{At, FieldWas, Helper, How, Nested, Slot, history, how::HowSlots, nested, number};
use crate::ctxt::Ctxt;

pub(crate) const FIELD: Helper = Helper {
    name: "event",
    what: "field",
    keys: &[
        "since", "was", "default", "with", "try_with", "nested", "opaque",
    ],
    elsewhere: &[(
        "on the type, not on a field",
        &["name", "version", "oldest", "had", "step", "shape", "crate"],
    )],
};

const VARIANT: Helper = Helper {
    name: "event",
    what: "variant",
    keys: &["since", "was"],
    elsewhere: &[
        (
            "on the type, not on a variant",
            &["name", "version", "oldest", "had", "step", "shape", "crate"],
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

impl Field {
    pub(crate) fn read(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        Self::read_keys(cx, &FIELD, attrs)
    }

    /// A variant has some of the keys of a field.
    pub(crate) fn read_variant(cx: &mut Ctxt, attrs: &[Attribute]) -> Self {
        Self::read_keys(cx, &VARIANT, attrs)
    }

    fn read_keys(cx: &mut Ctxt, helper: &Helper, attrs: &[Attribute]) -> Self {
        let (mut since, mut held, mut opaque) = (Slot::empty(), Slot::empty(), Slot::empty());
        let mut fill = HowSlots::empty();
        let mut was = Vec::new();
        let mut broken = false;
        let seen = helper.each_key(cx, attrs, |cx, key, input| {
            match key.word {
                "since" => {
                    let number = number(cx, key, input)?;
                    since.set(cx, key, number);
                }
                "nested" => {
                    let one = nested::nested(cx, key, input)?;
                    held.set(cx, key, one);
                }
                "opaque" => opaque.set(cx, key, ()),
                "was" => match history::field_was(cx, key, input)? {
                    Some(one) => was.push(one),
                    None => broken = true,
                },
                _ => fill.read(cx, key, helper, input)?,
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
