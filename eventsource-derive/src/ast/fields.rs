//! The fields of a struct or a variant through the versions: for each its looks, one after the other.

use proc_macro2::Span;
use syn::{ExprPath, Ident, Type};

use super::restated::{Changed, Open, restated};
use crate::{
    attr::{self, At, FieldWas, Had, How, Nested, SerdeItem, serde_items},
    ctxt::Ctxt,
    name, print,
};

/// One field through the versions.
pub(crate) struct Track<'a> {
    /// The field of today; `None` for one that is gone.
    pub(crate) field: Option<&'a syn::Field>,
    /// What messages call it.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) at: Span,
    pub(crate) since: Option<At<u32>>,
    pub(crate) gone: Option<At<u32>>,
    /// What older values get that do not have it.
    pub(crate) fill: How,
    /// What it was, the oldest first.
    pub(crate) was: Vec<FieldWas>,
    /// What it looked like, the oldest first.
    pub(crate) looks: Vec<Look>,
    pub(crate) nested: Nested,
    pub(crate) opaque: bool,
    pub(crate) serde: Vec<SerdeItem>,
}

/// One look of a field, over some versions.
pub(crate) struct Look {
    pub(crate) from: u32,
    /// The version before which it was so; `None` where it is so today.
    pub(crate) before: Option<u32>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// Whether the type is today's, because nothing else was said.
    pub(crate) today: bool,
    pub(crate) at: Span,
    /// How the look before it becomes this one.
    pub(crate) how: How,
    pub(crate) serde: Vec<SerdeItem>,
    /// What is not said about its attributes.
    pub(crate) open: Option<Open>,
}

/// A field under `#[serde(skip)]`.
pub(crate) struct Skipped<'a> {
    pub(crate) field: &'a syn::Field,
    /// Its place among all fields.
    pub(crate) index: usize,
    pub(crate) ident: Ident,
    /// The function that serde calls for its value, if not `Default`.
    pub(crate) default: Option<ExprPath>,
    /// Whether a history was given to it all the same.
    pub(crate) history: bool,
}

/// Reads the fields of a struct or a variant: those that are stored, those that are not, and whether something could not
/// be read.
pub(super) fn read_fields<'a>(
    cx: &mut Ctxt,
    fields: impl Iterator<Item = &'a syn::Field>,
    all_skipped: bool,
) -> (Vec<Track<'a>>, Vec<Skipped<'a>>, bool) {
    let (mut tracks, mut skipped, mut broken) = (Vec::new(), Vec::new(), false);
    for (index, field) in fields.enumerate() {
        let said = attr::Field::read(cx, &field.attrs);
        broken |= said.broken;
        let ident = ident_of(field, index);
        let serde = serde_items(&field.attrs);
        if all_skipped || serde.iter().any(|item| item.is("skip")) {
            skipped.push(Skipped::new(field, index, ident, &serde, &said));
            continue;
        }
        let mut track = Track::of_field(field, &ident, said, serde);
        if field.ident.is_none() {
            track.name = index.to_string();
        }
        tracks.push(track);
    }
    (tracks, skipped, broken)
}

impl<'a> Skipped<'a> {
    fn new(
        field: &'a syn::Field,
        index: usize,
        ident: Ident,
        serde: &[SerdeItem],
        said: &attr::Field,
    ) -> Self {
        Self {
            field,
            index,
            ident,
            default: default_path(serde),
            history: said.since.is_some()
                || !said.was.is_empty()
                || said.fill.said().is_some()
                || said.nested.numbers().next().is_some(),
        }
    }
}

impl Track<'_> {
    /// The look that the field had at a version, if it was there.
    pub(crate) fn look_at(&self, version: u32) -> Option<&Look> {
        Look::at_version(&self.looks, version)
    }

    /// A field of a variant that is gone, and it with it.
    pub(super) fn of_gone_variant(
        field: &syn::Field,
        index: usize,
        from: u32,
        before: u32,
    ) -> Self {
        let name = match &field.ident {
            Some(ident) => name::of(ident),
            None => index.to_string(),
        };
        let look = Look {
            from,
            before: Some(before),
            name: ident_of(field, index),
            ty: field.ty.clone(),
            today: false,
            at: print::span(field),
            how: How::Auto,
            serde: serde_items(&field.attrs),
            open: None,
        };
        Self {
            name,
            ..Self::of_one_look(look)
        }
    }

    pub(super) fn of_gone(had: Had) -> Self {
        let look = Look {
            from: had.since.as_ref().map_or(1, |since| since.value),
            before: Some(had.before.value),
            at: had.name.span(),
            name: had.name,
            ty: had.ty,
            today: false,
            how: How::Auto,
            serde: had.serde,
            open: None,
        };
        Self {
            since: had.since,
            gone: Some(had.before),
            fill: had.fill,
            ..Self::of_one_look(look)
        }
    }

    /// What is no field of today.
    fn of_one_look(look: Look) -> Self {
        Track {
            field: None,
            name: name::of(&look.name),
            at: look.at,
            since: None,
            gone: None,
            fill: How::Auto,
            was: Vec::new(),
            looks: vec![look],
            nested: Nested::default(),
            opaque: false,
            serde: Vec::new(),
        }
    }
}

impl<'a> Track<'a> {
    fn of_field(
        field: &'a syn::Field,
        ident: &Ident,
        mut said: attr::Field,
        serde: Vec<SerdeItem>,
    ) -> Self {
        said.was.sort_by_key(|was| was.before.value);
        let since = said.since.as_ref().map_or(1, |since| since.value);
        let look = Look {
            from: since,
            before: None,
            name: ident.clone(),
            ty: field.ty.clone(),
            today: true,
            at: ident.span(),
            how: How::Auto,
            serde: serde.clone(),
            open: None,
        };
        let looks = Look::back(look, &said.was, since);
        Self {
            field: Some(field),
            name: name::of(ident),
            at: field
                .ident
                .as_ref()
                .map_or_else(|| print::span(&field.ty), Ident::span),
            since: said.since,
            gone: None,
            fill: said.fill,
            was: said.was,
            looks,
            nested: said.nested,
            opaque: said.opaque,
            serde,
        }
    }
}

impl Look {
    fn at_version(looks: &[Self], version: u32) -> Option<&Self> {
        let here = |look: &&Self| {
            look.from <= version && look.before.is_none_or(|before| version < before)
        };
        looks.iter().find(here)
    }

    /// All looks, the oldest first, from today back: what a `was` leaves out is as it was after it.
    fn back(mut look: Self, was: &[FieldWas], since: u32) -> Vec<Self> {
        let mut looks = Vec::new();
        for was in was.iter().rev() {
            let older = look.older(was, since);
            looks.push(look);
            look = older;
        }
        looks.push(look);
        looks.reverse();
        looks
    }

    /// The look before this one.
    fn older(&mut self, was: &FieldWas, since: u32) -> Self {
        self.from = was.before.value;
        self.how = was.how.clone();
        let name = was.name.clone().unwrap_or_else(|| self.name.clone());
        let ty = was.ty.clone().unwrap_or_else(|| self.ty.clone());
        let changed = Changed {
            name: name::of(&name) != name::of(&self.name),
            ty: print::tokens(&ty) != print::tokens(&self.ty),
        };
        let (serde, open) = restated(&self.serde, was.serde.as_deref(), changed, self.before);
        Self {
            from: since,
            before: Some(was.before.value),
            name,
            ty,
            today: self.today && was.ty.is_none(),
            at: was.at,
            how: How::Auto,
            serde,
            open,
        }
    }
}

/// The name of a field; the number of an unnamed one, as an identifier that no user has.
fn ident_of(field: &syn::Field, index: usize) -> Ident {
    match &field.ident {
        Some(ident) => ident.clone(),
        None => Ident::new(&format!("__{index}"), print::span(&field.ty)),
    }
}

/// The path in `default = "path"`.
fn default_path(serde: &[SerdeItem]) -> Option<ExprPath> {
    let item = serde.iter().find(|item| item.is("default"))?;
    let last = item.tokens.clone().into_iter().last()?;
    let literal: syn::LitStr = syn::parse2(last.into()).ok()?;
    literal.parse().ok()
}
