//! The variants of an enum through the versions.

use std::ops::Range;

use proc_macro2::Span;
use syn::{Data, DeriveInput, Expr, Fields, Ident};

use super::{
    fields::{Skipped, Track, read_fields},
    history::Style,
    restated::{Changed, Open, restated},
};
use crate::{
    attr::{self, At, HadVariant, How, SerdeItem, VariantWas, serde_items},
    ctxt::Ctxt,
    name,
};

/// One variant through the versions.
pub(crate) struct Variant<'a> {
    /// What messages call it.
    pub(crate) name: String,
    /// Its number, where one is written.
    pub(crate) number: Option<&'a Expr>,
    pub(crate) at: Span,
    pub(crate) since: Option<At<u32>>,
    /// The version that removed it; `None` where it is there today.
    pub(crate) gone: Option<At<u32>>,
    /// What it was called, the oldest first.
    pub(crate) was: Vec<VariantWas>,
    /// How it was called, the oldest first.
    pub(crate) looks: Vec<NameLook>,
    pub(crate) style: Style,
    /// The places of its fields among all of the enum.
    pub(crate) fields: Range<usize>,
    pub(crate) skipped: Vec<Skipped<'a>>,
    /// What one that is gone becomes.
    pub(crate) how: How,
    pub(crate) serde: Vec<SerdeItem>,
}

/// How a variant was called, over some versions.
pub(crate) struct NameLook {
    pub(crate) from: u32,
    /// The version before which it was so; `None` where it is so today.
    pub(crate) before: Option<u32>,
    pub(crate) name: Ident,
    pub(crate) at: Span,
    pub(crate) serde: Vec<SerdeItem>,
    /// What is not said about its attributes.
    pub(crate) open: Option<Open>,
}

impl Variant<'_> {
    /// Whether it is under `#[serde(skip)]`.
    pub(crate) fn is_never_stored(&self) -> bool {
        self.serde.iter().any(|item| item.is("skip"))
    }

    /// How the variant was called at a version, if it was there.
    pub(crate) fn look_at(&self, version: u32) -> Option<&NameLook> {
        let here = |look: &&NameLook| {
            look.from <= version && look.before.is_none_or(|before| version < before)
        };
        self.looks.iter().find(here)
    }
}

impl NameLook {
    fn new(from: u32, before: Option<u32>, name: &Ident, serde: Vec<SerdeItem>) -> Self {
        Self {
            from,
            before,
            name: name.clone(),
            at: name.span(),
            serde,
            open: None,
        }
    }

    /// All looks, the oldest first, from today back.
    fn back(mut look: Self, was: &[VariantWas]) -> Vec<Self> {
        let since = look.from;
        let mut looks = Vec::new();
        for was in was.iter().rev() {
            let newer = look.name.clone();
            let name = was.name.clone().unwrap_or_else(|| newer.clone());
            let changed = Changed {
                name: name::of(&name) != name::of(&newer),
                ty: false,
            };
            let (serde, open) = restated(&look.serde, was.serde.as_deref(), changed, look.before);
            look.from = was.before.value;
            looks.push(look);
            look = Self {
                from: since,
                before: Some(was.before.value),
                name,
                at: was.at,
                serde,
                open,
            };
        }
        looks.push(look);
        looks.reverse();
        looks
    }
}

/// Reads the variants of today, then those that are gone, and the fields of all of them.
pub(super) fn read<'a>(
    cx: &mut Ctxt,
    original: &'a DeriveInput,
    had: Vec<HadVariant>,
    tracks: &mut Vec<Track<'a>>,
) -> (Vec<Variant<'a>>, bool) {
    let Data::Enum(data) = &original.data else {
        return (Vec::new(), false);
    };
    let mut broken = false;
    let mut variants = Vec::new();
    for variant in &data.variants {
        let mut said = attr::Variant::read(cx, &variant.attrs);
        said.was.sort_by_key(|was| was.before.value);
        let serde = serde_items(&variant.attrs);
        // What it holds is stored as little as the variant is.
        let never = serde.iter().any(|item| item.is("skip"));
        let (fields, skipped, broken_field) = read_fields(cx, variant.fields.iter(), never);
        broken |= said.broken | broken_field;
        let since = said.since.as_ref().map_or(1, |since| since.value);
        let look = NameLook::new(since, None, &variant.ident, serde.clone());
        variants.push(Variant {
            name: name::of(&variant.ident),
            number: variant.discriminant.as_ref().map(|(_, number)| number),
            at: variant.ident.span(),
            looks: NameLook::back(look, &said.was),
            since: said.since,
            gone: None,
            was: said.was,
            style: Style::of(&variant.fields),
            fields: tracks.len()..tracks.len() + fields.len(),
            skipped,
            how: How::Auto,
            serde,
        });
        tracks.extend(fields);
    }
    for had in had {
        let from = had.since.as_ref().map_or(1, |since| since.value);
        let before = had.before.value;
        let fields = had.fields.iter().enumerate();
        let fields =
            fields.map(|(index, field)| Track::of_gone_variant(field, index, from, before));
        let range = tracks.len()..tracks.len() + had.fields.len();
        tracks.extend(fields);
        variants.push(Variant {
            name: name::of(&had.name),
            number: None,
            at: had.name.span(),
            looks: vec![NameLook::new(from, Some(before), &had.name, had.serde)],
            since: had.since,
            gone: Some(had.before),
            was: Vec::new(),
            style: Style::of(&had.fields),
            fields: range,
            skipped: Vec::new(),
            how: had.how,
            serde: Vec::new(),
        });
    }
    (variants, broken)
}

impl Style {
    pub(super) fn of(fields: &Fields) -> Self {
        match fields {
            Fields::Named(_) => Self::Named,
            Fields::Unnamed(_) => Self::Unnamed,
            Fields::Unit => Self::Unit,
        }
    }
}
