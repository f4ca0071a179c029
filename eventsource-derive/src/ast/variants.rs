//! The variants of an enum through the versions.

use std::ops::Range;

use proc_macro2::Span;
use syn::{Data, DeriveInput, Fields, Ident, Type, parse_quote};

use super::{
    history::{Skipped, Style, read_fields},
    looks::{Look, Track},
};
use crate::{
    attr::{self, At, FieldWas, HadVariant, How, SerdeItem, serde_items},
    ctxt::Ctxt,
    name,
};

/// One variant through the versions.
pub(crate) struct Variant<'a> {
    /// What messages call it.
    pub(crate) name: String,
    pub(crate) at: Span,
    pub(crate) since: Option<At<u32>>,
    /// The version that removed it; `None` where it is there today.
    pub(crate) gone: Option<At<u32>>,
    /// What it was called, the oldest first.
    pub(crate) was: Vec<FieldWas>,
    /// How it was called over some versions; the type says nothing.
    pub(crate) looks: Vec<Look>,
    pub(crate) style: Style,
    /// The places of its fields among all of the enum.
    pub(crate) fields: Range<usize>,
    pub(crate) skipped: Vec<Skipped<'a>>,
    /// What one that is gone becomes.
    pub(crate) how: How,
    pub(crate) serde: Vec<SerdeItem>,
}

impl Variant<'_> {
    /// How the variant was called at a version, if it was there.
    pub(crate) fn look_at(&self, version: u32) -> Option<&Look> {
        Look::at_version(&self.looks, version)
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
        let mut said = attr::Field::read_variant(cx, &variant.attrs);
        said.was.sort_by_key(|was| was.before.value);
        let (fields, skipped, broken_field) = read_fields(cx, variant.fields.iter());
        broken |= said.broken | broken_field;
        let serde = serde_items(&variant.attrs);
        let since = said.since.as_ref().map_or(1, |since| since.value);
        let look = look(since, None, &variant.ident, serde.clone());
        variants.push(Variant {
            name: name::of(&variant.ident),
            at: variant.ident.span(),
            looks: Look::back(look, &said.was, since),
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
            at: had.name.span(),
            looks: vec![look(from, Some(before), &had.name, had.serde)],
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
    fn of(fields: &Fields) -> Self {
        match fields {
            Fields::Named(_) => Self::Named,
            Fields::Unnamed(_) => Self::Newtype,
            Fields::Unit => Self::Unit,
        }
    }
}

fn look(from: u32, before: Option<u32>, name: &Ident, serde: Vec<SerdeItem>) -> Look {
    let ty: Type = parse_quote!(());
    Look {
        from,
        before,
        name: name.clone(),
        ty,
        today: before.is_none(),
        at: name.span(),
        how: How::Auto,
        serde,
        unstated: None,
    }
}
